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

}  // namespace
}  // namespace wirepas_grpc::core
