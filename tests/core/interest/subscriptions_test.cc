// SPDX-License-Identifier: Apache-2.0
#include "core/interest/subscriptions.h"

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/interest/subscriptions_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST_F(SubscriptionsTest, NobodyWantsItNobodySubscribes) {
  Connect();
  EXPECT_THAT(Filters(), ElementsAre());
}

TEST_F(SubscriptionsTest, AReaderIsToldWhenTheBrokerHasGranted) {
  broker_.HoldGrants(true);
  Connect();
  const auto interest = Acquire(OfGateway("a"));
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  EXPECT_EQ(interest->result(), std::nullopt);
  EXPECT_TRUE(told_->empty());
  broker_.HoldGrants(false);
  ASSERT_TRUE(told_->Take().has_value());
  EXPECT_EQ(interest->result(), absl::OkStatus());
  // One more finds it granted.
  const auto second = Acquire(OfGateway("a"));
  EXPECT_EQ(second->result(), absl::OkStatus());
  EXPECT_EQ(second->coverage().since, interest->coverage().since);
  EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), 1);
}

TEST_F(SubscriptionsTest, AReaderOfSeveralPatternsWaitsForAll) {
  Connect();
  broker_.HoldGrants(true);
  TrafficFilter two = OfGateway("a");
  two.gateway_ids.insert("b");
  const auto interest = Acquire(two);
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), Gateway("b")));
  subscriptions_.OnSubscribed(Gateway("a"), {});
  EXPECT_EQ(interest->result(), std::nullopt);
  subscriptions_.OnSubscribed(Gateway("b"), {});
  EXPECT_EQ(interest->result(), absl::OkStatus());
}

TEST_F(SubscriptionsTest, WhatOthersCoverIsNotSubscribedTo) {
  Connect();
  const auto gateway = Acquire(OfGateway("a"));
  const auto endpoint = Acquire(OfEndpoint("a", 1));
  const auto other = Acquire(OfEndpoint("b", 1));
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), "gw-event/received_data/b/+/+/1/#"));
  EXPECT_EQ(endpoint->result(), absl::OkStatus());
  EXPECT_EQ(endpoint->coverage().since, gateway->coverage().since);
}

TEST_F(SubscriptionsTest, TheNarrowGoesOnlyWhenTheWideIsGranted) {
  Connect();
  const auto narrow = Acquire(OfGateway("a"));
  Settle();
  broker_.HoldGrants(true);
  auto wide = Acquire();
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), kAll));
  broker_.HoldGrants(false);
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  EXPECT_GT(wide->coverage().since, narrow->coverage().since);

  // And back.
  wide.reset();
  broker_.HoldGrants(true);
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), kAll));
  broker_.HoldGrants(false);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
}

// A reader that was served by something wider all the time has lost nothing.
TEST_F(SubscriptionsTest, CoverageOutlivesAChangeOfWhoServes) {
  Connect();
  auto wide = Acquire();
  auto narrow = Acquire(OfGateway("a"));
  Settle();
  const uint64_t since = wide->coverage().since;
  wide.reset();
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  EXPECT_EQ(Acquire(OfGateway("a"))->coverage().since, since);
}

TEST_F(SubscriptionsTest, PatternsLingerSoThatChurnIsNotSeen) {
  Connect();
  for (int i = 0; i < 5; ++i) {
    auto interest = Acquire(OfGateway("a"));
    Settle();
    interest.reset();
    scheduler_.Advance(0.9 * kLinger);
  }
  EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), 1);
  scheduler_.Advance(0.1 * kLinger);
  EXPECT_THAT(Filters(), ElementsAre());
}

TEST_F(SubscriptionsTest, WhoComesBackAfterTheLingerIsCoveredAnewOnly) {
  Connect();
  auto interest = Acquire(OfGateway("a"));
  Settle();
  const uint64_t cursor = log_.next();  // as a reader is given it
  interest.reset();
  scheduler_.Advance(kLinger);
  interest = Acquire(OfGateway("a"));
  Settle();
  EXPECT_GT(interest->coverage().since, cursor);
  EXPECT_THAT(Gaps(), ElementsAre()) << "markers of coverage are no gaps";
}

TEST_F(SubscriptionsTest, TooManyPatternsBecomeOne) {
  Connect();
  std::vector<InterestPtr> interests;
  for (const char* id : {"a", "b", "c", "d"}) interests.push_back(Acquire(OfGateway(id)));
  EXPECT_EQ(Filters().size(), 4u);
  interests.push_back(Acquire(OfGateway("e")));
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  for (const auto& interest : interests) EXPECT_EQ(interest->result(), absl::OkStatus());
  EXPECT_EQ(subscriptions_.uplink_filters(), 1u);
  const uint64_t since = interests.front()->coverage().since;
  interests.pop_back();
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(),
              UnorderedElementsAre(Gateway("a"), Gateway("b"), Gateway("c"), Gateway("d")));
  EXPECT_EQ(Acquire(OfGateway("a"))->coverage().since, since) << "it was served all the time";
}

TEST_F(SubscriptionsTest, WhereAllIsForbiddenTheNarrowWayIsBoundedToo) {
  broker_.RefuseSubscription(kAll, absl::PermissionDeniedError("not all"));
  Connect();
  std::vector<InterestPtr> interests;
  for (const char* id : {"a", "b", "c", "d"}) interests.push_back(Acquire(OfGateway(id)));
  Settle();
  for (const char* id : {"e", "f"}) {
    const auto late = Acquire(OfGateway(id));
    Settle();
    EXPECT_TRUE(absl::IsResourceExhausted(late->result().value()));
  }
  EXPECT_EQ(Filters().size(), 4u);
  for (const auto& interest : interests) EXPECT_EQ(interest->result(), absl::OkStatus());
  // What they cover is no more than they are.
  const auto covered = Acquire(OfEndpoint("a", 1));
  EXPECT_EQ(covered->result(), absl::OkStatus());
  // There is room again.
  interests.pop_back();
  scheduler_.Advance(kLinger);
  const auto later = Acquire(OfGateway("e"));
  Settle();
  EXPECT_EQ(later->result(), absl::OkStatus());
}

// Not by many readers, nor by filters of many values.
TEST_F(SubscriptionsTest, WhatIsWantedIsBounded) {
  Connect();
  std::vector<InterestPtr> interests;
  for (int i = 0; i < 2100; ++i) interests.push_back(Acquire(OfGateway(absl::StrCat(i))));
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  for (const auto& interest : interests) ASSERT_EQ(interest->result(), absl::OkStatus());
  interests.resize(3);
  scheduler_.Advance(kLinger);
  EXPECT_EQ(Filters().size(), 3u);
}

TEST_F(SubscriptionsTest, AnInterestInSeveralTopicFiltersIsGrantedAsAWhole) {
  Connect();
  broker_.RefuseSubscription("b/#", absl::PermissionDeniedError("no"));
  const auto both = subscriptions_.Acquire({"a/#", "b/#"}, {}, [] {});
  const auto one = subscriptions_.Acquire({"a/#"}, {}, [] {});
  EXPECT_THAT(Filters(), UnorderedElementsAre("a/#", "b/#"));
  EXPECT_TRUE(absl::IsPermissionDenied(both->result().value()));
  EXPECT_EQ(one->result(), absl::OkStatus());
  EXPECT_TRUE(subscriptions_.IsGranted("a/#"));
  EXPECT_FALSE(subscriptions_.IsGranted("b/#"));
  EXPECT_THAT(Gaps(), ElementsAre());
}

TEST_F(SubscriptionsTest, AReaderThatLeftIsNotTold) {
  broker_.HoldGrants(true);
  Connect();
  Acquire(OfGateway("a")).reset();
  broker_.HoldGrants(false);
  Settle();
  EXPECT_TRUE(told_->empty());
}

// Else the answer that comes would be taken for one to the next question.
TEST_F(SubscriptionsTest, WhatIsNotAnsweredYetIsNotGivenUp) {
  broker_.HoldGrants(true);
  Connect();
  Acquire(OfGateway("a")).reset();
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  broker_.HoldGrants(false);
  EXPECT_THAT(Filters(), ElementsAre());
}

TEST_F(SubscriptionsTest, WhatIsNotWantedAnyMoreIsNotAskedForAfterAReconnect) {
  Connect();
  auto interest = Acquire(OfGateway("a"));
  Settle();
  broker_.Disconnect();
  Settle();
  interest.reset();
  scheduler_.Advance(kLinger);
  Connect();
  EXPECT_THAT(Filters(), ElementsAre());
  EXPECT_THAT(Gaps(), ElementsAre());
}

TEST_F(SubscriptionsTest, WhatComesAndGoesWithoutAConnectionLeavesNothing) {
  for (int i = 0; i < 100; ++i) Acquire(OfGateway(absl::StrCat(i)));
  scheduler_.Advance(kLinger);
  EXPECT_EQ(subscriptions_.uplink_filters(), 0u);
  Connect();
  EXPECT_EQ(broker_.subscribe_calls(Gateway("7")), 0);
  EXPECT_THAT(broker_.unsubscribed(), ElementsAre());
}

// 2,000 requests a second came and went, and each left a timer for a minute.
TEST_F(SubscriptionsTest, AnIdleEdgeLeavesNoTimerBehind) {
  Connect();
  for (int i = 0; i < 1000; ++i) Acquire(OfGateway("a"));
  EXPECT_EQ(scheduler_.pending(), 1u);
  const auto interest = Acquire(OfGateway("a"));
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(SubscriptionsTest, NothingChangesAfterStop) {
  Connect();
  auto gone = Acquire(OfGateway("a"));
  Acquire(OfGateway("b"));
  auto at_once = Acquire(OfGateway("c"), {});
  Settle();
  subscriptions_.Stop();
  gone.reset();
  at_once.reset();
  scheduler_.Advance(2 * kLinger);
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), Gateway("b"), Gateway("c")));
}

class OneFilterTest : public SubscriptionsTest {
 protected:
  OneFilterTest() : SubscriptionsTest(1) {}
};

TEST_F(OneFilterTest, AsksForAllWhateverIsWanted) {
  Connect();
  auto a = Acquire(OfGateway("a"));
  auto b = Acquire(OfEndpoint("b", 2));
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  a.reset();
  b.reset();
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre());
}

// Readers come and go at random, with the broker's answers held back now and then:
// at every moment the broker was granted what each confirmed reader needs.
TEST_F(SubscriptionsTest, NoConfirmedReaderIsEverUncovered) {
  Connect();
  std::mt19937 random(1);
  std::vector<std::pair<std::string, InterestPtr>> readers;
  for (int step = 0; step < 2000; ++step) {
    const unsigned dice = random() % 10;
    const std::string gateway = absl::StrCat("g", random() % 8);
    if (dice < 3) {
      readers.emplace_back(absl::StrCat(gateway, "/s/7/1/2"), Acquire(OfGateway(gateway)));
    } else if (dice < 5) {
      readers.emplace_back(absl::StrCat(gateway, "/s/7/1/2"), Acquire(OfEndpoint(gateway, 1)));
    } else if (dice == 5) {
      readers.emplace_back(absl::StrCat(gateway, "/s/7/1/2"), Acquire());
    } else if (dice < 9 && !readers.empty()) {
      std::swap(readers[random() % readers.size()], readers.back());
      readers.pop_back();
    } else {
      broker_.HoldGrants(random() % 2 == 0);
      scheduler_.Advance(kLinger * 0.3);
    }
    Settle();
    for (const auto& [topic, reader] : readers) {
      if (reader->result() != absl::OkStatus()) continue;
      ASSERT_TRUE(broker_.Deliver(absl::StrCat("gw-event/received_data/", topic), "")) << step;
    }
  }
  readers.clear();
  broker_.HoldGrants(false);
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre());
}

TEST_F(SubscriptionsTest, ReadersComeAndGoOnManyThreads) {
  Connect();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 200; ++j) {
        const auto interest = Acquire(OfGateway(absl::StrCat((i + j) % 7)));
        interest->result();
      }
    });
  }
  std::thread time([&] {
    for (int j = 0; j < 200; ++j) scheduler_.Advance(kLinger);
  });
  for (std::thread& thread : threads) thread.join();
  time.join();
  Settle();
  scheduler_.Advance(2 * kLinger);
  EXPECT_THAT(Filters(), ElementsAre());
}

}  // namespace
}  // namespace wirepas_grpc::core
