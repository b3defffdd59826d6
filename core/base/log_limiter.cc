// SPDX-License-Identifier: Apache-2.0
#include "core/base/log_limiter.h"

namespace wirepas_grpc::core {

bool LogLimiter::Allow(Instant now, uint64_t* suppressed) {
  MutexLock lock(&mutex_);
  if (now < next_) {
    ++suppressed_;
    return false;
  }
  *suppressed = suppressed_;
  suppressed_ = 0;
  next_ = now + interval_;
  return true;
}

}  // namespace wirepas_grpc::core
