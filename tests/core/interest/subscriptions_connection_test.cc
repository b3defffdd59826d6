// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions when the broker refuses, goes away and comes back.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/core/interest/subscriptions_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST_F(SubscriptionsTest, ARefusalIsToldToThoseWhomItConcerns) {
  broker_.RefuseSubscription(Gateway("a"), absl::PermissionDeniedError("no"));
  Connect();
  const auto refused = Acquire(OfGateway("a"));
  const auto granted = Acquire(OfGateway("b"));
  Settle();
  EXPECT_TRUE(absl::IsPermissionDenied(refused->result().value()));
  EXPECT_EQ(granted->result(), absl::OkStatus());
  // The next reader makes it ask again.
  broker_.RefuseSubscription(Gateway("a"), absl::OkStatus());
  const auto next = Acquire(OfGateway("a"));
  Settle();
  EXPECT_EQ(next->result(), absl::OkStatus());
  EXPECT_TRUE(absl::IsPermissionDenied(refused->result().value())) << "that one is over";
}

TEST_F(SubscriptionsTest, ARefusalAfterAReconnectIsTold) {
  Connect();
  const auto interest = Acquire(OfGateway("a"));
  Settle();
  told_->Take();
  broker_.Disconnect();
  Settle();
  EXPECT_EQ(interest->result(), absl::OkStatus());
  broker_.RefuseSubscription(Gateway("a"), absl::PermissionDeniedError("no longer"));
  Connect();
  EXPECT_TRUE(told_->Take().has_value());
  EXPECT_TRUE(absl::IsPermissionDenied(interest->result().value()));
}

TEST_F(SubscriptionsTest, WhoAsksForTooMuchEndsAlone) {
  broker_.RefuseSubscription(kAll, absl::PermissionDeniedError("not all"));
  Connect();
  const auto modest = Acquire(OfGateway("a"));
  Settle();
  const auto greedy = Acquire();
  const auto later = Acquire(OfGateway("b"));
  Settle();
  EXPECT_TRUE(absl::IsPermissionDenied(greedy->result().value()));
  EXPECT_EQ(modest->result(), absl::OkStatus());
  EXPECT_EQ(later->result(), absl::OkStatus());
  EXPECT_TRUE(broker_.Deliver("gw-event/received_data/a/s/7/1/2", ""));
  EXPECT_TRUE(broker_.Deliver("gw-event/received_data/b/s/7/1/2", ""));
  EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), 1) << "it was never given up";

  // With other access rules, all is served by one again.
  broker_.RefuseSubscription(kAll, absl::OkStatus());
  const auto allowed = Acquire();
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  EXPECT_EQ(allowed->result(), absl::OkStatus());
}

// The access rules changed while the broker was away.
TEST_F(SubscriptionsTest, WhoWasServedByWhatIsNowRefusedIsServedOtherwise) {
  Connect();
  const auto greedy = Acquire();
  const auto modest = Acquire(OfGateway("a"));
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  broker_.Disconnect();
  broker_.RefuseSubscription(kAll, absl::PermissionDeniedError("no longer"));
  Connect();
  Settle();
  EXPECT_TRUE(absl::IsPermissionDenied(greedy->result().value()));
  EXPECT_EQ(modest->result(), absl::OkStatus());
  EXPECT_TRUE(broker_.Deliver("gw-event/received_data/a/s/7/1/2", ""));
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
}

TEST_F(SubscriptionsTest, AGapIsMarkedAlsoWhenTheLastAnswerIsARefusal) {
  Connect();
  const auto a = Acquire(OfGateway("a"));
  const auto b = Acquire(OfGateway("b"));
  Settle();
  ReconnectWithGrantsHeld();
  subscriptions_.OnSubscribed(Gateway("a"), {});
  subscriptions_.OnSubscribed(Gateway("b"), {.status = absl::PermissionDeniedError("no longer")});
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
}

// Its marker comes before all that the new session brings.
TEST_F(SubscriptionsTest, ASessionThatIsGoneIsOneGapAtItsPlace) {
  Connect();
  const auto a = Acquire(OfGateway("a"));
  const auto b = Acquire(OfGateway("b"));
  Settle();
  const uint64_t marker = log_.next();
  ReconnectWithGrantsHeld();
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
  subscriptions_.OnSubscribed(Gateway("b"), {});
  const uint64_t place = log_.next();
  EXPECT_FALSE(b->coverage().Misses(place));
  EXPECT_TRUE(a->coverage().Misses(place)) << "packets of gateway a are still being lost";
  subscriptions_.OnSubscribed(Gateway("a"), {});
  EXPECT_TRUE(a->coverage().Misses(place)) << "who begins there is told by no marker";
  EXPECT_FALSE(a->coverage().Misses(marker)) << "who begins there is told by the marker";
  EXPECT_FALSE(a->coverage().Misses(log_.next()));
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
}

// Though packets of each may have come for the other.
TEST_F(SubscriptionsTest, ManyFiltersThatOverlapAreOneGap) {
  Connect();
  std::vector<InterestPtr> interests;
  TrafficFilter endpoint;
  endpoint.source_endpoints.set(1);
  interests.push_back(Acquire(endpoint));
  for (const char* id : {"a", "b", "c"}) interests.push_back(Acquire(OfGateway(id)));
  Settle();
  broker_.Disconnect();
  Connect();
  EXPECT_EQ(Filters().size(), 4u);
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
  for (const auto& interest : interests) EXPECT_FALSE(interest->coverage().is_open());
}

// What it costs the broker's thread grows with them, and not with their square.
TEST_F(SubscriptionsTest, ThousandsOfFiltersReconnectQuickly) {
  std::vector<InterestPtr> interests;
  for (int i = 0; i < 1900; ++i) interests.push_back(Acquire(OfGateway(absl::StrCat(i))));
  Connect();
  for (int i = 0; i < 50; ++i) {
    broker_.Disconnect();
    Connect();
  }
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  EXPECT_EQ(Gaps().size(), 50u);
}

TEST_F(SubscriptionsTest, AKeptSessionIsNoGap) {
  Connect();
  const auto interest = Acquire();
  Settle();
  broker_.Disconnect();
  Connect(/*session_present=*/true);
  EXPECT_THAT(Gaps(), ElementsAre());
}

// The broker lost its session, the connection broke again before it had granted all, and
// what the next one finds is the session of that short connection.
TEST_F(SubscriptionsTest, AnInterruptionOutlivesReconnectsThatFlap) {
  Connect();
  const auto a = Acquire(OfGateway("a"));
  const auto b = Acquire(OfGateway("b"));
  Settle();
  ReconnectWithGrantsHeld(/*session_present=*/false);
  subscriptions_.OnSubscribed(Gateway("a"), {});
  const uint64_t place = log_.next();
  broker_.Disconnect();
  broker_.HoldGrants(false);
  Connect(/*session_present=*/true);
  EXPECT_FALSE(a->coverage().Misses(place)) << "it was granted in that session";
  EXPECT_TRUE(b->coverage().Misses(place));
  EXPECT_FALSE(b->coverage().Misses(log_.next()));
  broker_.Disconnect();
  Connect(/*session_present=*/true);
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected)) << "it is told once";
}

TEST_F(SubscriptionsTest, AConnectionThatBreaksBeforeTheAnswerIsNoRefusal) {
  broker_.HoldGrants(true);
  Connect();
  const auto interest = Acquire(OfGateway("a"));
  Settle();
  broker_.Disconnect();
  Settle();
  EXPECT_EQ(interest->result(), std::nullopt);
  broker_.HoldGrants(false);
  Connect(/*session_present=*/true);
  EXPECT_EQ(interest->result(), absl::OkStatus());
  EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), 2);
}

// What replaces is there before what is replaced goes, whatever breaks meanwhile.
TEST_F(SubscriptionsTest, ReplacesInOrderAlsoOverAReconnect) {
  Connect();
  const auto narrow = Acquire(OfGateway("a"));
  Settle();
  broker_.HoldGrants(true);
  auto wide = Acquire();
  Settle();
  ReconnectWithGrantsHeld(/*session_present=*/true);
  EXPECT_THAT(broker_.held(), ElementsAre(Gateway("a")));
  broker_.HoldGrants(false);
  Settle();
  EXPECT_THAT(broker_.held(), ElementsAre(kAll));
  // And back, with the change while there is no connection.
  broker_.Disconnect();
  wide.reset();
  scheduler_.Advance(kLinger);
  broker_.HoldGrants(true);
  Connect(/*session_present=*/true);
  EXPECT_THAT(broker_.held(), ElementsAre(kAll));
  broker_.HoldGrants(false);
  Settle();
  EXPECT_THAT(broker_.held(), ElementsAre(Gateway("a")));
  EXPECT_THAT(Gaps(), ElementsAre());
}

// A broker that lets what was granted go with the refusal.
TEST_F(SubscriptionsTest, WhoWasServedByWhatIsRefusedInAKeptSessionIsToldOfAGap) {
  Connect();
  const auto greedy = Acquire();
  const auto modest = Acquire(OfGateway("a"));
  Settle();
  broker_.Disconnect();
  broker_.RefuseSubscription(kAll, absl::PermissionDeniedError("no longer"));
  Connect(/*session_present=*/true);
  Settle();
  EXPECT_EQ(modest->result(), absl::OkStatus());
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
}

TEST_F(SubscriptionsTest, ANewReaderWaitsForTheConnection) {
  Connect();
  const auto first = Acquire();
  Settle();
  broker_.Disconnect();
  Settle();
  const auto second = Acquire(OfGateway("a"));
  Settle();
  EXPECT_EQ(second->result(), std::nullopt);
  Connect();
  EXPECT_EQ(second->result(), absl::OkStatus());
}

}  // namespace
}  // namespace wirepas_grpc::core
