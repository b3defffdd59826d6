// SPDX-License-Identifier: Apache-2.0
#include "core/base/periodic_task.h"

#include <atomic>
#include <thread>

#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

TEST(PeriodicTaskTest, RunsAnIntervalAfterTheStartAndAfterEachRun) {
  FakeScheduler scheduler;
  Executor executor(1);
  std::atomic<int> runs = 0;
  PeriodicTask task(&executor, &scheduler, absl::Seconds(5), [&] { ++runs; });
  scheduler.Advance(absl::Seconds(4));
  Drain(&executor);
  EXPECT_EQ(runs, 0);
  for (int i = 1; i <= 3; ++i) {
    scheduler.Advance(absl::Seconds(5));
    Drain(&executor);
    EXPECT_EQ(runs, i);
  }
}

TEST(PeriodicTaskTest, StoppingWaitsForARunAndAllowsNoOther) {
  FakeScheduler scheduler;
  Executor executor(1);
  Inbox<bool> begun;
  Inbox<bool> go_on;
  std::atomic<bool> ended = false;
  PeriodicTask task(&executor, &scheduler, absl::Seconds(1), [&] {
    begun.Put(true);
    go_on.Take();
    ended = true;
  });
  scheduler.Advance(absl::Seconds(1));
  ASSERT_TRUE(begun.Take().has_value());
  std::thread stopper([&] {
    task.Stop();
    EXPECT_TRUE(ended);
  });
  go_on.Put(true);
  stopper.join();
  scheduler.Advance(absl::Hours(1));
  Drain(&executor);
  EXPECT_TRUE(begun.empty());
  EXPECT_EQ(scheduler.pending(), 0u);
}

TEST(PeriodicTaskTest, AnExecutorThatStoppedFirstIsNoObstacle) {
  FakeScheduler scheduler;
  Executor executor(1);
  PeriodicTask task(&executor, &scheduler, absl::Seconds(1), [] { FAIL(); });
  executor.Stop();
  scheduler.Advance(absl::Seconds(3));
  task.Stop();
}

}  // namespace
}  // namespace wirepas_grpc::core
