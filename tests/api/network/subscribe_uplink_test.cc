// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/topics.h"
#include "tests/api/network/subscribe_uplink_fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

core::Network::Options SmallLog() {
  core::Network::Options options;
  options.uplink_log.segment_entries = 4;
  options.uplink_log.max_bytes = 20000;
  return options;
}

TEST_F(SubscribeUplinkTest, GivesPacketsAsTheyCome) {
  broker_.Connect();
  const auto subscriber = Subscribe();
  DeliverUplink("gw1", "sink", 77, 1234, "hello");
  const auto response = subscriber->Read();
  ASSERT_TRUE(response.has_value());
  ASSERT_EQ(response->uplinks_size(), 1);
  const mesh::Uplink& uplink = response->uplinks(0);
  EXPECT_EQ(uplink.gateway_id(), "gw1");
  EXPECT_EQ(uplink.sink_id(), "sink");
  EXPECT_EQ(uplink.network_address(), 12u);
  EXPECT_EQ(uplink.source_address(), 1234u);
  EXPECT_EQ(uplink.source_endpoint(), 10u);
  EXPECT_EQ(uplink.destination_endpoint(), 20u);
  EXPECT_EQ(uplink.payload(), "hello");
  EXPECT_EQ(uplink.travel_time().seconds(), 1);
  EXPECT_EQ(uplink.receive_time().seconds(), 1700000000);
  EXPECT_EQ(uplink.event_id(), 77u);
}

TEST_F(SubscribeUplinkTest, ManySubscribersWithTheirOwnFilters) {
  broker_.Connect();
  const auto all = Subscribe();
  mesh::SubscribeUplinkRequest request;
  request.mutable_filter()->add_gateway_ids("gw2");
  const auto one = Subscribe(request);
  DeliverUplink("gw1", "sink", 1);
  DeliverUplink("gw2", "sink", 2);
  DeliverUplink("gw1", "sink", 3);
  DeliverUplink("gw2", "sink", 4);
  EXPECT_THAT(all->Events(4), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(one->Events(2), ElementsAre(2, 4));
}

TEST_F(SubscribeUplinkTest, CarriesManyInOneResponseUpToABound) {
  broker_.Connect();
  auto subscriber = Subscribe();
  Deliver(1, 2000);
  broker_.Flush();
  mesh::SubscribeUplinkRequest request;
  request.set_oldest(true);
  subscriber = Subscribe(request);
  int responses = 0;
  for (int packets = 0; packets < 2000; ++responses) {
    const auto response = subscriber->Read();
    ASSERT_TRUE(response.has_value());
    ASSERT_LE(response->uplinks_size(), 512);
    packets += response->uplinks_size();
  }
  EXPECT_EQ(responses, 4);
}

TEST_F(SubscribeUplinkTest, GoesOnAfterACursor) {
  broker_.Connect();
  auto subscriber = Subscribe();
  Deliver(1, 3);
  EXPECT_THAT(subscriber->Events(3), ElementsAre(1, 2, 3));
  const std::string cursor = subscriber->cursor();
  subscriber = nullptr;
  Deliver(4, 5);
  mesh::SubscribeUplinkRequest request;
  request.set_after_cursor(cursor);
  subscriber = Subscribe(request);
  EXPECT_THAT(subscriber->Events(2), ElementsAre(4, 5));
}

TEST_F(SubscribeUplinkTest, StartsAtATime) {
  broker_.Connect();
  auto subscriber = Subscribe();
  Deliver(1, 2);
  EXPECT_THAT(subscriber->Events(2), ElementsAre(1, 2));
  Advance(absl::Seconds(10));
  mesh::SubscribeUplinkRequest request;
  request.mutable_from_time()->set_seconds(absl::ToUnixSeconds(scheduler_.Now()));
  Deliver(3, 3);
  broker_.Flush();
  EXPECT_THAT(Subscribe(request)->Events(1), ElementsAre(3));
}

TEST_F(SubscribeUplinkTest, WaitsForTheBrokerWithTheCallTaken) {
  Subscriber subscriber(stub_.get(), {});
  subscriber.WaitForMetadata();
  broker_.Connect();
  EXPECT_TRUE(subscriber.Read().has_value());
  Deliver(1, 1);
  EXPECT_THAT(subscriber.Events(1), ElementsAre(1));
}

TEST_F(SubscribeUplinkTest, ASubscriptionThatTheBrokerRefusesIsDenied) {
  broker_.RefuseSubscription(core::kUplinkFilter, absl::PermissionDeniedError("not for you"));
  broker_.Connect();
  Subscriber subscriber(stub_.get(), {});
  EXPECT_FALSE(subscriber.Read().has_value());
  ExpectStatus(subscriber.Finish(), grpc::StatusCode::PERMISSION_DENIED, {"not for you"});
}

TEST_F(SubscribeUplinkTest, ARefusalThatMayPassIsWaitedFor) {
  broker_.AnswerSubscription(core::kUplinkFilter, 0x91);
  broker_.Connect();
  Subscriber subscriber(stub_.get(), {});
  subscriber.WaitForMetadata();
  broker_.Flush();
  broker_.AnswerSubscription(core::kUplinkFilter, 1);
  Advance(absl::Seconds(1));
  EXPECT_TRUE(subscriber.Read().has_value());
  Deliver(1, 1);
  EXPECT_THAT(subscriber.Events(1), ElementsAre(1));
}

TEST_F(SubscribeUplinkTest, ARefusalThatMayPassIsAGapAfterAReconnect) {
  broker_.Connect();
  const auto subscriber = Subscribe();
  Deliver(1, 1);
  EXPECT_THAT(subscriber->Events(1), ElementsAre(1));
  broker_.Disconnect();
  broker_.AnswerSubscription(core::kUplinkFilter, 0x91);
  broker_.Connect(/*session_present=*/true);
  broker_.Flush();
  broker_.AnswerSubscription(core::kUplinkFilter, 1);
  Advance(absl::Seconds(1));
  broker_.Flush();
  Deliver(2, 2);
  const auto gap = subscriber->Read();
  ASSERT_TRUE(gap.has_value());
  EXPECT_EQ(gap->gap().reason(), mesh::GAP_REASON_BROKER_DISCONNECTED);
  if (gap->uplinks_size() == 0) {
    EXPECT_THAT(subscriber->Events(1), ElementsAre(2));
  }
}

// Access rules may change while the service is away.
TEST_F(SubscribeUplinkTest, ARefusalAfterAReconnectEndsTheStream) {
  broker_.Connect();
  const auto subscriber = Subscribe();
  broker_.Disconnect();
  broker_.RefuseSubscription(core::kUplinkFilter, absl::PermissionDeniedError("no longer"));
  broker_.Connect();
  const auto last = subscriber->Read();  // unless the end was faster
  EXPECT_TRUE(!last.has_value() || (last->has_gap() && !subscriber->Read().has_value()));
  ExpectStatus(subscriber->Finish(), grpc::StatusCode::PERMISSION_DENIED, {"no longer"});
}

TEST_F(SubscribeUplinkTest, ACancelledSubscriberLeavesNothing) {
  broker_.Connect();
  auto subscriber = Subscribe();
  EXPECT_TRUE(Subscribed(core::kUplinkFilter));
  subscriber = nullptr;
  Await([&] { return service_.open_streams() == 0; });
  Advance(absl::Seconds(10));
  Await([&] { return !Subscribed(core::kUplinkFilter); });
}

TEST_F(SubscribeUplinkTest, CancelledWhileItWaitsForTheBrokerItLeavesNothing) {
  auto subscriber = std::make_unique<Subscriber>(stub_.get(), mesh::SubscribeUplinkRequest());
  subscriber->WaitForMetadata();
  subscriber = nullptr;
  Await([&] { return service_.open_streams() == 0; });
  Advance(absl::Seconds(10));
  Await([&] { return !Subscribed(core::kUplinkFilter); });
}

TEST_F(SubscribeUplinkTest, TheLossOfTheBrokerIsAGap) {
  broker_.Connect();
  const auto subscriber = Subscribe();
  broker_.Disconnect();
  broker_.Connect();
  broker_.Flush();
  Deliver(1, 1);
  const auto gap = subscriber->Read();
  ASSERT_TRUE(gap.has_value());
  EXPECT_EQ(gap->gap().reason(), mesh::GAP_REASON_BROKER_DISCONNECTED);
  EXPECT_FALSE(gap->gap().has_lost_packets());
  if (gap->uplinks_size() == 0) {
    EXPECT_THAT(subscriber->Events(1), ElementsAre(1));
  }
}

// What gw1 sent while only gw2 was subscribed to is missing.
TEST_F(SubscribeUplinkTest, AGapAtTheStartIsToldOnce) {
  broker_.Connect();
  const auto other = Subscribe(Of("gw2"));
  DeliverUplink("gw2", "sink", 1);
  EXPECT_THAT(other->Events(1), ElementsAre(1));
  mesh::SubscribeUplinkRequest request = Of("gw1");
  request.set_oldest(true);
  auto subscriber = Subscribe(request);
  ASSERT_TRUE(first_gap_.has_value());
  EXPECT_EQ(first_gap_->reason(), mesh::GAP_REASON_NOT_SUBSCRIBED);
  for (int i = 0; i < 2; ++i) {
    request.set_after_cursor(subscriber->cursor());
    subscriber = Subscribe(request);
    EXPECT_FALSE(first_gap_.has_value()) << "it was told";
  }
  Deliver(2, 2);
  EXPECT_THAT(subscriber->Events(1), ElementsAre(2));
  mesh::SubscribeUplinkRequest wider = Of("gw3");
  wider.set_after_cursor(request.after_cursor());
  subscriber = Subscribe(wider);
  EXPECT_TRUE(first_gap_.has_value()) << "of gw3 more is missing, of which nothing was told";
}

// Others are served again before the subscriber is.
TEST_F(SubscribeUplinkTest, TheLossOfTheBrokerIsToldOnceToWhoResumesMeanwhile) {
  broker_.Connect();
  auto subscriber = Subscribe(Of("gw1"));
  broker_.Disconnect();
  broker_.HoldGrants(true);
  broker_.Connect();
  const auto gap = subscriber->Read();
  ASSERT_TRUE(gap.has_value());
  EXPECT_EQ(gap->gap().reason(), mesh::GAP_REASON_BROKER_DISCONNECTED);
  mesh::SubscribeUplinkRequest request = Of("gw1");
  request.set_after_cursor(gap->cursor());
  broker_.Inject(UplinkTopic("gw2", "sink"), UplinkPayload("gw2", "sink", 1));
  broker_.HoldGrants(false);
  broker_.Flush();
  subscriber = Subscribe(request);
  EXPECT_FALSE(first_gap_.has_value()) << "it was told";
  Deliver(2, 2);
  EXPECT_THAT(subscriber->Events(1), ElementsAre(2));
}

TEST_F(SubscribeUplinkTest, NamesTheFieldThatIsWrong) {
  mesh::SubscribeUplinkRequest request;
  request.mutable_filter()->add_source_endpoints(256);
  Subscriber filter(stub_.get(), request);
  ExpectStatus(filter.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"filter.source_endpoints[0]"});
  request.Clear();
  request.set_after_cursor("nonsense");
  Subscriber cursor(stub_.get(), request);
  ExpectStatus(cursor.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"after_cursor"});
  EXPECT_FALSE(Subscribed(core::kUplinkFilter));
}

TEST_F(SubscribeUplinkTest, AFilterThatLetsNothingThroughStillMovesTheCursor) {
  broker_.Connect();
  mesh::SubscribeUplinkRequest request;
  request.mutable_filter()->add_source_addresses(99);
  const auto subscriber = Subscribe(request);
  const std::string first = subscriber->cursor();
  for (uint64_t id = 1; id <= 70000; ++id) DeliverUplink("gw1", "sink", id, 7, "");
  const auto response = subscriber->Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_THAT(response->uplinks(), IsEmpty());
  EXPECT_NE(subscriber->cursor(), first);
}

class SmallLogTest : public SubscribeUplinkTest {
 protected:
  SmallLogTest() : SubscribeUplinkTest(SmallLog()) {}
};

TEST_F(SmallLogTest, ASlowSubscriberIsToldOfItsGap) {
  broker_.Connect();
  const auto subscriber = Subscribe();
  constexpr uint64_t kPackets = 20000;
  for (uint64_t id = 1; id <= kPackets; ++id) {
    DeliverUplink("gw1", "sink", id, 7, std::string(1000, 'x'));
    if (id % 1000 == 0) broker_.Flush();
  }
  broker_.Flush();
  uint64_t got = 0;
  uint64_t lost = 0;
  uint64_t last = 0;
  while (last < kPackets) {
    const auto response = subscriber->Read();
    ASSERT_TRUE(response.has_value());
    if (response->has_gap()) {
      EXPECT_EQ(response->gap().reason(), mesh::GAP_REASON_SLOW_SUBSCRIBER);
      lost += response->gap().lost_packets();
      last += response->gap().lost_packets();
    }
    for (const mesh::Uplink& uplink : response->uplinks()) {
      ASSERT_EQ(uplink.event_id(), last + 1);
      last = uplink.event_id();
      ++got;
    }
  }
  EXPECT_GT(lost, 0u);
  EXPECT_EQ(got + lost, kPackets);
}

TEST_F(SmallLogTest, AnExpiredCursorIsOutOfRangeOrAGap) {
  broker_.Connect();
  auto subscriber = Subscribe();
  const std::string cursor = subscriber->cursor();
  Deliver(1, 500);
  broker_.Flush();
  mesh::SubscribeUplinkRequest request;
  request.set_after_cursor(cursor);
  Subscriber refused(stub_.get(), request);
  ExpectStatus(refused.Finish(), grpc::StatusCode::OUT_OF_RANGE, {"after_cursor", "oldest"});
  request.set_allow_gap(true);
  subscriber = Subscribe(request);
  ASSERT_TRUE(first_gap_.has_value());
  EXPECT_EQ(first_gap_->reason(), mesh::GAP_REASON_CURSOR_EXPIRED);
  const auto events = subscriber->Events(1);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0], first_gap_->lost_packets() + 1);
}

}  // namespace
}  // namespace wirepas_grpc::api
