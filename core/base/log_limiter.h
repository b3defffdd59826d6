// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_LOG_LIMITER_H_
#define WIREPAS_GRPC_CORE_BASE_LOG_LIMITER_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

// Bounds how often one kind of line is logged, however hostile the input.
// Thread-safe.
class LogLimiter {
 public:
  explicit LogLimiter(absl::Duration interval = absl::Seconds(10)) : interval_(interval) {}

  // True at most once per interval. `suppressed` is then how many calls were
  // refused since the last one that was not.
  bool Allow(Instant now, uint64_t* suppressed);

 private:
  const absl::Duration interval_;
  Mutex mutex_;
  Instant next_ ABSL_GUARDED_BY(mutex_) = Instant::InfinitePast();
  uint64_t suppressed_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_LOG_LIMITER_H_
