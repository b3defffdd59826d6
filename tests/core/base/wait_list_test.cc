// SPDX-License-Identifier: Apache-2.0
#include "core/base/wait_list.h"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

class WaitListTest : public testing::Test {
 protected:
  FakeScheduler scheduler_;
  Executor executor_{1};
};

TEST_F(WaitListTest, CallsEachWaiterOnce) {
  WaitList list(&executor_, &scheduler_);
  Inbox<int> woken;
  for (int i = 0; i < 3; ++i) list.Add([&] { woken.Put(1); });
  list.WakeAll();
  list.WakeAll();
  Drain(&executor_);
  list.WakeAll();
  Drain(&executor_);
  EXPECT_EQ(woken.size(), 3u);
}

TEST_F(WaitListTest, ARemovedWaiterIsNotCalledAndIsDestroyed) {
  WaitList list(&executor_, &scheduler_);
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = owned;
  const WaitId id = list.Add([owned = std::move(owned)] { FAIL(); });
  EXPECT_TRUE(list.Remove(id));
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(list.Remove(id));
  list.WakeAll();
  Drain(&executor_);
}

TEST_F(WaitListTest, AWaiterThatRanCannotBeRemoved) {
  WaitList list(&executor_, &scheduler_);
  const WaitId id = list.Add([] {});
  list.WakeAll();
  Drain(&executor_);
  EXPECT_FALSE(list.Remove(id));
}

TEST_F(WaitListTest, ACallbackMayWaitAgain) {
  WaitList list(&executor_, &scheduler_);
  Inbox<int> woken;
  std::function<void()> wait = [&] {
    woken.Put(1);
    list.Add([&] { wait(); });
  };
  list.Add([&] { wait(); });
  for (int i = 1; i <= 5; ++i) {
    list.WakeAll();
    Drain(&executor_);
    EXPECT_EQ(woken.size(), static_cast<size_t>(i));
  }
}

TEST_F(WaitListTest, ABusySourceHasOneWakeUpUnderWay) {
  WaitList list(&executor_, &scheduler_);
  Inbox<int> held;
  Inbox<int> started;
  executor_.Post([&] {
    started.Put(1);
    held.Take();
  });
  ASSERT_TRUE(started.Take().has_value());
  Inbox<int> woken;
  for (int i = 0; i < 1000; ++i) {
    list.Add([&] { woken.Put(1); });
    list.WakeAll();
  }
  EXPECT_TRUE(woken.empty());
  held.Put(1);
  Drain(&executor_);
  EXPECT_EQ(woken.size(), 1000u);
}

TEST_F(WaitListTest, WakeUpsKeepTheirInterval) {
  // The interval is measured by the real clock, the delayed wake-up waits for the
  // test's: an hour stands for "not by itself".
  WaitList list(&executor_, &scheduler_, absl::Hours(1));
  Inbox<int> woken;
  list.Add([&] { woken.Put(1); });
  list.WakeAll();
  Drain(&executor_);
  // The machine may have been up for less than the interval.
  if (woken.empty()) scheduler_.Advance(absl::Hours(1));
  ASSERT_EQ(woken.Take(), 1);

  list.Add([&] { woken.Put(2); });
  list.WakeAll();
  list.Add([&] { woken.Put(3); });
  list.WakeAll();
  Drain(&executor_);
  EXPECT_TRUE(woken.empty()) << "woken before the interval was over";
  EXPECT_EQ(scheduler_.pending(), 1u);
  scheduler_.Advance(absl::Hours(1));
  EXPECT_TRUE(woken.Take().has_value());
  EXPECT_TRUE(woken.Take().has_value());
}

TEST_F(WaitListTest, ABusySourceIsLookedAtLessOften) {
  // See above about the hours.
  WaitList list(&executor_, &scheduler_, absl::Hours(1));
  Inbox<int> woken;
  const auto hours_until_woken = [&](int changes) {
    list.Add([&] { woken.Put(1); });
    for (int i = 0; i < changes; ++i) list.WakeAll();
    Drain(&executor_);
    int hours = 0;
    for (; woken.empty() && hours < 100; ++hours) {
      scheduler_.Advance(absl::Hours(1));
      Drain(&executor_);
    }
    woken.Take();
    return hours;
  };
  hours_until_woken(1);
  EXPECT_EQ(hours_until_woken(5), 1);
  EXPECT_EQ(hours_until_woken(1), 8);
  EXPECT_EQ(hours_until_woken(4), 1) << "it is quiet again";
  for (int i = 0; i < 100; ++i) list.WakeAll();  // busy, though nobody waits
  EXPECT_EQ(hours_until_woken(1), 1);
  EXPECT_EQ(hours_until_woken(1), 8);
}

TEST_F(WaitListTest, WakeUpsAreFartherApartForCrowdsAndBusySources) {
  constexpr absl::Duration kMin = absl::Milliseconds(1);
  constexpr absl::Duration kMax = absl::Milliseconds(100);
  EXPECT_EQ(WaitList::DistanceAfter(1, 4, kMin, kMax), kMin);
  EXPECT_EQ(WaitList::DistanceAfter(1, 5, kMin, kMax), 8 * kMin);
  EXPECT_EQ(WaitList::DistanceAfter(0, 1, kMin, kMax), kMin);
  EXPECT_EQ(WaitList::DistanceAfter(501, 1, kMin, kMax), 9 * kMin);
  EXPECT_EQ(WaitList::DistanceAfter(501, 5, kMin, kMax), 72 * kMin);
  EXPECT_EQ(WaitList::DistanceAfter(10000, 1, kMin, kMax), kMax);
  EXPECT_EQ(WaitList::DistanceAfter(10000, 5, kMin, absl::ZeroDuration()), 8 * kMin);
  EXPECT_EQ(WaitList::DistanceAfter(10000, 5, absl::ZeroDuration(), absl::ZeroDuration()),
            absl::ZeroDuration());
}

TEST_F(WaitListTest, AWakeUpUnderWayFindsNobodyAfterDestruction) {
  Inbox<int> held;
  executor_.Post([&] { held.Take(); });
  {
    WaitList list(&executor_, &scheduler_);
    list.Add([] { FAIL(); });
    list.WakeAll();
  }
  held.Put(1);
  Drain(&executor_);
}

// Adding and then looking again must not lose a change, whatever the timing.
TEST_F(WaitListTest, NoChangeIsMissed) {
  Executor executor(2);
  ThreadScheduler scheduler;
  WaitList list(&executor, &scheduler);
  std::atomic<int> source = 0;
  constexpr int kChanges = 200000;
  std::thread writer([&] {
    for (int i = 1; i <= kChanges; ++i) {
      source = i;
      list.WakeAll();
    }
  });
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      int seen = 0;
      while (seen < kChanges) {
        auto woken = std::make_shared<Inbox<bool>>();
        const WaitId id = list.Add([woken] { woken->Put(true); });
        if (source == seen || !list.Remove(id)) {
          ASSERT_TRUE(woken->Take().has_value()) << "not woken after " << seen;
        }
        seen = source;
      }
    });
  }
  writer.join();
  for (std::thread& reader : readers) reader.join();
  executor.Stop();
}

}  // namespace
}  // namespace wirepas_grpc::core
