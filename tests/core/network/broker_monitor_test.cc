// SPDX-License-Identifier: Apache-2.0
#include "core/network/broker_monitor.h"

#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

class BrokerMonitorTest : public testing::Test {
 protected:
  static BrokerState Connected(bool connected) {
    BrokerState state;
    state.connected = connected;
    state.reason = connected ? DisconnectReason::kNone : DisconnectReason::kRefused;
    return state;
  }

  FakeScheduler scheduler_;
  Executor executor_{1};
  BrokerMonitor monitor_{&executor_, &scheduler_};
};

TEST_F(BrokerMonitorTest, BeginsUnconnectedAndUntried) {
  EXPECT_EQ(monitor_.Get().version, 1u);
  EXPECT_FALSE(monitor_.connected());
  EXPECT_EQ(monitor_.Get().state.reason, DisconnectReason::kNotTriedYet);
}

TEST_F(BrokerMonitorTest, EachStateHasAVersionOfItsOwn) {
  monitor_.Set(Connected(true));
  EXPECT_EQ(monitor_.Get().version, 2u);
  EXPECT_TRUE(monitor_.connected());
  monitor_.Set(Connected(false));
  monitor_.Set(Connected(false));
  EXPECT_EQ(monitor_.Get().version, 4u);
  EXPECT_EQ(monitor_.Get().state.reason, DisconnectReason::kRefused);
}

TEST_F(BrokerMonitorTest, WakesWatchersOnce) {
  Inbox<int> woken;
  ASSERT_TRUE(monitor_.Wait(1, [&] { woken.Put(1); }).has_value());
  const auto cancelled = monitor_.Wait(1, [] { FAIL(); });
  EXPECT_TRUE(monitor_.CancelWait(*cancelled));
  monitor_.Set(Connected(true));
  monitor_.Set(Connected(false));
  EXPECT_EQ(woken.Take(), 1);
  EXPECT_FALSE(monitor_.Wait(2, [] { FAIL(); }).has_value()) << "there is a newer one";
  Drain(&executor_);
  EXPECT_TRUE(woken.empty());
}

TEST_F(BrokerMonitorTest, AnAnswerThatIsWorseThanAskedForIsShown) {
  const SubscribeAnswer refusal = SubscribeAnswerOf(0x91, 1);
  const SubscribeAnswer lowered = SubscribeAnswerOf(0, 1);
  EXPECT_TRUE(monitor_.SetAnswer("b", refusal, /*asked_again=*/true));
  EXPECT_TRUE(monitor_.SetAnswer("a", lowered, /*asked_again=*/false));
  EXPECT_FALSE(monitor_.SetAnswer("c", SubscribeAnswerOf(1, 1), /*asked_again=*/false));
  const BrokerMonitor::Versioned now = monitor_.Get();
  EXPECT_EQ(now.version, 3u);
  EXPECT_EQ(*now.impaired, (ImpairedSubscriptions{{"a", lowered, false, scheduler_.Now()},
                                                  {"b", refusal, true, scheduler_.Now()}}));
  EXPECT_EQ(monitor_.refused(), 1u);
  EXPECT_EQ(monitor_.lowered(), 1u);
}

TEST_F(BrokerMonitorTest, ARepeatedAnswerIsCountedAndIsNoNews) {
  const absl::Time first = scheduler_.Now();
  monitor_.SetAnswer("a", SubscribeAnswerOf(0x91, 1), /*asked_again=*/true);
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_FALSE(monitor_.SetAnswer("a", SubscribeAnswerOf(0x91, 1), /*asked_again=*/true));
  EXPECT_EQ(monitor_.Get().version, 2u);
  EXPECT_EQ(monitor_.refused(), 2u);
  EXPECT_EQ(monitor_.Get().impaired->at(0).since, first);
  EXPECT_TRUE(monitor_.SetAnswer("a", SubscribeAnswerOf(0x87, 1), /*asked_again=*/false));
  EXPECT_EQ(monitor_.Get().impaired->at(0).since, scheduler_.Now());
}

TEST_F(BrokerMonitorTest, AnAnswerIsShownUntilItIsBetterOrNoLongerAskedFor) {
  for (const char* filter : {"a", "b", "c"}) {
    monitor_.SetAnswer(filter, SubscribeAnswerOf(0x80, 1), /*asked_again=*/false);
  }
  EXPECT_TRUE(monitor_.SetAnswer("a", SubscribeAnswerOf(1, 1), /*asked_again=*/false));
  EXPECT_TRUE(monitor_.ClearAnswer("b"));
  EXPECT_FALSE(monitor_.ClearAnswer("b"));
  ASSERT_EQ(monitor_.Get().impaired->size(), 1u);
  EXPECT_EQ(monitor_.Get().impaired->at(0).filter, "c");
  monitor_.Set(Connected(true));
  EXPECT_TRUE(monitor_.Get().impaired->empty()) << "nothing has been asked of it yet";
}

TEST_F(BrokerMonitorTest, AnAnswerWakesWatchers) {
  Inbox<int> woken;
  ASSERT_TRUE(monitor_.Wait(1, [&] { woken.Put(1); }).has_value());
  monitor_.SetAnswer("a", SubscribeAnswerOf(0x80, 1), /*asked_again=*/false);
  EXPECT_EQ(woken.Take(), 1);
}

}  // namespace
}  // namespace wirepas_grpc::core
