// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_HEARTBEAT_H_
#define WIREPAS_GRPC_CORE_BASE_HEARTBEAT_H_

#include <atomic>
#include <chrono>

#include "absl/time/time.h"

namespace wirepas_grpc::core {

// Set by a thread that goes round in a loop, at each turn; others see how long it has not come
// round. Such a thread, when it has nothing to do, comes round every kInterval. Thread-safe,
// without a lock, so that whoever looks cannot get stuck along with the thread.
class Heartbeat {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(2);

  void Beat() { last_.store(Now(), std::memory_order_relaxed); }
  absl::Duration silence() const {
    return absl::Nanoseconds(Now() - last_.load(std::memory_order_relaxed));
  }

 private:
  static int64_t Now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  std::atomic<int64_t> last_ = Now();
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_HEARTBEAT_H_
