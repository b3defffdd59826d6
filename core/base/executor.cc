// SPDX-License-Identifier: Apache-2.0
#include "core/base/executor.h"

#include <utility>

namespace wirepas_grpc::core {

Executor::Executor(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
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

void Executor::Run() {
  mutex_.Lock();
  while (true) {
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
