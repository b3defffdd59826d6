// SPDX-License-Identifier: Apache-2.0
#include "core/base/executor.h"

#include <algorithm>
#include <utility>

#include "core/base/thread_name.h"

namespace wirepas_grpc::core {

Executor::Executor(int threads, const char* name) : heartbeats_(static_cast<size_t>(threads)) {
  for (Heartbeat& heartbeat : heartbeats_) {
    threads_.emplace_back([this, name, &heartbeat] { Run(name, &heartbeat); });
  }
}

absl::Duration Executor::Silence() const {
  absl::Duration longest = absl::ZeroDuration();
  for (const Heartbeat& each : heartbeats_) longest = std::max(longest, each.silence());
  return longest;
}

void Executor::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    posted_.SignalAll();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  // Destroyed after the lock is released: what a task owns may post.
  std::deque<absl::AnyInvocable<void()>> dropped;
  MutexLock lock(&mutex_);
  stopped_ = true;
  dropped.swap(tasks_);
}

void Executor::Post(absl::AnyInvocable<void()> task) {
  MutexLock lock(&mutex_);
  if (stopped_) return;
  tasks_.push_back(std::move(task));
  posted_.Signal();
}

void Executor::Run(const char* name, Heartbeat* heartbeat) {
  NameThisThread(name);
  mutex_.Lock();
  while (true) {
    heartbeat->Beat();
    if (tasks_.empty()) {
      if (stopping_) break;
      posted_.Wait(&mutex_);
      continue;
    }
    absl::AnyInvocable<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    mutex_.Unlock();
    task();
    task = nullptr;
    mutex_.Lock();
  }
  mutex_.Unlock();
}

}  // namespace wirepas_grpc::core
