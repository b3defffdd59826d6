// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_SCHEDULER_H_
#define WIREPAS_GRPC_CORE_BASE_SCHEDULER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/heartbeat.h"
#include "core/base/instant.h"
#include "core/base/monotonic_cond_var.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

using TimerId = uint64_t;

// Clocks and timers. All of core takes its time from here, so that tests can set it.
// Thread-safe.
class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // The wall clock. It may jump; timers do not follow it. For times that are told to
  // people or outlive the run.
  virtual absl::Time Now() = 0;

  // The clock of the timers, for ages, limits and deadlines.
  virtual Instant MonotonicNow() = 0;

  // Runs `task` once, `delay` from now, on the scheduler's thread. A task must be
  // short and must not block: all timers share that thread.
  virtual TimerId RunAfter(absl::Duration delay, absl::AnyInvocable<void()> task) = 0;

  // Takes the task back. False: it has run, is running, or was cancelled before.
  // Does not wait for a running task.
  virtual bool Cancel(TimerId id) = 0;
};

// One thread, one ordered map of timers on the monotonic clock: adding and
// cancelling cost O(log n), ten thousand waiting timers are normal.
class ThreadScheduler final : public Scheduler {
 public:
  ThreadScheduler();
  ~ThreadScheduler() override { Stop(); }

  // Drops what has not run and waits for the running task. What the tasks refer to
  // may be destroyed after that. RunAfter() then drops its task.
  void Stop();

  // The kernel's at each call: abseil's own takes seconds to follow when it is set.
  absl::Time Now() override;
  Instant MonotonicNow() override { return Instant::Now(); }
  TimerId RunAfter(absl::Duration delay, absl::AnyInvocable<void()> task) override;
  bool Cancel(TimerId id) override;

  // For how long its thread has not come round, be it that a task takes so long. Takes no lock.
  absl::Duration Silence() const { return heartbeat_.silence(); }

 private:
  using Key = std::pair<Instant, TimerId>;  // when due

  void Run();

  Mutex mutex_;
  MonotonicCondVar changed_;
  std::map<Key, absl::AnyInvocable<void()>> timers_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<TimerId, Instant> due_ ABSL_GUARDED_BY(mutex_);
  TimerId next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Heartbeat heartbeat_;
  std::thread thread_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_SCHEDULER_H_
