// SPDX-License-Identifier: Apache-2.0
#include "core/interest/await_answer.h"

#include "absl/functional/any_invocable.h"
#include "gtest/gtest.h"
#include "tests/core/interest/subscriptions_fixture.h"

namespace wirepas_grpc::core {
namespace {

class AwaitAnswerTest : public SubscriptionsTest {
 protected:
  static constexpr absl::Duration kLimit = absl::Seconds(2);

  absl::AnyInvocable<void()> Start() {
    return AwaitAnswer(
        [this](Subscriptions::Changed changed) {
          return subscriptions_.Acquire({"answers"}, {}, std::move(changed));
        },
        kLimit, &executor_, &scheduler_, [called = called_] { called->Put(true); });
  }
  bool Called() {
    Settle();
    return !called_->empty();
  }

  std::shared_ptr<Inbox<bool>> called_ = std::make_shared<Inbox<bool>>();
};

TEST_F(AwaitAnswerTest, GoesOnWhenTheBrokerHasAnswered) {
  Connect();
  broker_.HoldGrants(true);
  auto take_back = Start();
  EXPECT_FALSE(Called());
  broker_.HoldGrants(false);
  EXPECT_TRUE(called_->Take().has_value());
  take_back();
  scheduler_.Advance(kLimit);
  EXPECT_FALSE(Called()) << "a second time";
}

TEST_F(AwaitAnswerTest, GoesOnWithoutAnAnswerAtItsLimit) {
  Connect();
  broker_.HoldGrants(true);
  Start();
  scheduler_.Advance(kLimit);
  EXPECT_TRUE(called_->Take().has_value());
}

TEST_F(AwaitAnswerTest, TakenBackItLetsGoOfTheInterestAndDoesNotGoOn) {
  Connect();
  broker_.HoldGrants(true);
  auto take_back = Start();
  EXPECT_EQ(Filters().count("answers"), 1u);
  take_back();
  EXPECT_EQ(scheduler_.pending(), 0u);
  broker_.HoldGrants(false);
  EXPECT_EQ(Filters().count("answers"), 0u);
  scheduler_.Advance(kLimit);
  EXPECT_FALSE(Called());
  take_back();
}

}  // namespace
}  // namespace wirepas_grpc::core
