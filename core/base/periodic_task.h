// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_PERIODIC_TASK_H_
#define WIREPAS_GRPC_CORE_BASE_PERIODIC_TASK_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/scheduler.h"

namespace wirepas_grpc::core {

// Runs a task on an executor again and again: `interval` after it was started, and
// then that long after each run has ended. Thread-safe.
class PeriodicTask {
 public:
  // `executor` and `scheduler` outlive the task or drop what was given to them.
  PeriodicTask(Executor* executor, Scheduler* scheduler, absl::Duration interval,
               absl::AnyInvocable<void()> task);
  ~PeriodicTask() { Stop(); }
  PeriodicTask(const PeriodicTask&) = delete;
  PeriodicTask& operator=(const PeriodicTask&) = delete;

  // Waits for a run that has begun; none begins after that. Not to be called by the
  // task itself.
  void Stop();

 private:
  struct State;
  static void Arm(const std::shared_ptr<State>& state);
  static void Run(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_PERIODIC_TASK_H_
