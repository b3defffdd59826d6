// SPDX-License-Identifier: Apache-2.0
//
// What the service subscribes to at the broker, as the broker's log tells it.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using testing::HasSubstr;
using testing::Not;
using Stub = mesh::NetworkService::Stub;

constexpr char kClient[] = "the-service";
constexpr char kUplinks[] = "gw-event/received_data/";
constexpr char kRequests[] = "gw-request/";
constexpr char kResponses[] = "gw-response/";

// Lines of the broker's log like "the-service 1 gw-event/received_data/#" for a
// subscription, "the-service gw-event/received_data/#" for its end.
class DemandTest : public testing::Test {
 protected:
  void SetUp() override {
    Stack::Options options;
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "50"};
    options.service = {"--mqtt_client_id",  kClient, "--uplink_linger", "1s",
                       "--response_linger", "1s"};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
  }

  Stub* stub() { return stack_->stub(); }

  static std::string Subscribed(const std::string& topics) {
    return absl::StrCat(kClient, " 1 ", topics);
  }
  static std::string Unsubscribed(const std::string& topics) {
    return absl::StrCat(kClient, " ", topics);
  }

  bool Logged(const std::string& line) { return absl::StrContains(stack_->broker().log(), line); }
  absl::Status Await(const std::string& line) { return stack_->broker().WaitForLog(line, kBound); }

  std::unique_ptr<Stack> stack_;
};

TEST_F(DemandTest, ServiceWithoutClientsTakesStatusesOnly) {
  // The status came, so the subscription to it is there, and by now any other would be.
  EXPECT_TRUE(Logged(Subscribed("gw-event/status/")));
  EXPECT_TRUE(Eventually([&] { return stack_->service().Metric("wirepas_grpc_gateways") == 1; }));
  EXPECT_FALSE(Logged(Subscribed(kUplinks)));
  EXPECT_FALSE(Logged(Subscribed(kRequests)));
  EXPECT_FALSE(Logged(Subscribed(kResponses)));
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_uplinks_total"), 0);
}

TEST_F(DemandTest, UplinksAreTakenWhileSomebodyListens) {
  {
    UplinkStream stream(stub());
    stream.Take(5);
    EXPECT_TRUE(Logged(Subscribed(kUplinks)));
    EXPECT_FALSE(Logged(Unsubscribed(kUplinks)));
    EXPECT_FALSE(Logged(Subscribed(kRequests)));
    EXPECT_FALSE(Logged(Subscribed(kResponses)));
  }
  ASSERT_TRUE(IsOk(Await(Unsubscribed(kUplinks))));
  // Nothing more comes: the marker is a call that goes to the gateway and back.
  ASSERT_TRUE(
      IsOk(Call(stub(), &Stub::GetGatewayInfo, To<mesh::GetGatewayInfoRequest>(kGateway)).status));
  const double total = stack_->service().Metric("wirepas_grpc_uplinks_total");
  ASSERT_TRUE(
      IsOk(Call(stub(), &Stub::GetGatewayInfo, To<mesh::GetGatewayInfoRequest>(kGateway)).status));
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_uplinks_total"), total);
}

TEST_F(DemandTest, OtherClientsDoNotWantUplinks) {
  StreamReader<mesh::WatchNetworkResponse> network(stub(), &Stub::WatchNetwork,
                                                   mesh::WatchNetworkRequest());
  StreamReader<mesh::WatchBrokerResponse> broker(stub(), &Stub::WatchBroker,
                                                 mesh::WatchBrokerRequest());
  StreamReader<mesh::SubscribeDownlinkResponse> downlinks(stub(), &Stub::SubscribeDownlink,
                                                          mesh::SubscribeDownlinkRequest());
  ASSERT_TRUE(network.Next().has_value());
  ASSERT_TRUE(broker.Next().has_value());
  ASSERT_TRUE(downlinks.Next().has_value());
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink)).status));
  EXPECT_TRUE(Logged(Subscribed(kRequests)));
  EXPECT_TRUE(Logged(Subscribed(kResponses)));
  EXPECT_FALSE(Logged(Subscribed(kUplinks)));
}

TEST_F(DemandTest, AnswersAreTakenForAWhileAfterARequest) {
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink)).status));
  EXPECT_TRUE(Logged(Subscribed(kResponses)));
  ASSERT_TRUE(IsOk(Await(Unsubscribed(kResponses))));
  // And again.
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink)).status));
}

TEST_F(DemandTest, TimeWithoutSubscriptionIsAGapOnResuming) {
  std::string cursor;
  {
    UplinkStream stream(stub());
    stream.Take(5);
    cursor = stream.cursor();
  }
  ASSERT_TRUE(IsOk(Await(Unsubscribed(kUplinks))));
  mesh::SubscribeUplinkRequest request;
  request.set_after_cursor(cursor);
  UplinkStream resumed(stub(), request);
  // Told at once; then what came before the end of the subscription, then the present.
  ASSERT_EQ(resumed.gaps().size(), 1u);
  EXPECT_EQ(resumed.gaps()[0].reason(), mesh::GAP_REASON_NOT_SUBSCRIBED);
  EXPECT_FALSE(resumed.gaps()[0].has_lost_packets());
  EXPECT_EQ(resumed.Take(20).size(), 20u);
  EXPECT_EQ(resumed.gaps().size(), 1u);
}

TEST_F(DemandTest, SubscribersThatComeAndGoDoNotShakeTheSubscription) {
  UplinkStream first(stub());
  for (int i = 0; i < 10; ++i) UplinkStream(stub()).Take(1);
  first.Take(1);
  EXPECT_FALSE(Logged(Unsubscribed(kUplinks)));
  const std::string log = stack_->broker().log();
  const size_t once = log.find(Subscribed(kUplinks));
  ASSERT_NE(once, std::string::npos);
  EXPECT_EQ(log.find(Subscribed(kUplinks), once + 1), std::string::npos);
}

// A hundred gateways, of which subscribers want few.
class FilteredDemandTest : public testing::Test {
 protected:
  void SetUp() override {
    Stack::Options options;
    options.broker.max_queued_messages = 100'000;
    options.simulator = {"--gateways", "100", "--sinks", "1", "--rate", "0", "--shared_connection"};
    options.service = {"--mqtt_client_id", kClient, "--uplink_linger", "1s"};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
    ASSERT_TRUE(IsOk(stack_->WaitForGateways(100)));
  }

  Stub* stub() { return stack_->stub(); }

  // Each gateway sends so many packets.
  void Burst(int count) {
    ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "burst"}, {"count", count}})));
  }

  static mesh::SubscribeUplinkRequest Of(const std::vector<std::string>& gateways) {
    mesh::SubscribeUplinkRequest request;
    for (const std::string& id : gateways) request.mutable_filter()->add_gateway_ids(id);
    return request;
  }

  // How many uplinks the broker has sent to the service, by the broker's own log.
  size_t SentByBroker() {
    size_t sent = 0;
    for (absl::string_view line : absl::StrSplit(stack_->broker().log(), '\n')) {
      sent += absl::StrContains(line, absl::StrCat("Sending PUBLISH to ", kClient)) &&
              absl::StrContains(line, kUplinks);
    }
    return sent;
  }

  std::unique_ptr<Stack> stack_;
};

TEST_F(FilteredDemandTest, OneOfAHundredGatewaysIsAHundredthOfTheTraffic) {
  UplinkStream one(stub(), Of({"sim-gw-7"}));
  Burst(20);
  for (const mesh::Uplink& uplink : one.Take(20)) EXPECT_EQ(uplink.gateway_id(), "sim-gw-7");
  EXPECT_EQ(SentByBroker(), 20u);
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_uplinks_total"), 20);
}

TEST_F(FilteredDemandTest, WhoStaysLosesAndDoublesNothingWhenOthersComeAndGo) {
  UplinkStream stays(stub(), Of({"sim-gw-7", "sim-gw-8"}));
  ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "rate"}, {"packets_per_second", 2000}})));
  SequenceCheck check;
  for (int round = 0; round < 3; ++round) {
    const UplinkStream narrow(stub(), Of({"sim-gw-7"}));
    check.Add(stays.Take(40));
    {
      const UplinkStream all(stub());
      check.Add(stays.Take(40));
    }
    // Until the subscription to all is given up, and on.
    ASSERT_TRUE(
        IsOk(stack_->broker().WaitForLog(absl::StrCat(kClient, " ", kUplinks, "#"), kBound)));
    check.Add(stays.Take(40));
  }
  EXPECT_TRUE(stays.gaps().empty());
}

// Filters are pushed down only while they are few.
TEST_F(FilteredDemandTest, ManyFiltersBecomeOneSubscription) {
  std::vector<std::unique_ptr<UplinkStream>> streams;
  for (int i = 0; i < 100; ++i) {
    mesh::SubscribeUplinkRequest request = Of({absl::StrCat("sim-gw-", i)});
    streams.push_back(std::make_unique<UplinkStream>(stub(), request));
  }
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_uplink_subscriptions"), 100);
  mesh::SubscribeUplinkRequest more = Of({"sim-gw-1"});
  more.mutable_filter()->add_network_addresses(77);
  UplinkStream covered(stub(), more);
  EXPECT_EQ(stack_->service().Metric("wirepas_grpc_uplink_subscriptions"), 100);
  UplinkStream too_many(stub(), Of({"of-another-site"}));
  EXPECT_TRUE(Eventually(
      [&] { return stack_->service().Metric("wirepas_grpc_uplink_subscriptions") == 1; }));
  Burst(3);
  for (const auto& stream : streams) EXPECT_EQ(stream->Take(3).size(), 3u);
}

}  // namespace
}  // namespace wirepas_grpc::integration
