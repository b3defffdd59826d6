// SPDX-License-Identifier: Apache-2.0
//
// The project's lock types: abseil's, except under ThreadSanitizer.
//
// Debian's abseil library is not built for ThreadSanitizer, which therefore does
// not see what absl::Mutex orders and reports races that are none. Under that
// sanitizer the same names stand for types it understands.
#ifndef WIREPAS_GRPC_CORE_BASE_MUTEX_H_
#define WIREPAS_GRPC_CORE_BASE_MUTEX_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#if defined(__SANITIZE_THREAD__)
#define WIREPAS_GRPC_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WIREPAS_GRPC_TSAN 1
#endif
#endif

#ifdef WIREPAS_GRPC_TSAN
#include <chrono>
#include <condition_variable>
#include <mutex>
#endif

namespace wirepas_grpc::core {

#ifndef WIREPAS_GRPC_TSAN

using Mutex = absl::Mutex;
using MutexLock = absl::MutexLock;
using CondVar = absl::CondVar;

#else

class ABSL_LOCKABLE Mutex {
 public:
  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void Unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK() {}

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_->Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mutex_;
};

class CondVar {
 public:
  void Wait(Mutex* mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Returns true when it timed out.
  bool WaitWithTimeout(Mutex* mutex, absl::Duration timeout) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    // A day stands for "for ever": a spurious wake-up is allowed anyway.
    const auto bounded = absl::ToChronoNanoseconds(std::min(timeout, absl::Hours(24)));
    const bool timed_out = condition_.wait_until(lock, std::chrono::steady_clock::now() +
                                                           bounded) == std::cv_status::timeout;
    lock.release();
    return timed_out;
  }
  void Signal() { condition_.notify_one(); }
  void SignalAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

#endif

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_MUTEX_H_
