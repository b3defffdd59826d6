// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_EXECUTOR_H_
#define WIREPAS_GRPC_CORE_BASE_EXECUTOR_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/heartbeat.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

// A few threads that run short tasks. It is what keeps the broker's thread free:
// waking subscribers and completing callers happens here. Thread-safe.
//
// The queue has no bound of its own. Each poster keeps at most one wake-up queued
// (WaitList), or one completion for a request that is itself bounded.
class Executor {
 public:
  // `name` is what the system shows of the threads: 15 characters at most. It outlives them.
  explicit Executor(int threads, const char* name = "executor");
  ~Executor() { Stop(); }
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Runs what is queued, then ends the threads. What tasks refer to may be
  // destroyed after that; Post() then drops its task.
  void Stop();

  // Tasks start in the order of posting and may run at the same time. A task
  // must not block.
  void Post(absl::AnyInvocable<void()> task);

  // For how long some thread has not come round, be it that its task takes so long. Threads that
  // have nothing to do come round when WakeIdle() is called, every Heartbeat::kInterval. Neither
  // takes a lock.
  absl::Duration Silence() const;
  void WakeIdle() { posted_.SignalAll(); }

 private:
  void Run(const char* name, Heartbeat* heartbeat);

  Mutex mutex_;
  CondVar posted_;
  std::deque<absl::AnyInvocable<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Heartbeat> heartbeats_;  // of each thread
  std::vector<std::thread> threads_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_EXECUTOR_H_
