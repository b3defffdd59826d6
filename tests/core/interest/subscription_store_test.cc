// SPDX-License-Identifier: Apache-2.0
//
// What Subscriptions remembers over a restart.
#include "core/interest/subscription_store.h"

#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "core/interest/subscriptions.h"
#include "gmock/gmock.h"
#include "tests/core/interest/subscriptions_fixture.h"
#include "tests/core/uplink_log/store_fixture.h"
#include "tests/support/fake_broker.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr absl::Duration kLongLinger = absl::Hours(1);
const Subscriptions::Terms kLongReader = {.linger = kLongLinger, .remembered = true};

// One run of the service after another, on the same state and at the same broker.
class SubscriptionStoreTest : public UplinkStoreFixture {
 protected:
  class Run final : public BrokerClient::Handler {
   public:
    Run(SubscriptionStoreTest* test, bool session_present)
        : store(test->database_.get(), &scheduler),
          log({}, {test->store_.get(), &test->executor_}, &test->executor_, &scheduler),
          subscriptions(
              {.max_uplink_filters = 4, .session_kept = test->keeps_session_, .store = &store},
              &log, &broker, &test->executor_, &scheduler),
          executor(&test->executor_),
          first(log.next()) {
      EXPECT_TRUE(subscriptions.Restore(kLongReader).ok());
      broker.Start(this);
      broker.HoldGrants(test->hold_grants_);
      broker.Connect(session_present);
      Settle();
    }
    ~Run() override {
      broker.Stop();
      subscriptions.Stop();
    }

    void OnMessage(const BrokerMessage&) override {}
    void OnState(const BrokerState& state) override {
      if (state.connected) {
        subscriptions.OnConnected(state.session_present);
      } else {
        subscriptions.OnDisconnected();
      }
    }
    void OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) override {
      subscriptions.OnSubscribed(filter, answer);
    }
    void OnUnsubscribed(const std::string& filter) override {
      if (!hold_confirmations) subscriptions.OnUnsubscribed(filter);
    }

    InterestPtr Acquire(const TrafficFilter& filter) {
      auto interest = subscriptions.AcquireUplinks(filter, kLongReader, [] {});
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
    SubscriptionStore store;
    UplinkLog log;
    Subscriptions subscriptions;
    Executor* const executor;
    const uint64_t first;                          // entry of this run
    std::atomic<bool> hold_confirmations = false;  // of UNSUBSCRIBE
  };

  ~SubscriptionStoreTest() override {
    run_.reset();
    executor_.Stop();
  }

  void StartRun(bool session_present = true) {
    run_.reset();
    Reopen();
    run_ = std::make_unique<Run>(this, session_present);
  }

  std::unique_ptr<Run> run_;
  bool keeps_session_ = false;
  bool hold_grants_ = false;  // by the broker of the next run
};

TEST_F(SubscriptionStoreTest, WhatWasWantedIsSubscribedToAfterARestart) {
  StartRun(false);
  EXPECT_THAT(run_->Filters(), IsEmpty());
  run_->Acquire(OfGateway("a"));
  const uint64_t covered_since = run_->Acquire(OfGateway("b"))->coverage().since;
  StartRun();
  EXPECT_THAT(run_->Filters(), UnorderedElementsAre(Gateway("a"), Gateway("b")));
  EXPECT_FALSE(run_->HasGap());
  // It is as complete as it was.
  EXPECT_EQ(run_->Acquire(OfGateway("b"))->coverage().since, covered_since);
}

TEST_F(SubscriptionStoreTest, ReadersComeAfterRestoring) {
  StartRun(false);
  const auto reader = run_->Acquire(OfGateway("a"));
  EXPECT_TRUE(absl::IsFailedPrecondition(run_->subscriptions.Restore(kLongReader)));
}

TEST_F(SubscriptionStoreTest, ASessionThatWasNotKeptIsAGap) {
  StartRun(false);
  run_->Acquire(OfGateway("a"));
  StartRun(false);
  EXPECT_TRUE(run_->HasGap());
}

TEST_F(SubscriptionStoreTest, WhatWasNeverWantedIsNoGap) {
  StartRun(false);
  StartRun(false);
  EXPECT_FALSE(run_->HasGap());
}

TEST_F(SubscriptionStoreTest, GoesWhenNobodyComesForTheTimeOfTheLinger) {
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

TEST_F(SubscriptionStoreTest, AReaderWhoComesBackKeepsIt) {
  StartRun(false);
  run_->Acquire(OfGateway("a"));
  StartRun();
  const auto reader = run_->Acquire(OfGateway("a"));
  run_->scheduler.Advance(kLongLinger);
  EXPECT_THAT(run_->Filters(), ElementsAre(Gateway("a")));
}

TEST_F(SubscriptionStoreTest, ASubscriptionThatServesNobodyNowIsGivenUp) {
  StartRun(false);
  SubscriptionStore store(database_.get(), &scheduler_);
  store.SetAsked(kAll);
  StartRun();
  EXPECT_THAT(run_->Filters(), IsEmpty());
  EXPECT_THAT(run_->broker.unsubscribed(), ElementsAre(kAll));
  StartRun();
  EXPECT_THAT(run_->broker.unsubscribed(), IsEmpty());
}

// The next run has to know of it as long as the session may hold it.
TEST_F(SubscriptionStoreTest, WhatWasAskedForIsForgottenWhenTheBrokerHasConfirmed) {
  StartRun(false);
  run_->Acquire(OfGateway("a"));
  run_->hold_confirmations = true;
  run_->scheduler.Advance(kLongLinger);
  EXPECT_THAT(run_->Filters(), IsEmpty());
  EXPECT_THAT(run_->store.Load()->asked, ElementsAre(Gateway("a")));
  StartRun();
  EXPECT_THAT(run_->broker.unsubscribed(), ElementsAre(Gateway("a")));
  EXPECT_THAT(run_->store.Load()->asked, IsEmpty());
}

// The broker lost its session, and the service ended before it was granted anything anew.
TEST_F(SubscriptionStoreTest, AnInterruptionOutlivesARestart) {
  StartRun(false);
  run_->Acquire(OfGateway("a"));
  run_->broker.Disconnect();
  run_->broker.HoldGrants(true);
  run_->broker.Connect(/*session_present=*/false);
  run_->Settle();
  EXPECT_TRUE(run_->HasGap());
  const uint64_t place = run_->log.next();
  StartRun(/*session_present=*/true);
  EXPECT_TRUE(run_->HasGap()) << "told again, as what came in between is not known any more";
  const Coverage coverage = run_->Acquire(OfGateway("a"))->coverage();
  EXPECT_TRUE(coverage.Misses(place)) << "behind the marker, and before the grant";
  EXPECT_FALSE(coverage.Misses(run_->log.next()));
  StartRun(/*session_present=*/true);
  EXPECT_EQ(run_->Acquire(OfGateway("a"))->coverage(), coverage);
}

// Of a session of which nothing is known, as when the state is new.
TEST_F(SubscriptionStoreTest, WhatAnEarlierStateMayHaveAskedForIsGivenUp) {
  keeps_session_ = true;
  StartRun();
  EXPECT_THAT(run_->broker.unsubscribed(),
              UnorderedElementsAre(kAll, "gw-request/send_data/#", "gw-response/#"));
  EXPECT_THAT(run_->Filters(), IsEmpty());
}

TEST_F(SubscriptionStoreTest, AWideInterestAtTheEndIsReplacedInOrder) {
  StartRun(false);
  run_->Acquire(OfGateway("a"));
  run_->subscriptions.AcquireUplinks({}, {.linger = kLongLinger}, [] {});
  EXPECT_THAT(run_->Filters(), ElementsAre(kAll));
  hold_grants_ = true;
  StartRun();
  EXPECT_THAT(run_->Filters(), ElementsAre(Gateway("a")));
  EXPECT_THAT(run_->broker.unsubscribed(), IsEmpty()) << "it is what serves until then";
  run_->broker.HoldGrants(false);
  EXPECT_THAT(run_->Filters(), ElementsAre(Gateway("a")));
  EXPECT_THAT(run_->broker.unsubscribed(), ElementsAre(kAll));
  EXPECT_FALSE(run_->HasGap());
}

// Nobody can have come back yet while the broker was away.
TEST_F(SubscriptionStoreTest, TheLingerBeginsWithTheAnswersOfTheBroker) {
  StartRun(false);
  run_->Acquire(OfGateway("a"));
  hold_grants_ = true;
  StartRun();
  run_->scheduler.Advance(2 * kLongLinger);
  EXPECT_THAT(run_->Filters(), ElementsAre(Gateway("a")));
  run_->broker.HoldGrants(false);
  run_->Settle();
  run_->scheduler.Advance(kLongLinger);
  EXPECT_THAT(run_->Filters(), IsEmpty());
}

TEST_F(SubscriptionStoreTest, ManyWideOrNarrowAreTheSameAfterARestart) {
  StartRun(false);
  for (const char* id : {"a", "b", "c", "d", "e"}) run_->Acquire(OfGateway(id));
  EXPECT_THAT(run_->Filters(), ElementsAre(kAll));
  StartRun();
  EXPECT_THAT(run_->Filters(), ElementsAre(kAll));
  EXPECT_FALSE(run_->HasGap());
}

}  // namespace
}  // namespace wirepas_grpc::core
