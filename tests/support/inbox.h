// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_INBOX_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_INBOX_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

// Where a callback leaves what it got, for the test to take. Thread-safe.
template <typename T>
class Inbox {
 public:
  void Put(T value) {
    MutexLock lock(&mutex_);
    values_.push_back(std::move(value));
    changed_.SignalAll();
  }

  // The oldest one, waited for. Nothing: none came in time.
  std::optional<T> Take(absl::Duration limit = absl::Seconds(30)) {
    const absl::Time end = absl::Now() + limit;
    MutexLock lock(&mutex_);
    while (values_.empty()) {
      const absl::Duration left = end - absl::Now();
      if (left <= absl::ZeroDuration()) return std::nullopt;
      changed_.WaitWithTimeout(&mutex_, left);
    }
    std::optional<T> value = std::move(values_.front());
    values_.pop_front();
    return value;
  }

  size_t size() const {
    MutexLock lock(&mutex_);
    return values_.size();
  }
  bool empty() const { return size() == 0; }

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<T> values_ ABSL_GUARDED_BY(mutex_);
};

// Waits until an executor of one thread has run all that was posted before, and
// what that posted in turn, to a depth of `rounds`.
inline void Drain(Executor* executor, int rounds = 4) {
  for (int i = 0; i < rounds; ++i) {
    // Shared, as the task may outlive a wait that was given up.
    auto reached = std::make_shared<Inbox<bool>>();
    executor->Post([reached] { reached->Put(true); });
    if (!reached->Take().has_value()) return;
  }
}

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_INBOX_H_
