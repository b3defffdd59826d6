// SPDX-License-Identifier: Apache-2.0
#include "core/base/scheduler.h"

#include <algorithm>
#include <ctime>

#include "core/base/thread_name.h"

namespace wirepas_grpc::core {

ThreadScheduler::ThreadScheduler() : thread_([this] { Run(); }) {}

void ThreadScheduler::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.Signal();
  }
  if (thread_.joinable()) thread_.join();
  // Destroyed after the lock is released: what a task owns may cancel timers.
  std::map<Key, absl::AnyInvocable<void()>> dropped;
  MutexLock lock(&mutex_);
  dropped.swap(timers_);
  due_.clear();
}

absl::Time ThreadScheduler::Now() {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return absl::TimeFromTimespec(now);
}

TimerId ThreadScheduler::RunAfter(absl::Duration delay, absl::AnyInvocable<void()> task) {
  // An infinite delay must not overflow: a century is for ever.
  const absl::Duration bounded =
      std::min(std::max(delay, absl::ZeroDuration()), absl::Hours(24 * 365 * 100));
  const Instant due = Instant::Now() + bounded;
  MutexLock lock(&mutex_);
  const TimerId id = next_id_++;
  if (stopping_) return id;
  const bool first = timers_.empty() || due < timers_.begin()->first.first;
  timers_.emplace(Key{due, id}, std::move(task));
  due_.emplace(id, due);
  if (first) changed_.Signal();
  return id;
}

bool ThreadScheduler::Cancel(TimerId id) {
  absl::AnyInvocable<void()> task;  // destroyed after the lock is released
  MutexLock lock(&mutex_);
  const auto due = due_.find(id);
  if (due == due_.end()) return false;
  const auto timer = timers_.find(Key{due->second, id});
  task = std::move(timer->second);
  timers_.erase(timer);
  due_.erase(due);
  return true;
}

void ThreadScheduler::Run() {
  NameThisThread("scheduler");
  mutex_.Lock();
  while (!stopping_) {
    heartbeat_.Beat();
    if (timers_.empty()) {
      changed_.WaitWithTimeout(&mutex_, Heartbeat::kInterval);
      continue;
    }
    const auto next = timers_.begin();
    const absl::Duration wait = next->first.first - Instant::Now();
    if (wait > absl::ZeroDuration()) {
      changed_.WaitWithTimeout(&mutex_, std::min(wait, Heartbeat::kInterval));
      continue;
    }
    absl::AnyInvocable<void()> task = std::move(next->second);
    due_.erase(next->first.second);
    timers_.erase(next);
    mutex_.Unlock();
    task();
    task = nullptr;
    mutex_.Lock();
  }
  mutex_.Unlock();
}

}  // namespace wirepas_grpc::core
