// SPDX-License-Identifier: Apache-2.0
//
// What the broker may bring that no gateway sends: each is counted under its reason
// and dropped, and the service goes on.
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

std::string Dropped(const std::string& reason) {
  return absl::StrCat("wirepas_grpc_broker_messages_dropped_total{reason=\"", reason, "\"}");
}

class BadInputTest : public SharedStack<BadInputTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.broker.max_queued_messages = 100000;
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0"};
    options.service = {"--response_linger", "10m", "--uplink_linger", "10m"};
    return options;
  }

 protected:
  // Has the service take all kinds of messages from the broker.
  void SetUp() override {
    peer_ = stack().NewPeer();
    uplinks_ = std::make_unique<UplinkStream>(stub());
    downlinks_ = std::make_unique<StreamReader<mesh::SubscribeDownlinkResponse>>(
        stub(), &Stub::SubscribeDownlink, mesh::SubscribeDownlinkRequest());
    ASSERT_TRUE(downlinks_->Next().has_value());
  }

  void Publish(const std::string& topic, const std::string& payload) {
    ASSERT_TRUE(IsOk(peer_->Publish(topic, payload))) << topic.substr(0, 100);
  }

  // Every kind of message still gets through, so all that came before was seen; the
  // broker keeps the order of what one client sends.
  void ExpectServing() {
    static uint64_t id = 1'000'000;
    ++id;
    Publish(UplinkTopic("by-hand", "s"), Encoded(UplinkEvent("by-hand", "s", id)));
    std::optional<mesh::Uplink> uplink;
    do {
      uplink = uplinks_->TakeOne();
    } while (uplink.has_value() && uplink->event_id() != id);
    EXPECT_TRUE(uplink.has_value());
    EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink)).status));
    std::optional<mesh::SubscribeDownlinkResponse> downlink = downlinks_->Next();
    EXPECT_TRUE(downlink.has_value());
    const auto gateways = Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest());
    ASSERT_EQ(gateways.response.gateways_size(), 2) << gateways.response.ShortDebugString();
    EXPECT_EQ(gateways.response.gateways(0).gateway_id(), "by-hand");
  }

  // Publishes the messages and expects that each is dropped for this reason.
  void ExpectDropped(const std::string& reason,
                     const std::vector<std::pair<std::string, std::string>>& messages) {
    const double before = stack().service().Metric(Dropped(reason));
    ASSERT_GE(before, 0);
    for (const auto& [topic, payload] : messages) Publish(topic, payload);
    ExpectServing();
    EXPECT_EQ(stack().service().Metric(Dropped(reason)),
              before + static_cast<double>(messages.size()));
  }

  std::unique_ptr<MqttPeer> peer_;
  std::unique_ptr<UplinkStream> uplinks_;
  std::unique_ptr<StreamReader<mesh::SubscribeDownlinkResponse>> downlinks_;
};

TEST_F(BadInputTest, TopicsOfTheWrongDepthOrWithBadLevels) {
  const std::string payload = Encoded(UplinkEvent("gw", "s", 1));
  std::vector<std::pair<std::string, std::string>> messages;
  for (const char* topic : {
           "gw-event/received_data",
           "gw-event/received_data/gw",
           "gw-event/received_data/gw/s/1/1",
           "gw-event/received_data/gw/s/1/1/1/1",
           "gw-event/received_data//s/1/1/1",
           "gw-event/received_data/gw//1/1/1",
           "gw-event/received_data/gw/s//1/1",
           "gw-event/received_data/gw/s/1/1/",
           "gw-event/received_data/gw/s/-1/1/1",
           "gw-event/received_data/gw/s/x/1/1",
           "gw-event/received_data/gw/s/1/256/1",
           "gw-event/received_data/gw/s/1/1/99999999999999999999",
           "gw-event/received_data/gw/s/4294967296/1/1",
           "gw-event/received_data/gw/s/1/ 1/1",
           "gw-event/received_data/g\xC3\xBC/s/1/1/1",
           "gw-event/received_data/\xE6\xBC\xA2\xE5\xAD\x97/s/1/1/1",
           "gw-event/received_data/gw/\xF0\x9F\x93\xA1/1/1/1",
           "gw-event/status/",
           "gw-event/status/\xC3\xBC",
           "gw-request/send_data/",
           "gw-request/send_data/gw",
           "gw-request/send_data/gw/s/x",
           "gw-response/send_data/gw",
           "gw-response/send_data//s",
       }) {
    messages.push_back({topic, payload});
  }
  std::string deep = "gw-event/received_data";
  for (int i = 0; i < 150; ++i) deep += "/x";
  messages.push_back({deep, payload});
  ExpectDropped("malformed_topic", messages);
}

TEST_F(BadInputTest, TopicsThatNobodyDefined) {
  ExpectDropped("unknown_topic", {{"gw-response/open_the_pod_bay_doors/gw", "x"},
                                  {"gw-response/SEND_DATA/gw/s", "x"}});
}

TEST_F(BadInputTest, TopicsAsLongAsMqttAllows) {
  const std::string payload = Encoded(UplinkEvent("gw", "s", 1));
  const auto filled = [](const std::string& head, const std::string& tail) {
    return absl::StrCat(head, std::string(65535 - head.size() - tail.size(), 'x'), tail);
  };
  ExpectDropped("malformed_topic", {{filled("gw-event/received_data/", "/s/1/1/1"), payload},
                                    {filled("gw-event/received_data/gw/", "/1/1/1"), payload},
                                    {filled("gw-event/status/", ""), payload},
                                    {filled("gw-request/send_data/gw/", ""), payload}});
}

TEST_F(BadInputTest, RandomBytesInPlaceOfMessages) {
  std::mt19937 random(4711);
  const double before = stack().service().Metric(Dropped("malformed_payload")) +
                        stack().service().Metric(Dropped("unexpected_content"));
  constexpr int kMessages = 400;
  const std::vector<std::string> topics = {UplinkTopic("gw", "s"), StatusTopic("gw"),
                                           SendDataTopic("gw", "s"), "gw-response/get_configs/gw",
                                           "gw-response/send_data/gw/s"};
  for (int i = 0; i < kMessages; ++i) {
    std::string payload(1 + random() % 200, '\0');
    for (char& byte : payload) byte = static_cast<char>(random());
    Publish(topics[static_cast<size_t>(i) % topics.size()], payload);
  }
  ExpectServing();
  const double after = stack().service().Metric(Dropped("malformed_payload")) +
                       stack().service().Metric(Dropped("unexpected_content"));
  EXPECT_EQ(after, before + kMessages);
}

TEST_F(BadInputTest, MessagesCutShortAnywhere) {
  // Cut between two fields a message may still be one, with less in it: the status and
  // the response are made of required parts up to their end.
  const std::string whole = Encoded(SendData(1, "s"));
  std::vector<std::pair<std::string, std::string>> messages;
  for (size_t size = 1; size < whole.size(); ++size) {
    messages.push_back({SendDataTopic("gw", "s"), whole.substr(0, size)});
  }
  const std::string uplink = Encoded(UplinkEvent("gw", "s", 5));
  for (size_t size = 1; size < uplink.size(); ++size) {
    messages.push_back({UplinkTopic("gw", "s"), uplink.substr(0, size)});
  }
  ExpectDropped("malformed_payload", messages);
}

TEST_F(BadInputTest, GoodMessagesInTheWrongPlace) {
  const std::string status = Encoded(OnlineStatus("gw", "s"));
  const std::string uplink = Encoded(UplinkEvent("gw", "s", 1));
  gw::WirepasMessage two = OnlineStatus("gw", "s");
  two.mutable_get_configs_req()->mutable_header()->set_req_id(1);
  gw::GenericMessage customer;
  customer.mutable_customer()->set_customer_name("somebody");
  ExpectDropped("unexpected_content", {{UplinkTopic("gw", "s"), status},
                                       {StatusTopic("gw"), uplink},
                                       {StatusTopic("gw"), Encoded(two)},
                                       {StatusTopic("gw"), customer.SerializeAsString()},
                                       {UplinkTopic("gw", "s"), ""},
                                       {SendDataTopic("gw", "s"), uplink},
                                       {"gw-response/get_configs/gw", status}});
}

TEST_F(BadInputTest, OtherVersionOfTheMessages) {
  gw::WirepasMessage status = OnlineStatus("gw", "s");
  status.mutable_status_event()->set_version(2);
  ExpectDropped("unsupported_version", {{StatusTopic("gw"), Encoded(status)}});
}

TEST_F(BadInputTest, MessagesThatNameAnotherGatewayThanTheirTopic) {
  gw::WirepasMessage response;
  gw::ResponseHeader* header = response.mutable_get_configs_resp()->mutable_header();
  header->set_req_id(1);
  header->set_gw_id("other");
  header->set_res(gw::OK);
  gw::WirepasMessage other_network = UplinkEvent("gw", "s", 2);
  other_network.mutable_packet_received_event()->set_network_address(1);
  ExpectDropped("mismatch",
                {{StatusTopic("gw"), Encoded(OnlineStatus("other", "s"))},
                 {UplinkTopic("gw", "s"), Encoded(UplinkEvent("other", "s", 1))},
                 {UplinkTopic("gw", "s"), Encoded(UplinkEvent("gw", "other", 1))},
                 {UplinkTopic("gw", "s", kNetwork, 9), Encoded(UplinkEvent("gw", "s", 1))},
                 {UplinkTopic("gw", "s"), Encoded(other_network)},
                 {"gw-response/get_configs/gw", Encoded(response)}});
}

TEST_F(BadInputTest, MessagesOfTenMebibytes) {
  // Well-formed ones, but for their size.
  gw::WirepasMessage uplink = UplinkEvent("gw", "s", 3);
  uplink.mutable_packet_received_event()->set_payload(std::string(10 << 20, 'x'));
  ExpectDropped("oversized", {{UplinkTopic("gw", "s"), Encoded(uplink)},
                              {StatusTopic("gw"), std::string(10 << 20, '\0')},
                              {"gw-response/send_data/gw/s", std::string(10 << 20, '\xFF')}});
}

TEST_F(BadInputTest, SinkIdsThatCannotBeAskedAreLeftOut) {
  gw::WirepasMessage status = OnlineStatus("odd", "good");
  for (const char* id : {"a/b", "#", "", "\xFF\xFE", "with\nnewline"}) {
    status.mutable_status_event()->add_configs()->set_sink_id(id);
  }
  Publish(StatusTopic("odd"), Encoded(status));
  mesh::ListSinksRequest request;
  request.add_gateway_ids("odd");
  Result<mesh::ListSinksResponse> result;
  ASSERT_TRUE(Eventually([&] {
    result = Call(stub(), &Stub::ListSinks, request);
    return result.ok();
  }));
  ASSERT_EQ(result.response.sinks_size(), 1);
  EXPECT_EQ(result.response.sinks(0).sink_id(), "good");
  ASSERT_TRUE(IsOk(peer_->Publish(StatusTopic("odd"), "", 1, true)));
  EXPECT_TRUE(Eventually([&] {
    return Call(stub(), &Stub::ListSinks, request).status.error_code() == StatusCode::NOT_FOUND;
  }));
  ExpectServing();
}

// Text that is not UTF-8 must not break the responses that hold it.
TEST_F(BadInputTest, TextOfGatewaysThatIsNotUtf8) {
  gw::WirepasMessage status = OnlineStatus("odd", "s");
  status.mutable_status_event()->set_gw_model("model \xFF\xFE");
  status.mutable_status_event()->set_gw_version("\xC3");
  Publish(StatusTopic("odd"), Encoded(status));
  Result<mesh::ListGatewaysResponse> result;
  const auto find_odd = [&]() -> const mesh::Gateway* {
    result = Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest());
    for (const mesh::Gateway& gateway : result.response.gateways()) {
      if (gateway.gateway_id() == "odd") return &gateway;
    }
    return nullptr;
  };
  ASSERT_TRUE(Eventually([&] { return find_odd() != nullptr || !result.ok(); }));
  ASSERT_TRUE(IsOk(result.status));
  EXPECT_THAT(find_odd()->model(), testing::StartsWith("model "));
  ASSERT_TRUE(IsOk(peer_->Publish(StatusTopic("odd"), "", 1, true)));
  EXPECT_TRUE(Eventually([&] { return find_odd() == nullptr; }));
}

}  // namespace
}  // namespace wirepas_grpc::integration
