// SPDX-License-Identifier: Apache-2.0
//
// What UplinkDemand remembers over a restart.
#include "core/interest/uplink_demand_store.h"

#include <memory>
#include <set>
#include <string>

#include "core/interest/uplink_demand.h"
#include "gmock/gmock.h"
#include "tests/core/interest/uplink_demand_fixture.h"
#include "tests/core/uplink_log/store_fixture.h"
#include "tests/support/fake_broker.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr absl::Duration kLongLinger = absl::Hours(1);

// One run of the service after another, on the same state and at the same broker.
class UplinkDemandStoreTest : public UplinkStoreFixture {
 protected:
  class Run final : public BrokerClient::Handler {
   public:
    Run(UplinkDemandStoreTest* test, bool session_present)
        : store(test->database_.get(), &scheduler),
          log({}, {test->store_.get(), &test->executor_}, &test->executor_, &scheduler),
          demand({kLongLinger, 4, 1, &store}, &log, &broker, &test->executor_, &scheduler),
          executor(&test->executor_),
          first(log.next()) {
      EXPECT_TRUE(demand.Restore().ok());
      broker.Start(this);
      broker.Connect(session_present);
      Settle();
    }
    ~Run() override { broker.Stop(); }

    void OnMessage(const BrokerMessage&) override {}
    void OnState(const BrokerState& state) override {
      if (state.connected) {
        demand.OnConnected(state.session_present);
      } else {
        demand.OnDisconnected();
      }
    }
    void OnSubscribed(const std::string& filter, const absl::Status& status) override {
      demand.OnSubscribed(filter, status);
    }

    UplinkDemand::InterestPtr Acquire(const TrafficFilter& filter) {
      auto interest = demand.Acquire(filter, [] {});
      Settle();
      return interest;
    }
    void Settle() {
      broker.Flush();
      Drain(executor);
      broker.Flush();
    }
    std::set<std::string> Filters() {
      Settle();
      std::set<std::string> filters;
      for (const auto& [filter, qos] : broker.wanted()) filters.insert(filter);
      return filters;
    }
    // Whether it marked in the log that packets may be missing.
    bool HasGap() {
      for (uint64_t next = first; next < log.next();) {
        const auto read = log.Read(next, 1000, [](const Uplink&) { return true; });
        if (read.gap.has_value()) return true;
        next = read.next;
      }
      return false;
    }

    FakeScheduler scheduler;  // its own: timers end with the run
    FakeBroker broker;
    UplinkDemandStore store;
    UplinkLog log;
    UplinkDemand demand;
    Executor* const executor;
    const uint64_t first;  // entry of this run
  };

  ~UplinkDemandStoreTest() override {
    run_.reset();
    executor_.Stop();
  }

  void StartRun(bool session_present = true) {
    run_.reset();
    Reopen();
    run_ = std::make_unique<Run>(this, session_present);
  }

  std::unique_ptr<Run> run_;
};

TEST_F(UplinkDemandStoreTest, WhatWasWantedIsSubscribedToAfterARestart) {
  StartRun(false);
  EXPECT_THAT(run_->Filters(), IsEmpty());
  run_->Acquire(OfGateway("a"));
  const uint64_t covered_since = run_->Acquire(OfGateway("b"))->covered_since();
  StartRun();
  EXPECT_THAT(run_->Filters(), UnorderedElementsAre(Gateway("a"), Gateway("b")));
  EXPECT_FALSE(run_->HasGap());
  // It is as complete as it was.
  EXPECT_EQ(run_->Acquire(OfGateway("b"))->covered_since(), covered_since);
}

TEST_F(UplinkDemandStoreTest, ReadersComeAfterRestoring) {
  StartRun(false);
  const auto reader = run_->Acquire(OfGateway("a"));
  EXPECT_TRUE(absl::IsFailedPrecondition(run_->demand.Restore()));
}

TEST_F(UplinkDemandStoreTest, ASessionThatWasNotKeptIsAGap) {
  StartRun(false);
  run_->Acquire(OfGateway("a"));
  StartRun(false);
  EXPECT_TRUE(run_->HasGap());
}

TEST_F(UplinkDemandStoreTest, WhatWasNeverWantedIsNoGap) {
  StartRun(false);
  StartRun(false);
  EXPECT_FALSE(run_->HasGap());
}

TEST_F(UplinkDemandStoreTest, GoesWhenNobodyComesForTheTimeOfTheLinger) {
  StartRun(false);
  run_->Acquire(OfGateway("a"));
  StartRun();
  run_->scheduler.Advance(kLongLinger);
  EXPECT_THAT(run_->Filters(), IsEmpty());
  EXPECT_THAT(run_->store.Load()->covered, IsEmpty());
  EXPECT_THAT(run_->store.Load()->asked, IsEmpty());
  StartRun();
  EXPECT_THAT(run_->store.Load()->covered, IsEmpty());
  EXPECT_THAT(run_->Filters(), IsEmpty());
  EXPECT_THAT(run_->broker.unsubscribed(), IsEmpty());
}

TEST_F(UplinkDemandStoreTest, AReaderWhoComesBackKeepsIt) {
  StartRun(false);
  run_->Acquire(OfGateway("a"));
  StartRun();
  const auto reader = run_->Acquire(OfGateway("a"));
  run_->scheduler.Advance(kLongLinger);
  EXPECT_THAT(run_->Filters(), ElementsAre(Gateway("a")));
}

TEST_F(UplinkDemandStoreTest, ASubscriptionThatServesNobodyNowIsGivenUp) {
  StartRun(false);
  UplinkDemandStore store(database_.get(), &scheduler_);
  store.SetAsked(UplinkPattern());
  StartRun();
  EXPECT_THAT(run_->Filters(), IsEmpty());
  EXPECT_THAT(run_->broker.unsubscribed(), ElementsAre(kAll));
  StartRun();
  EXPECT_THAT(run_->broker.unsubscribed(), IsEmpty());
}

TEST_F(UplinkDemandStoreTest, ManyWideOrNarrowAreTheSameAfterARestart) {
  StartRun(false);
  for (const char* id : {"a", "b", "c", "d", "e"}) run_->Acquire(OfGateway(id));
  EXPECT_THAT(run_->Filters(), ElementsAre(kAll));
  StartRun();
  EXPECT_THAT(run_->Filters(), ElementsAre(kAll));
  EXPECT_FALSE(run_->HasGap());
}

}  // namespace
}  // namespace wirepas_grpc::core
