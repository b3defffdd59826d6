// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_MONOTONIC_COND_VAR_H_
#define WIREPAS_GRPC_CORE_BASE_MONOTONIC_COND_VAR_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>

#include "absl/time/time.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

#ifndef WIREPAS_GRPC_TSAN

// A condition variable whose time-outs are those of the monotonic clock. CondVar's end
// when the wall clock shows a certain time: after a step back of it by a year a wait of a
// second would take a year. Every wait with a time-out is one of these. Interface and use
// are those of CondVar: spurious wake-ups are allowed.
class MonotonicCondVar {
 public:
  void Wait(Mutex* mutex) {
    Held held{mutex};
    condition_.wait(held);
  }
  // Returns true when it timed out.
  bool WaitWithTimeout(Mutex* mutex, absl::Duration timeout) {
    Held held{mutex};
    // A day stands for "for ever".
    const auto bounded = absl::ToChronoNanoseconds(std::min(timeout, absl::Hours(24)));
    return condition_.wait_until(held, std::chrono::steady_clock::now() + bounded) ==
           std::cv_status::timeout;
  }
  void Signal() { condition_.notify_one(); }
  void SignalAll() { condition_.notify_all(); }

 private:
  // A mutex that is held, as the standard library wants to let it go and take it again.
  struct Held {
    Mutex* mutex;
    void lock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex->Lock(); }
    void unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex->Unlock(); }
  };

  std::condition_variable_any condition_;
};

#else

// What that sanitizer understands; its time-outs are those of the monotonic clock too.
using MonotonicCondVar = CondVar;

#endif

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_MONOTONIC_COND_VAR_H_
