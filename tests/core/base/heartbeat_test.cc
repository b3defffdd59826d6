// SPDX-License-Identifier: Apache-2.0
//
// For how long threads have not come round.
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "core/base/executor.h"
#include "core/base/scheduler.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

constexpr absl::Duration kStuck = absl::Milliseconds(100);

// Waits for what must come, be the machine ever so busy.
template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 10'000 && !condition(); ++i) absl::SleepFor(absl::Milliseconds(2));
  return condition();
}

TEST(HeartbeatTest, AnIdleExecutorComesRoundWhenItIsWoken) {
  Executor executor(3);
  absl::SleepFor(kStuck);
  EXPECT_TRUE(Eventually([&] {
    executor.WakeIdle();
    return executor.Silence() < kStuck;
  }));
}

// The others go on, and it shows all the same.
TEST(HeartbeatTest, OneStuckThreadOfAnExecutorShows) {
  absl::Notification go_on;
  Executor executor(3);
  executor.Post([&] { go_on.WaitForNotification(); });
  EXPECT_TRUE(Eventually([&] {
    executor.WakeIdle();
    absl::Notification ran;
    executor.Post([&] { ran.Notify(); });
    ran.WaitForNotification();
    return executor.Silence() > kStuck;
  }));
  go_on.Notify();
  EXPECT_TRUE(Eventually([&] {
    executor.WakeIdle();
    return executor.Silence() < kStuck;
  }));
}

TEST(HeartbeatTest, AStuckSchedulerShows) {
  absl::Notification go_on;
  ThreadScheduler scheduler;
  scheduler.RunAfter(absl::ZeroDuration(), [&] { go_on.WaitForNotification(); });
  EXPECT_TRUE(Eventually([&] { return scheduler.Silence() > Heartbeat::kInterval + kStuck; }));
  go_on.Notify();
  EXPECT_TRUE(Eventually([&] { return scheduler.Silence() < kStuck; }));
}

// Without work, and with a timer that is far away.
TEST(HeartbeatTest, AnIdleSchedulerComesRoundByItself) {
  ThreadScheduler scheduler;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(Eventually([&] { return scheduler.Silence() > kStuck; }));
    EXPECT_TRUE(Eventually([&] { return scheduler.Silence() < kStuck; }));
    scheduler.RunAfter(absl::Hours(1), [] {});
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
