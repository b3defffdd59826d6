// SPDX-License-Identifier: Apache-2.0
#include "core/network/uplink_demand.h"

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
#include "tests/support/fake_broker.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr absl::Duration kLinger = absl::Seconds(10);
constexpr char kAll[] = "gw-event/received_data/#";

std::string Gateway(const std::string& id) {
  return absl::StrCat("gw-event/received_data/", id, "/#");
}

TrafficFilter OfGateway(const std::string& id) {
  TrafficFilter filter;
  filter.gateway_ids = {id};
  return filter;
}

TrafficFilter OfEndpoint(const std::string& gateway, int endpoint) {
  TrafficFilter filter = OfGateway(gateway);
  filter.source_endpoints.set(endpoint);
  return filter;
}

class UplinkDemandTest : public testing::Test, protected BrokerClient::Handler {
 protected:
  explicit UplinkDemandTest(size_t max_filters = 4)
      : demand_({kLinger, max_filters, 1}, &log_, &broker_, &executor_, &scheduler_) {
    broker_.Start(this);
  }
  // Before destruction begins: the broker calls this object.
  void TearDown() override {
    broker_.Stop();
    executor_.Stop();
  }

  // BrokerClient::Handler, as the network does it.
  void OnMessage(const BrokerMessage&) override {}
  void OnState(const BrokerState& state) override {
    if (state.connected) {
      demand_.OnConnected(state.session_present);
    } else {
      demand_.OnDisconnected();
    }
  }
  void OnSubscribed(const std::string& filter, const absl::Status& status) override {
    demand_.OnSubscribed(filter, status);
  }

  UplinkDemand::InterestPtr Acquire(const TrafficFilter& filter = {}) {
    return demand_.Acquire(filter, [told = told_] { told->Put(true); });
  }
  void Connect(bool session_present = false) {
    broker_.Connect(session_present);
    Settle();
  }
  void Settle() {
    broker_.Flush();
    Drain(&executor_, 2);
    broker_.Flush();
  }
  std::set<std::string> Filters() {
    Settle();
    std::set<std::string> filters;
    for (const auto& [filter, qos] : broker_.wanted()) filters.insert(filter);
    EXPECT_EQ(filters.size(), demand_.subscriptions());
    return filters;
  }
  // The reasons of the gaps that a reader of the whole log is told.
  std::vector<GapReason> Gaps() {
    std::vector<GapReason> reasons;
    for (uint64_t next = 1; next < log_.next();) {
      const auto read = log_.Read(next, 1000, [](const Uplink&) { return true; });
      if (read.gap.has_value()) reasons.push_back(read.gap->reason);
      next = read.next;
    }
    return reasons;
  }

  std::shared_ptr<Inbox<bool>> told_ = std::make_shared<Inbox<bool>>();
  FakeScheduler scheduler_;
  Executor executor_{1};
  FakeBroker broker_;
  UplinkLog log_{{}, {}, &executor_, &scheduler_};
  UplinkDemand demand_;
};

TEST_F(UplinkDemandTest, NobodyWantsItNobodySubscribes) {
  Connect();
  EXPECT_THAT(Filters(), ElementsAre());
}

TEST_F(UplinkDemandTest, AReaderIsToldWhenTheBrokerHasGranted) {
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
  EXPECT_EQ(second->covered_since(), interest->covered_since());
  EXPECT_EQ(broker_.subscribe_calls(Gateway("a")), 1);
}

TEST_F(UplinkDemandTest, AReaderOfSeveralPatternsWaitsForAll) {
  Connect();
  broker_.HoldGrants(true);
  TrafficFilter two = OfGateway("a");
  two.gateway_ids.insert("b");
  const auto interest = Acquire(two);
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), Gateway("b")));
  demand_.OnSubscribed(Gateway("a"), absl::OkStatus());
  EXPECT_EQ(interest->result(), std::nullopt);
  demand_.OnSubscribed(Gateway("b"), absl::OkStatus());
  EXPECT_EQ(interest->result(), absl::OkStatus());
}

TEST_F(UplinkDemandTest, WhatOthersCoverIsNotSubscribedTo) {
  Connect();
  const auto gateway = Acquire(OfGateway("a"));
  const auto endpoint = Acquire(OfEndpoint("a", 1));
  const auto other = Acquire(OfEndpoint("b", 1));
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), "gw-event/received_data/b/+/+/1/#"));
  EXPECT_EQ(endpoint->result(), absl::OkStatus());
  EXPECT_EQ(endpoint->covered_since(), gateway->covered_since());
}

TEST_F(UplinkDemandTest, TheNarrowGoesOnlyWhenTheWideIsGranted) {
  Connect();
  const auto narrow = Acquire(OfGateway("a"));
  Settle();
  broker_.HoldGrants(true);
  auto wide = Acquire();
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), kAll));
  broker_.HoldGrants(false);
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  EXPECT_GT(wide->covered_since(), narrow->covered_since());

  // And back.
  wide.reset();
  broker_.HoldGrants(true);
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), kAll));
  broker_.HoldGrants(false);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
}

// A reader that was served by something wider all the time has lost nothing.
TEST_F(UplinkDemandTest, CoverageOutlivesAChangeOfWhoServes) {
  Connect();
  auto wide = Acquire();
  auto narrow = Acquire(OfGateway("a"));
  Settle();
  const uint64_t since = wide->covered_since();
  wide.reset();
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  EXPECT_EQ(Acquire(OfGateway("a"))->covered_since(), since);
}

TEST_F(UplinkDemandTest, PatternsLingerSoThatChurnIsNotSeen) {
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

TEST_F(UplinkDemandTest, WhoComesBackAfterTheLingerIsCoveredAnewOnly) {
  Connect();
  auto interest = Acquire(OfGateway("a"));
  Settle();
  const uint64_t cursor = log_.next();  // as a reader is given it
  interest.reset();
  scheduler_.Advance(kLinger);
  interest = Acquire(OfGateway("a"));
  Settle();
  EXPECT_GT(interest->covered_since(), cursor);
  EXPECT_THAT(Gaps(), ElementsAre()) << "markers of coverage are no gaps";
}

TEST_F(UplinkDemandTest, TooManyPatternsBecomeOne) {
  Connect();
  std::vector<UplinkDemand::InterestPtr> interests;
  for (const char* id : {"a", "b", "c", "d"}) interests.push_back(Acquire(OfGateway(id)));
  EXPECT_EQ(Filters().size(), 4u);
  interests.push_back(Acquire(OfGateway("e")));
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  for (const auto& interest : interests) EXPECT_EQ(interest->result(), absl::OkStatus());
  // Narrow again only well below the bound.
  interests.pop_back();
  interests.pop_back();
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  interests.pop_back();
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), UnorderedElementsAre(Gateway("a"), Gateway("b")));
}

TEST_F(UplinkDemandTest, WhereAllIsForbiddenEachFilterStays) {
  broker_.RefuseSubscription(kAll, absl::PermissionDeniedError("not all"));
  Connect();
  std::vector<UplinkDemand::InterestPtr> interests;
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) {
    interests.push_back(Acquire(OfGateway(id)));
    Settle();
  }
  EXPECT_EQ(Filters().size(), 6u);
  for (const auto& interest : interests) EXPECT_EQ(interest->result(), absl::OkStatus());
}

TEST_F(UplinkDemandTest, ARefusalIsToldToThoseWhomItConcerns) {
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

TEST_F(UplinkDemandTest, ARefusalAfterAReconnectIsTold) {
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

TEST_F(UplinkDemandTest, WhoAsksForTooMuchEndsAlone) {
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
  EXPECT_EQ(greedy->covered_since(), 0u);

  // With other access rules, all is served by one again.
  broker_.RefuseSubscription(kAll, absl::OkStatus());
  const auto allowed = Acquire();
  EXPECT_THAT(Filters(), ElementsAre(kAll));
  EXPECT_EQ(allowed->result(), absl::OkStatus());
}

// The access rules changed while the broker was away.
TEST_F(UplinkDemandTest, WhoWasServedByWhatIsNowRefusedIsServedOtherwise) {
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

TEST_F(UplinkDemandTest, AGapIsMarkedAlsoWhenTheLastAnswerIsARefusal) {
  Connect();
  const auto a = Acquire(OfGateway("a"));
  const auto b = Acquire(OfGateway("b"));
  Settle();
  broker_.Disconnect();
  broker_.HoldGrants(true);
  Connect();
  demand_.OnSubscribed(Gateway("a"), absl::OkStatus());
  EXPECT_THAT(Gaps(), ElementsAre());
  demand_.OnSubscribed(Gateway("b"), absl::PermissionDeniedError("no longer"));
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
}

TEST_F(UplinkDemandTest, ALostConnectionIsOneGapOnceAllIsGrantedAgain) {
  Connect();
  const auto a = Acquire(OfGateway("a"));
  const auto b = Acquire(OfGateway("b"));
  Settle();
  broker_.Disconnect();
  broker_.HoldGrants(true);
  Connect();
  demand_.OnSubscribed(Gateway("b"), absl::OkStatus());
  EXPECT_THAT(Gaps(), ElementsAre()) << "packets of gateway a are still being lost";
  demand_.OnSubscribed(Gateway("a"), absl::OkStatus());
  EXPECT_THAT(Gaps(), ElementsAre(GapReason::kBrokerDisconnected));
}

TEST_F(UplinkDemandTest, AKeptSessionIsNoGap) {
  Connect();
  const auto interest = Acquire();
  Settle();
  broker_.Disconnect();
  Connect(/*session_present=*/true);
  EXPECT_THAT(Gaps(), ElementsAre());
}

TEST_F(UplinkDemandTest, ANewReaderWaitsForTheConnection) {
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

TEST_F(UplinkDemandTest, AReaderThatLeftIsNotTold) {
  broker_.HoldGrants(true);
  Connect();
  Acquire(OfGateway("a")).reset();
  broker_.HoldGrants(false);
  Settle();
  EXPECT_TRUE(told_->empty());
}

// Else the answer that comes would be taken for one to the next question.
TEST_F(UplinkDemandTest, WhatIsNotAnsweredYetIsNotGivenUp) {
  broker_.HoldGrants(true);
  Connect();
  Acquire(OfGateway("a")).reset();
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre(Gateway("a")));
  broker_.HoldGrants(false);
  EXPECT_THAT(Filters(), ElementsAre());
}

TEST_F(UplinkDemandTest, WithoutAConnectionItIsGivenUpAtOnce) {
  Connect();
  auto interest = Acquire(OfGateway("a"));
  Settle();
  broker_.Disconnect();
  Settle();
  interest.reset();
  scheduler_.Advance(kLinger);
  EXPECT_THAT(Filters(), ElementsAre());
  Connect();
  EXPECT_THAT(Gaps(), ElementsAre());
}

class OneFilterTest : public UplinkDemandTest {
 protected:
  OneFilterTest() : UplinkDemandTest(1) {}
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
TEST_F(UplinkDemandTest, NoConfirmedReaderIsEverUncovered) {
  Connect();
  std::mt19937 random(1);
  std::vector<std::pair<std::string, UplinkDemand::InterestPtr>> readers;
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

TEST_F(UplinkDemandTest, ReadersComeAndGoOnManyThreads) {
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
