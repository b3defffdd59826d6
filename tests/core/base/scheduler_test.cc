// SPDX-License-Identifier: Apache-2.0
#include "core/base/scheduler.h"

#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

TEST(ThreadSchedulerTest, RunsTimersInTheOrderOfTheirTimes) {
  ThreadScheduler scheduler;
  Inbox<int> ran;
  scheduler.RunAfter(absl::Milliseconds(60), [&] { ran.Put(3); });
  scheduler.RunAfter(absl::Milliseconds(1), [&] { ran.Put(1); });
  scheduler.RunAfter(absl::Milliseconds(30), [&] { ran.Put(2); });
  EXPECT_EQ(ran.Take(), 1);
  EXPECT_EQ(ran.Take(), 2);
  EXPECT_EQ(ran.Take(), 3);
}

TEST(ThreadSchedulerTest, ATimerDoesNotRunEarly) {
  ThreadScheduler scheduler;
  Inbox<absl::Time> ran;
  const absl::Time start = absl::Now();
  scheduler.RunAfter(absl::Milliseconds(50), [&] { ran.Put(absl::Now()); });
  const std::optional<absl::Time> when = ran.Take();
  ASSERT_TRUE(when.has_value());
  EXPECT_GE(*when - start, absl::Milliseconds(49));  // two clocks, hence the slack
}

TEST(ThreadSchedulerTest, ANegativeDelayIsNow) {
  ThreadScheduler scheduler;
  Inbox<int> ran;
  scheduler.RunAfter(-absl::Hours(1), [&] { ran.Put(1); });
  scheduler.RunAfter(-absl::InfiniteDuration(), [&] { ran.Put(1); });
  EXPECT_TRUE(ran.Take().has_value());
  EXPECT_TRUE(ran.Take().has_value());
}

TEST(ThreadSchedulerTest, AnInfiniteDelayDoesNotOverflow) {
  Inbox<int> ran;
  ThreadScheduler scheduler;
  const TimerId forever = scheduler.RunAfter(absl::InfiniteDuration(), [&] { ran.Put(0); });
  scheduler.RunAfter(absl::Milliseconds(1), [&] { ran.Put(1); });
  EXPECT_EQ(ran.Take(), 1);
  EXPECT_TRUE(scheduler.Cancel(forever));
}

TEST(ThreadSchedulerTest, ACancelledTimerNeverRunsAndIsDestroyed) {
  ThreadScheduler scheduler;
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = owned;
  Inbox<int> ran;
  const TimerId id =
      scheduler.RunAfter(absl::Hours(1), [owned = std::move(owned), &ran] { ran.Put(1); });
  EXPECT_TRUE(scheduler.Cancel(id));
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(scheduler.Cancel(id));
}

TEST(ThreadSchedulerTest, CancellingWhatRanIsFalse) {
  ThreadScheduler scheduler;
  Inbox<int> ran;
  const TimerId id = scheduler.RunAfter(absl::ZeroDuration(), [&] { ran.Put(1); });
  ASSERT_TRUE(ran.Take().has_value());
  EXPECT_FALSE(scheduler.Cancel(id));
}

TEST(ThreadSchedulerTest, ATaskMaySetAndCancelTimers) {
  ThreadScheduler scheduler;
  Inbox<bool> ran;
  const TimerId other = scheduler.RunAfter(absl::Hours(1), [] {});
  scheduler.RunAfter(absl::ZeroDuration(), [&] {
    const bool cancelled = scheduler.Cancel(other);
    scheduler.RunAfter(absl::ZeroDuration(), [&ran, cancelled] { ran.Put(cancelled); });
  });
  EXPECT_EQ(ran.Take(), true);
}

// What a timer owns may itself hold a timer and take it back when it goes.
TEST(ThreadSchedulerTest, StopDropsTasksWhoseOwnedThingsCancelTimers) {
  struct CancelsWhenGone {
    explicit CancelsWhenGone(Scheduler* scheduler) : scheduler(scheduler) {}
    ~CancelsWhenGone() { scheduler->Cancel(1); }
    Scheduler* const scheduler;
  };
  ThreadScheduler scheduler;
  scheduler.RunAfter(absl::Hours(1),
                     [gone = std::make_unique<CancelsWhenGone>(&scheduler)] { FAIL(); });
  scheduler.Stop();
  scheduler.RunAfter(absl::ZeroDuration(), [] { FAIL() << "ran after Stop()"; });
}

TEST(ThreadSchedulerTest, TenThousandTimersFromManyThreads) {
  ThreadScheduler scheduler;
  Inbox<int> ran;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 2500; ++j) {
        // Every second one is taken back at once.
        const TimerId id =
            scheduler.RunAfter(absl::Seconds(j % 2 == 0 ? 0 : 3600), [&] { ran.Put(1); });
        if (j % 2 == 1) {
          EXPECT_TRUE(scheduler.Cancel(id));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(ran.Take().has_value());
  scheduler.Stop();
  EXPECT_TRUE(ran.empty());
}

// The test's own clock has to keep the same promises.
TEST(FakeSchedulerTest, RunsWhatFallsDueInOrderAtItsTime) {
  FakeScheduler scheduler;
  const absl::Time start = scheduler.Now();
  std::vector<absl::Duration> ran;
  scheduler.RunAfter(absl::Seconds(2), [&] { ran.push_back(scheduler.Now() - start); });
  scheduler.RunAfter(absl::Seconds(1), [&] {
    ran.push_back(scheduler.Now() - start);
    scheduler.RunAfter(absl::Milliseconds(500), [&] { ran.push_back(scheduler.Now() - start); });
  });
  const TimerId cancelled = scheduler.RunAfter(absl::Seconds(1), [] { FAIL(); });
  EXPECT_TRUE(scheduler.Cancel(cancelled));
  scheduler.Advance(absl::Milliseconds(999));
  EXPECT_TRUE(ran.empty());
  scheduler.Advance(absl::Seconds(2));
  EXPECT_EQ(ran, (std::vector<absl::Duration>{absl::Seconds(1), absl::Milliseconds(1500),
                                              absl::Seconds(2)}));
  EXPECT_EQ(scheduler.Now(), start + absl::Milliseconds(2999));
  EXPECT_EQ(scheduler.pending(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
