// SPDX-License-Identifier: Apache-2.0
//
// Refusals that may pass: who waits, when the broker is asked again, and what is told.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/interest/subscriptions.h"
#include "gmock/gmock.h"
#include "tests/core/interest/subscriptions_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kInUse = 0x91;
constexpr int kNotAuthorized = 0x87;
// No pause is longer.
constexpr absl::Duration kLongest = absl::Minutes(1);

class RefusalsTest : public SubscriptionsTest {
 protected:
  RefusalsTest() : SubscriptionsTest(/*max_filters=*/2) {}

  void Answer(const std::string& filter, int code) { broker_.AnswerSubscription(filter, code); }
  void Advance(absl::Duration by) {
    scheduler_.Advance(by);
    Settle();
  }
  void DeliverAs(uint64_t number) {
    ASSERT_EQ(log_.Append(std::make_unique<Uplink>(), "", ""), number);
  }
};

TEST_F(RefusalsTest, AReaderWaitsUntilTheBrokerGrants) {
  Answer(Gateway("a"), kInUse);
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  EXPECT_EQ(reader->result(), std::nullopt);
  EXPECT_TRUE(told_->empty());
  EXPECT_TRUE(subscriptions_.IsAskedAgain(Gateway("a")));
  Answer(Gateway("a"), 1);
  Advance(absl::Seconds(1));
  EXPECT_EQ(reader->result(), absl::OkStatus());
  EXPECT_EQ(told_->size(), 1u);
  EXPECT_FALSE(subscriptions_.IsAskedAgain(Gateway("a")));
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(RefusalsTest, PausesDoubleUpToTheLongest) {
  Answer(Gateway("a"), kInUse);
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  // Each is drawn from between the half and the whole of these.
  for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60}) {
    const int asked = broker_.subscribe_calls(Gateway("a"));
    Advance(absl::Seconds(seconds) / 2 - absl::Milliseconds(1));
    EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), asked) << seconds;
    while (broker_.subscribe_calls(Gateway("a")) == asked) Advance(absl::Milliseconds(10));
    EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), asked + 1);
  }
  EXPECT_EQ(reader->result(), std::nullopt);
}

TEST_F(RefusalsTest, TheLongestPauseIsNotLonger) {
  Answer(Gateway("a"), kInUse);
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  for (int i = 0; i < 20; ++i) Advance(kLongest);
  const int asked = broker_.subscribe_calls(Gateway("a"));
  Advance(kLongest);
  EXPECT_GT(broker_.subscribe_calls(Gateway("a")), asked);
}

// Else clients that come and go would make it ask all the time.
TEST_F(RefusalsTest, NewReadersDoNotShortenAPause) {
  Answer(Gateway("a"), kInUse);
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  const auto other = Acquire(OfGateway("a"), {.stays = true});
  Settle();
  EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), 1);
  Answer(Gateway("a"), 1);
  Advance(absl::Seconds(1));
  EXPECT_EQ(reader->result(), absl::OkStatus());
  EXPECT_EQ(other->result(), absl::OkStatus());
}

TEST_F(RefusalsTest, EachFilterHasItsOwnPauses) {
  Answer(Gateway("a"), kInUse);
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  while (broker_.subscribe_calls(Gateway("a")) < 10) Advance(kLongest);
  Answer(Gateway("b"), kInUse);
  const auto other = Acquire(OfGateway("b"));
  Settle();
  Answer(Gateway("b"), 1);
  Advance(absl::Seconds(1));
  EXPECT_EQ(other->result(), absl::OkStatus());
}

TEST_F(RefusalsTest, WhoStoppedWaitingIsNotAskedFor) {
  Answer(Gateway("a"), kInUse);
  Connect();
  Acquire(OfGateway("a"));
  Settle();
  Advance(kLinger);
  EXPECT_THAT(Filters(), IsEmpty());
  const int asked = broker_.subscribe_calls(Gateway("a"));
  Advance(absl::Hours(1));
  EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), asked);
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(RefusalsTest, AWaitEndsWithARefusalForGood) {
  Answer(Gateway("a"), kInUse);
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  Answer(Gateway("a"), kNotAuthorized);
  Advance(absl::Seconds(1));
  ASSERT_TRUE(reader->result().has_value());
  EXPECT_TRUE(absl::IsPermissionDenied(*reader->result())) << *reader->result();
  EXPECT_FALSE(subscriptions_.IsAskedAgain(Gateway("a")));
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(RefusalsTest, ANewConnectionIsAskedAtOnce) {
  Answer(Gateway("a"), kInUse);
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  broker_.Disconnect();
  Settle();
  EXPECT_EQ(scheduler_.pending(), 0u) << "there is nobody to ask";
  Answer(Gateway("a"), 1);
  Connect();
  EXPECT_EQ(reader->result(), absl::OkStatus());
}

// The session is kept, but the broker does not find its place again at once.
TEST_F(RefusalsTest, AReaderGoesOnAndIsToldOfAGap) {
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  const uint64_t since = reader->coverage().since;
  DeliverAs(2);
  Answer(Gateway("a"), kInUse);
  broker_.Disconnect();
  Connect(/*session_present=*/true);
  EXPECT_EQ(reader->result(), absl::OkStatus()) << "as while there is no connection";
  EXPECT_TRUE(reader->coverage().is_open());
  EXPECT_THAT(Gaps(), IsEmpty());
  Answer(Gateway("a"), 1);
  Advance(absl::Seconds(1));
  EXPECT_EQ(reader->result(), absl::OkStatus());
  EXPECT_FALSE(reader->coverage().is_open());
  EXPECT_EQ(reader->coverage().since, since);
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
  EXPECT_EQ(told_->size(), 1u);
}

// Where one interruption ended, a reader may have begun; the next is told to it too.
TEST_F(RefusalsTest, WhatIsLostRightAfterAnInterruptionIsToldAnew) {
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  DeliverAs(2);
  Answer(Gateway("a"), kInUse);
  broker_.Disconnect();
  Connect(/*session_present=*/true);
  Answer(Gateway("a"), 1);
  Advance(absl::Seconds(1));
  const uint64_t begin = log_.next();
  ASSERT_FALSE(reader->coverage().Misses(begin));
  ASSERT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
  broker_.Disconnect();
  Connect();
  ASSERT_FALSE(reader->coverage().is_open());
  EXPECT_THAT(Gaps(begin), ElementsAre(GapReason::kBrokerDisconnected));
}

// The two are one in the coverage; the gap of the first tells nothing of the second.
TEST_F(RefusalsTest, WhatIsMissedRightAfterALostSessionIsToldAnew) {
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  DeliverAs(2);
  broker_.Disconnect();
  Connect();
  const uint64_t begin = log_.next();
  ASSERT_FALSE(reader->coverage().Misses(begin));
  Answer(Gateway("a"), kInUse);
  broker_.Disconnect();
  Connect(/*session_present=*/true);
  ASSERT_TRUE(reader->coverage().is_open());
  Answer(Gateway("a"), 1);
  Advance(absl::Seconds(1));
  ASSERT_FALSE(reader->coverage().is_open());
  EXPECT_THAT(Gaps(begin), ElementsAre(GapReason::kBrokerDisconnected));
}

// One gap, at the beginning.
TEST_F(RefusalsTest, AReaderWhoseSessionIsLostIsToldOnce) {
  Connect();
  const auto reader = Acquire(OfGateway("a"));
  Settle();
  DeliverAs(2);
  Answer(Gateway("a"), kInUse);
  broker_.Disconnect();
  Connect();
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
  Answer(Gateway("a"), 1);
  Advance(absl::Seconds(1));
  EXPECT_EQ(reader->result(), absl::OkStatus());
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
}

// The one to all served it, and nobody wants that one any more.
TEST_F(RefusalsTest, WhatTakesOverFromAWiderOneAndIsPutOffLeavesAGap) {
  Connect();
  auto wide = Acquire({}, {});
  const auto narrow = Acquire(OfGateway("a"));
  Settle();
  ASSERT_EQ(narrow->result(), absl::OkStatus());
  Answer(Gateway("a"), kInUse);
  DeliverAs(2);
  wide.reset();
  Settle();
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  EXPECT_TRUE(narrow->coverage().is_open());
  Answer(Gateway("a"), 1);
  Advance(absl::Seconds(1));
  EXPECT_FALSE(narrow->coverage().is_open());
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
}

TEST_F(RefusalsTest, AWiderOneThatIsPutOffKeepsNobodyElseWaiting) {
  Answer(kAll, kInUse);
  Connect();
  const auto wide = Acquire();
  const auto narrow = Acquire(OfGateway("a"));
  Settle();
  EXPECT_EQ(narrow->result(), absl::OkStatus());
  EXPECT_EQ(wide->result(), std::nullopt);
  Answer(kAll, 1);
  Advance(absl::Seconds(1));
  EXPECT_EQ(wide->result(), absl::OkStatus());
  EXPECT_THAT(Filters(), ElementsAre(kAll));
}

TEST_F(RefusalsTest, WhoHasNoRoomWithoutTheOneToAllWaitsForIt) {
  Answer(kAll, kInUse);
  Connect();
  std::vector<InterestPtr> readers;
  for (const char* gateway : {"a", "b", "c"}) readers.push_back(Acquire(OfGateway(gateway)));
  Settle();
  EXPECT_EQ(readers[0]->result(), absl::OkStatus());
  EXPECT_EQ(readers[1]->result(), absl::OkStatus());
  EXPECT_EQ(readers[2]->result(), std::nullopt);
  EXPECT_TRUE(subscriptions_.IsAskedAgain(kAll));
  EXPECT_THAT(broker_.unsubscribed(), IsEmpty());
  Advance(absl::Seconds(1));
  EXPECT_EQ(broker_.subscribe_calls(kAll), 2);
  EXPECT_EQ(readers[2]->result(), std::nullopt);
  Answer(kAll, 1);
  Advance(absl::Seconds(2));
  EXPECT_EQ(readers[2]->result(), absl::OkStatus());
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(RefusalsTest, WhoNoLongerNeedsRoomLeavesNothing) {
  Answer(kAll, kInUse);
  Connect();
  std::vector<InterestPtr> readers;
  for (const char* gateway : {"a", "b", "c"}) readers.push_back(Acquire(OfGateway(gateway)));
  Settle();
  readers.pop_back();
  const int asked = broker_.subscribe_calls(kAll);
  Advance(kLongest);
  EXPECT_EQ(broker_.subscribe_calls(kAll), asked);
  EXPECT_THAT(broker_.unsubscribed(), ElementsAre(kAll));
  EXPECT_FALSE(subscriptions_.IsAskedAgain(kAll));
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(RefusalsTest, WhoLosesItsRoomForAWhileIsToldOfAGap) {
  Connect();
  std::vector<InterestPtr> readers;
  for (const char* gateway : {"a", "b", "c", "d", "e"}) {
    readers.push_back(Acquire(OfGateway(gateway)));
  }
  Settle();
  ASSERT_EQ(readers[2]->result(), absl::OkStatus());
  DeliverAs(log_.next());
  const uint64_t before = log_.next();
  Answer(kAll, kInUse);
  broker_.Disconnect();
  Connect(/*session_present=*/true);
  EXPECT_EQ(readers[2]->result(), absl::OkStatus());
  EXPECT_TRUE(readers[2]->coverage().is_open());
  Answer(kAll, 1);
  Advance(absl::Seconds(1));
  EXPECT_FALSE(readers[2]->coverage().is_open());
  EXPECT_THAT(Gaps(), testing::Contains(GapReason::kBrokerDisconnected));
  EXPECT_LE(log_.next(), before + 4) << "not a marker for each";
}

// ---- asked again for what is granted ----

TEST_F(RefusalsTest, WhatIsGrantedCanBeSubscribedToOnceMore) {
  EXPECT_FALSE(subscriptions_.AskAgain("statuses"));
  const auto interest = subscriptions_.Acquire({"statuses"}, {.stays = true}, [] {});
  EXPECT_FALSE(subscriptions_.AskAgain("statuses")) << "there is no connection";
  Connect();
  EXPECT_TRUE(subscriptions_.AskAgain("statuses"));
  Settle();
  EXPECT_EQ(broker_.subscribe_calls("statuses"), 2);
  EXPECT_TRUE(subscriptions_.IsGranted("statuses"));
  EXPECT_EQ(interest->result(), absl::OkStatus());
  // Whoever comes and goes meanwhile does so as ever.
  auto reader = Acquire(OfGateway("a"));
  EXPECT_THAT(Filters(), testing::UnorderedElementsAre("statuses", Gateway("a")));
  broker_.Disconnect();
  Connect();
  EXPECT_EQ(broker_.subscribe_calls("statuses"), 3);
  EXPECT_TRUE(subscriptions_.IsGranted("statuses"));
}

TEST_F(RefusalsTest, ARefusalOfWhatWasGrantedIsOneAsAnyOther) {
  const auto interest = subscriptions_.Acquire({"statuses"}, {.stays = true}, [] {});
  Connect();
  Answer("statuses", kInUse);
  EXPECT_TRUE(subscriptions_.AskAgain("statuses"));
  Settle();
  EXPECT_FALSE(subscriptions_.IsGranted("statuses"));
  EXPECT_TRUE(subscriptions_.IsAskedAgain("statuses"));
  EXPECT_FALSE(subscriptions_.AskAgain("statuses"));
  Answer("statuses", 1);
  Advance(absl::Seconds(1));
  EXPECT_TRUE(subscriptions_.IsGranted("statuses"));
}

}  // namespace
}  // namespace wirepas_grpc::core
