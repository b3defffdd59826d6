// SPDX-License-Identifier: Apache-2.0
#include "core/base/log_limiter.h"

namespace wirepas_grpc::core {

bool LogLimiter::Allow(absl::Time now, uint64_t* suppressed) {
  MutexLock lock(&mutex_);
  // A wall clock that was put back must not silence the line until it catches up.
  if (now < next_ && next_ - now <= interval_) {
    ++suppressed_;
    return false;
  }
  *suppressed = suppressed_;
  suppressed_ = 0;
  next_ = now + interval_;
  return true;
}

}  // namespace wirepas_grpc::core
