// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_LOG_BUDGET_H_
#define WIREPAS_GRPC_CORE_BASE_LOG_BUDGET_H_

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

// Bounds the lines of a source whose lines are not ours, and of any kind: some at once, then one
// in each interval. Thread-safe.
class LogBudget {
 public:
  explicit LogBudget(int at_once = 20, absl::Duration interval = absl::Seconds(1))
      : at_once_(at_once), interval_(interval) {}

  // Whether one more line may be logged. `suppressed` is then how many were refused since the
  // last one that was not.
  bool Take(Instant now, uint64_t* suppressed) {
    MutexLock lock(&mutex_);
    // Each line uses up an interval of the time that has passed.
    used_until_ = std::max(used_until_, now - at_once_ * interval_);
    if (used_until_ + interval_ > now) {
      ++suppressed_;
      return false;
    }
    used_until_ += interval_;
    *suppressed = std::exchange(suppressed_, 0);
    return true;
  }

 private:
  const int at_once_;
  const absl::Duration interval_;
  Mutex mutex_;
  Instant used_until_ ABSL_GUARDED_BY(mutex_) = Instant::InfinitePast();
  uint64_t suppressed_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_LOG_BUDGET_H_
