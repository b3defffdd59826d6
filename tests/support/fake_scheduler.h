// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_FAKE_SCHEDULER_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_FAKE_SCHEDULER_H_

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"

namespace wirepas_grpc::core {

// A clock that stands still until the test moves it. Timers run in the order of
// their times, on the thread that calls Advance(). Thread-safe.
class FakeScheduler final : public Scheduler {
 public:
  absl::Time Now() override {
    MutexLock lock(&mutex_);
    return wall_;
  }

  Instant MonotonicNow() override {
    MutexLock lock(&mutex_);
    return monotonic_;
  }

  TimerId RunAfter(absl::Duration delay, absl::AnyInvocable<void()> task) override {
    MutexLock lock(&mutex_);
    const TimerId id = next_id_++;
    const Instant due = monotonic_ + std::max(delay, absl::ZeroDuration());
    timers_.emplace(std::make_pair(due, id), std::move(task));
    due_.emplace(id, due);
    return id;
  }

  bool Cancel(TimerId id) override {
    absl::AnyInvocable<void()> task;  // destroyed after the lock is released
    MutexLock lock(&mutex_);
    const auto due = due_.find(id);
    if (due == due_.end()) return false;
    const auto timer = timers_.find(std::make_pair(due->second, id));
    task = std::move(timer->second);
    timers_.erase(timer);
    due_.erase(due);
    return true;
  }

  // Moves both clocks on and runs what falls due on the way, each timer at its own
  // time, those that timers set included.
  void Advance(absl::Duration by) {
    Instant end;
    {
      MutexLock lock(&mutex_);
      end = monotonic_ + by;
    }
    while (RunNext(end)) {
    }
    MutexLock lock(&mutex_);
    wall_ += end - monotonic_;
    monotonic_ = end;
  }

  // Sets the wall clock alone, as an administrator or NTP does. Timers stay.
  void JumpTo(absl::Time wall) {
    MutexLock lock(&mutex_);
    wall_ = wall;
  }

  // Timers that wait.
  size_t pending() {
    MutexLock lock(&mutex_);
    return timers_.size();
  }

 private:
  bool RunNext(Instant end) {
    absl::AnyInvocable<void()> task;
    {
      MutexLock lock(&mutex_);
      if (timers_.empty() || timers_.begin()->first.first > end) return false;
      const Instant due = std::max(timers_.begin()->first.first, monotonic_);
      wall_ += due - monotonic_;
      monotonic_ = due;
      task = std::move(timers_.begin()->second);
      due_.erase(timers_.begin()->first.second);
      timers_.erase(timers_.begin());
    }
    task();
    return true;
  }

  Mutex mutex_;
  absl::Time wall_ ABSL_GUARDED_BY(mutex_) = absl::FromUnixSeconds(1'700'000'000);
  Instant monotonic_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<Instant, TimerId>, absl::AnyInvocable<void()>> timers_
      ABSL_GUARDED_BY(mutex_);
  std::map<TimerId, Instant> due_ ABSL_GUARDED_BY(mutex_);
  TimerId next_id_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_FAKE_SCHEDULER_H_
