// SPDX-License-Identifier: Apache-2.0
//
// SubscribeDownlink: what backends send, this one and others, with the gateways'
// answers.
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;

// A subscriber to downlinks, who takes them one by one.
class DownlinkStream {
 public:
  explicit DownlinkStream(Stub* stub, const mesh::SubscribeDownlinkRequest& request = {})
      : reader_(stub, &Stub::SubscribeDownlink, request) {
    const auto first = reader_.Next();
    EXPECT_TRUE(first.has_value());
    EXPECT_EQ(first.value_or(mesh::SubscribeDownlinkResponse()).downlinks_size(), 0);
    EXPECT_TRUE(first.value_or(mesh::SubscribeDownlinkResponse()).confirmed());
  }

  std::optional<mesh::Downlink> Take() {
    while (next_ == response_.downlinks_size()) {
      std::optional<mesh::SubscribeDownlinkResponse> response = reader_.Next();
      if (!response.has_value()) {
        ADD_FAILURE() << "no downlink";
        return std::nullopt;
      }
      EXPECT_FALSE(response->has_gap()) << response->gap().ShortDebugString();
      response_ = *std::move(response);
      next_ = 0;
    }
    return response_.downlinks(next_++);
  }

 private:
  StreamReader<mesh::SubscribeDownlinkResponse> reader_;
  mesh::SubscribeDownlinkResponse response_;
  int next_ = 0;
};

class DownlinkTest : public SharedStack<DownlinkTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.broker.max_queued_messages = 100000;
    options.simulator = {"--gateways", "2", "--sinks", "2", "--rate", "0"};
    return options;
  }

 protected:
  // As another backend.
  static void SendAsOther(MqttPeer* peer, uint64_t request_id, const std::string& gateway_id,
                          const std::string& sink_id, uint32_t source_endpoint = 30) {
    gw::WirepasMessage message = SendData(request_id, sink_id);
    message.mutable_send_packet_req()->set_source_endpoint(source_endpoint);
    ASSERT_TRUE(IsOk(peer->Publish(SendDataTopic(gateway_id, sink_id), Encoded(message), 2)));
  }
};

TEST_F(DownlinkTest, MessageOfAnotherBackendComesWithItsAnswer) {
  const auto peer = stack().NewPeer();
  DownlinkStream stream(stub());
  gw::WirepasMessage message = SendData(0xABCDEF0123456789, kSink, std::string("\x00\xFF", 2));
  gw::SendPacketReq& request = *message.mutable_send_packet_req();
  request.set_initial_delay_ms(1500);
  request.set_is_unack_csma_ca(true);
  request.set_hop_limit(3);
  request.mutable_header()->set_time_ms_epoch(1'700'000'000'123);
  const absl::Time before = absl::Now();
  ASSERT_TRUE(IsOk(peer->Publish(SendDataTopic(kGateway, kSink), Encoded(message), 2)));
  const auto downlink = stream.Take();
  ASSERT_TRUE(downlink.has_value());
  EXPECT_EQ(downlink->gateway_id(), kGateway);
  EXPECT_EQ(downlink->sink_id(), kSink);
  EXPECT_EQ(downlink->request_id(), 0xABCDEF0123456789u);
  EXPECT_EQ(downlink->message().destination_address(), 0x1234u);
  EXPECT_EQ(downlink->message().source_endpoint(), 30u);
  EXPECT_EQ(downlink->message().destination_endpoint(), 40u);
  EXPECT_EQ(downlink->message().qos(), 1u);
  EXPECT_EQ(downlink->message().payload(), std::string("\x00\xFF", 2));
  EXPECT_EQ(downlink->message().initial_delay().seconds(), 1);
  EXPECT_EQ(downlink->message().initial_delay().nanos(), 500'000'000);
  EXPECT_TRUE(downlink->message().unacknowledged_csma_ca());
  EXPECT_EQ(downlink->message().hop_limit(), 3u);
  EXPECT_GE(downlink->send_time().seconds(), absl::ToUnixSeconds(before));
  ASSERT_TRUE(downlink->has_answer());
  EXPECT_EQ(downlink->answer().result(), mesh::RESULT_CODE_OK);
  EXPECT_EQ(downlink->answer().raw_result(), 0);
  EXPECT_TRUE(downlink->answer().has_gateway_time());
  EXPECT_EQ(downlink->publish_time().seconds(), 1'700'000'000);
  EXPECT_EQ(downlink->publish_time().nanos(), 123'000'000);
  EXPECT_NEAR(static_cast<double>(downlink->answer().answer_time().seconds()),
              static_cast<double>(absl::ToUnixSeconds(before)), 60);
}

TEST_F(DownlinkTest, TimesThatAreNotToldAreUnset) {
  const auto peer = stack().NewPeer();
  DownlinkStream stream(stub());
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_times", true}})));
  gw::WirepasMessage message = SendData(77, kSink);
  message.mutable_send_packet_req()->mutable_header()->clear_time_ms_epoch();
  ASSERT_TRUE(IsOk(peer->Publish(SendDataTopic(kGateway, kSink), Encoded(message), 2)));
  const auto downlink = stream.Take();
  ASSERT_TRUE(downlink.has_value());
  EXPECT_FALSE(downlink->has_publish_time());
  ASSERT_TRUE(downlink->has_answer());
  EXPECT_FALSE(downlink->answer().has_answer_time());
}

TEST_F(DownlinkTest, OwnMessagesAreSeenToo) {
  DownlinkStream stream(stub());
  const auto sent =
      Call(stub(), &Stub::SendMessage, SendRequest(kOtherGateway, kOtherSink, "mine"));
  ASSERT_TRUE(IsOk(sent.status));
  const auto downlink = stream.Take();
  ASSERT_TRUE(downlink.has_value());
  EXPECT_EQ(downlink->request_id(), sent.response.sent().request_id());
  EXPECT_EQ(downlink->gateway_id(), kOtherGateway);
  EXPECT_EQ(downlink->sink_id(), kOtherSink);
  EXPECT_EQ(downlink->message().payload(), "mine");
  EXPECT_EQ(downlink->answer().result(), mesh::RESULT_CODE_OK);
}

TEST_F(DownlinkTest, RefusalsAreAnswers) {
  const auto peer = stack().NewPeer();
  DownlinkStream stream(stub());
  ASSERT_TRUE(
      IsOk(stack().SetFaults(kGateway, {{"error_codes", {{"send_data", "SINK_OUT_OF_MEMORY"}}}})));
  SendAsOther(peer.get(), 51, kGateway, kSink);
  const auto refused = stream.Take();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->answer().result(), mesh::RESULT_CODE_SINK_OUT_OF_MEMORY);
  SendAsOther(peer.get(), 52, kOtherGateway, "sink9");
  const auto unknown = stream.Take();
  ASSERT_TRUE(unknown.has_value());
  EXPECT_EQ(unknown->sink_id(), "sink9");
  EXPECT_EQ(unknown->answer().result(), mesh::RESULT_CODE_INVALID_SINK_ID);
}

TEST_F(DownlinkTest, MessageWithoutAnswerComesWhenItsTimeIsOver) {
  const auto peer = stack().NewPeer();
  DownlinkStream stream(stub());
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"send_data"}}})));
  SendAsOther(peer.get(), 61, kGateway, kSink);
  SendAsOther(peer.get(), 62, kOtherGateway, kSink);
  const auto answered = stream.Take();
  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(answered->request_id(), 62u);
  const auto silent = stream.Take();
  ASSERT_TRUE(silent.has_value());
  EXPECT_EQ(silent->request_id(), 61u);
  EXPECT_TRUE(silent->has_no_answer());
}

// The same request id at two gateways is two messages.
TEST_F(DownlinkTest, AnswersAreMatchedByGatewayAndId) {
  const auto peer = stack().NewPeer();
  DownlinkStream stream(stub());
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"answer_delay_ms", 300}})));
  SendAsOther(peer.get(), 71, kGateway, kSink);
  SendAsOther(peer.get(), 71, kOtherGateway, kSink);
  const auto first = stream.Take();
  const auto second = stream.Take();
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first->gateway_id(), kOtherGateway);
  EXPECT_EQ(second->gateway_id(), kGateway);
  EXPECT_TRUE(second->has_answer());
}

TEST_F(DownlinkTest, EachFilterLetsThroughWhatMatches) {
  const auto peer = stack().NewPeer();
  std::vector<mesh::SubscribeDownlinkRequest> requests(5);
  requests[0].mutable_filter()->add_gateway_ids(kOtherGateway);
  requests[1].mutable_filter()->add_sink_ids(kOtherSink);
  requests[2].mutable_filter()->add_source_endpoints(31);
  requests[3].mutable_filter()->add_destination_endpoints(40);
  requests[4].mutable_filter()->add_gateway_ids(kGateway);
  requests[4].mutable_filter()->add_sink_ids(kSink);
  requests[4].mutable_filter()->add_source_endpoints(31);
  std::vector<std::unique_ptr<DownlinkStream>> streams;
  for (const auto& request : requests) {
    streams.push_back(std::make_unique<DownlinkStream>(stub(), request));
  }
  // One after the other, so that answers come in this order.
  DownlinkStream all(stub());
  std::vector<mesh::Downlink> sent;
  uint64_t id = 100;
  for (int round = 0; round < 2; ++round) {
    for (const char* gateway : {kGateway, kOtherGateway}) {
      for (const char* sink : {kSink, kOtherSink}) {
        for (const uint32_t endpoint : {30u, 31u}) {
          SendAsOther(peer.get(), ++id, gateway, sink, endpoint);
          const auto seen = all.Take();
          ASSERT_TRUE(seen.has_value());
          EXPECT_EQ(seen->request_id(), id);
          sent.push_back(*seen);
        }
      }
    }
  }
  const auto matches = [&](size_t i, const mesh::Downlink& downlink) {
    const bool endpoint = downlink.message().source_endpoint() == 31;
    switch (i) {
      case 0:
        return downlink.gateway_id() == kOtherGateway;
      case 1:
        return downlink.sink_id() == kOtherSink;
      case 2:
        return endpoint;
      case 3:
        return true;
      default:
        return downlink.gateway_id() == kGateway && downlink.sink_id() == kSink && endpoint;
    }
  };
  for (size_t i = 0; i < streams.size(); ++i) {
    SCOPED_TRACE(i);
    for (const mesh::Downlink& downlink : sent) {
      if (!matches(i, downlink)) continue;
      const auto seen = streams[i]->Take();
      ASSERT_TRUE(seen.has_value());
      EXPECT_EQ(seen->request_id(), downlink.request_id());
    }
  }
}

TEST_F(DownlinkTest, ManyMessagesAllCome) {
  const auto peer = stack().NewPeer();
  DownlinkStream stream(stub());
  constexpr uint64_t kFirst = 1'000'000;
  constexpr uint64_t kMessages = 300;
  for (uint64_t i = 0; i < kMessages; ++i) SendAsOther(peer.get(), kFirst + i, kGateway, kSink);
  std::map<uint64_t, int> seen;
  for (uint64_t i = 0; i < kMessages; ++i) {
    const auto downlink = stream.Take();
    ASSERT_TRUE(downlink.has_value());
    EXPECT_TRUE(downlink->has_answer());
    ++seen[downlink->request_id()];
  }
  EXPECT_EQ(seen.size(), kMessages);
}

}  // namespace
}  // namespace wirepas_grpc::integration
