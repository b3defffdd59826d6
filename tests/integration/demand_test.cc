// SPDX-License-Identifier: Apache-2.0
//
// What the service subscribes to at the broker, as the broker's log tells it.
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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
  // What came before the end of the subscription, then the gap, then the present.
  const auto gap = resumed.AwaitGap();
  ASSERT_TRUE(gap.has_value());
  EXPECT_EQ(gap->reason(), mesh::GAP_REASON_NOT_SUBSCRIBED);
  EXPECT_FALSE(gap->has_lost_packets());
  SequenceCheck check;
  check.Add(resumed.Take(20));
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

}  // namespace
}  // namespace wirepas_grpc::integration
