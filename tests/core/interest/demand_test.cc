// SPDX-License-Identifier: Apache-2.0
#include "core/interest/demand.h"

#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/fake_broker.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

constexpr absl::Duration kLinger = absl::Seconds(10);

// The broker only takes note; the test plays its answers.
class DemandTest : public testing::Test {
 protected:
  bool Subscribed() { return broker_.wanted().contains("some/#"); }
  Demand::Answered Keep(Inbox<absl::Status>* inbox) {
    return [inbox](const absl::Status& status) { inbox->Put(status); };
  }

  Inbox<absl::Status> confirmed_;  // outlives the executor, which fills it
  FakeScheduler scheduler_;
  Executor executor_{1};
  FakeBroker broker_;
  Demand demand_{"some/#", 1, kLinger, &broker_, &executor_, &scheduler_};
};

TEST_F(DemandTest, NobodyWantsItNobodySubscribes) {
  EXPECT_FALSE(Subscribed());
  EXPECT_FALSE(demand_.wanted());
  EXPECT_FALSE(demand_.confirmed());
}

TEST_F(DemandTest, SubscribesOnceForAllUsersAndLeavesAfterTheLastAndALinger) {
  Demand::LeasePtr first = demand_.Acquire();
  Demand::LeasePtr second = demand_.Acquire();
  EXPECT_EQ(broker_.wanted().at("some/#"), 1);
  EXPECT_EQ(broker_.subscribe_calls("some/#"), 1);
  first.reset();
  scheduler_.Advance(2 * kLinger);
  EXPECT_TRUE(Subscribed()) << "the second one still wants it";
  second.reset();
  scheduler_.Advance(kLinger - absl::Milliseconds(1));
  EXPECT_TRUE(Subscribed()) << "left too soon";
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_FALSE(Subscribed());
  EXPECT_FALSE(demand_.wanted());
}

TEST_F(DemandTest, WhoComesBackWithinTheLingerFindsItSubscribed) {
  for (int i = 0; i < 5; ++i) {
    const Demand::LeasePtr lease = demand_.Acquire();
    scheduler_.Advance(kLinger * 0.7);
  }
  EXPECT_EQ(broker_.subscribe_calls("some/#"), 1);
  EXPECT_TRUE(Subscribed());
  // The linger counts from the last release, not from an earlier one.
  scheduler_.Advance(kLinger * 0.9);
  EXPECT_TRUE(Subscribed());
  scheduler_.Advance(kLinger * 0.1);
  EXPECT_FALSE(Subscribed());
  const Demand::LeasePtr lease = demand_.Acquire();
  EXPECT_EQ(broker_.subscribe_calls("some/#"), 2);
}

TEST_F(DemandTest, TellsAllWhoWaitWhenTheBrokerGrants) {
  const Demand::LeasePtr lease = demand_.Acquire();
  demand_.WhenConfirmed(Keep(&confirmed_));
  demand_.WhenConfirmed(Keep(&confirmed_));
  Drain(&executor_);
  EXPECT_TRUE(confirmed_.empty());
  demand_.OnSubscribed(absl::OkStatus());
  EXPECT_TRUE(confirmed_.Take()->ok());
  EXPECT_TRUE(confirmed_.Take()->ok());
  EXPECT_TRUE(demand_.confirmed());
  demand_.WhenConfirmed(Keep(&confirmed_));
  EXPECT_TRUE(confirmed_.Take()->ok()) << "it is granted already";
  demand_.OnSubscribed(absl::OkStatus());
  Drain(&executor_);
  EXPECT_TRUE(confirmed_.empty()) << "told twice";
}

TEST_F(DemandTest, TellsARefusalAndAsksAgainForTheNext) {
  const Demand::LeasePtr lease = demand_.Acquire();
  demand_.WhenConfirmed(Keep(&confirmed_));
  demand_.OnSubscribed(absl::PermissionDeniedError("no"));
  EXPECT_TRUE(absl::IsPermissionDenied(*confirmed_.Take()));
  EXPECT_FALSE(demand_.confirmed());

  EXPECT_EQ(broker_.subscribe_calls("some/#"), 1);
  demand_.WhenConfirmed(Keep(&confirmed_));
  demand_.WhenConfirmed(Keep(&confirmed_));
  EXPECT_EQ(broker_.subscribe_calls("some/#"), 2) << "one question for both";
  Drain(&executor_);
  EXPECT_TRUE(confirmed_.empty());
  demand_.OnSubscribed(absl::OkStatus());
  EXPECT_TRUE(confirmed_.Take()->ok());
  EXPECT_TRUE(confirmed_.Take()->ok());
}

TEST_F(DemandTest, ARefusalAfterAReconnectIsToldToThoseWhoWaitForIt) {
  const Demand::LeasePtr lease = demand_.Acquire();
  demand_.WhenRefused(Keep(&confirmed_));
  const uint64_t cancelled = demand_.WhenRefused([](const absl::Status&) { FAIL(); });
  demand_.OnSubscribed(absl::OkStatus());
  demand_.OnDisconnected();
  Drain(&executor_);
  EXPECT_TRUE(confirmed_.empty());
  demand_.CancelWait(cancelled);
  demand_.OnSubscribed(absl::PermissionDeniedError("no more"));
  EXPECT_TRUE(absl::IsPermissionDenied(*confirmed_.Take()));
  demand_.OnSubscribed(absl::PermissionDeniedError("no more"));
  Drain(&executor_);
  EXPECT_TRUE(confirmed_.empty()) << "told twice";
}

TEST_F(DemandTest, ACancelledWaiterIsNotCalledAndIsDestroyed) {
  const Demand::LeasePtr lease = demand_.Acquire();
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = owned;
  const uint64_t id =
      demand_.WhenConfirmed([owned = std::move(owned)](const absl::Status&) { FAIL(); });
  demand_.CancelWait(id);
  EXPECT_TRUE(watched.expired());
  demand_.CancelWait(id);
  demand_.OnSubscribed(absl::OkStatus());
  Drain(&executor_);
}

// What a waiter owns may hold the very lease.
TEST_F(DemandTest, ACancelledWaiterMayOwnTheLease) {
  std::shared_ptr<Demand::Lease> lease = demand_.Acquire();
  const uint64_t id =
      demand_.WhenConfirmed([lease = std::move(lease)](const absl::Status&) { FAIL(); });
  demand_.CancelWait(id);
  scheduler_.Advance(kLinger);
  EXPECT_FALSE(Subscribed());
}

TEST_F(DemandTest, ALostConnectionTakesTheConfirmationAndTheNextGivesIt) {
  const Demand::LeasePtr lease = demand_.Acquire();
  demand_.OnSubscribed(absl::OkStatus());
  demand_.OnDisconnected();
  EXPECT_FALSE(demand_.confirmed());
  EXPECT_TRUE(demand_.wanted());
  demand_.WhenConfirmed(Keep(&confirmed_));
  Drain(&executor_);
  EXPECT_TRUE(confirmed_.empty());
  EXPECT_EQ(broker_.subscribe_calls("some/#"), 1) << "the client resubscribes by itself";
  demand_.OnSubscribed(absl::OkStatus());
  EXPECT_TRUE(confirmed_.Take()->ok());
}

// After a reconnect the client asks by itself: no second question.
TEST_F(DemandTest, ARefusalIsForgottenWithItsConnection) {
  const Demand::LeasePtr lease = demand_.Acquire();
  demand_.OnSubscribed(absl::PermissionDeniedError("no"));
  demand_.OnDisconnected();
  demand_.WhenConfirmed(Keep(&confirmed_));
  EXPECT_EQ(broker_.subscribe_calls("some/#"), 1);
  demand_.OnSubscribed(absl::OkStatus());
  EXPECT_TRUE(confirmed_.Take()->ok());
}

TEST_F(DemandTest, AGrantThatComesAfterLeavingCountsForNothing) {
  demand_.Acquire().reset();
  scheduler_.Advance(kLinger);
  demand_.OnSubscribed(absl::OkStatus());
  EXPECT_FALSE(demand_.confirmed());
}

TEST_F(DemandTest, UsersComeAndGoOnManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) {
        const Demand::LeasePtr lease = demand_.Acquire();
        EXPECT_TRUE(demand_.wanted());
        demand_.CancelWait(demand_.WhenConfirmed([](const absl::Status&) {}));
      }
    });
  }
  std::thread broker([&] {
    for (int j = 0; j < 500; ++j) {
      demand_.OnSubscribed(absl::OkStatus());
      demand_.OnDisconnected();
      scheduler_.Advance(kLinger);
    }
  });
  for (std::thread& thread : threads) thread.join();
  broker.join();
  scheduler_.Advance(kLinger);
  EXPECT_FALSE(demand_.wanted());
  EXPECT_FALSE(Subscribed());
}

}  // namespace
}  // namespace wirepas_grpc::core
