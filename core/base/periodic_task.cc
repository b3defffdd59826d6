// SPDX-License-Identifier: Apache-2.0
#include "core/base/periodic_task.h"

#include <utility>

#include "core/base/mutex.h"

namespace wirepas_grpc::core {

// Shared with what the scheduler and the executor hold, which may outlive the task.
struct PeriodicTask::State {
  Executor* executor;
  Scheduler* scheduler;
  absl::Duration interval;
  absl::AnyInvocable<void()> task;  // touched by a run only

  Mutex mutex;
  CondVar ended;
  bool stopped ABSL_GUARDED_BY(mutex) = false;
  bool running ABSL_GUARDED_BY(mutex) = false;
  TimerId timer ABSL_GUARDED_BY(mutex) = 0;
};

PeriodicTask::PeriodicTask(Executor* executor, Scheduler* scheduler, absl::Duration interval,
                           absl::AnyInvocable<void()> task)
    : state_(std::make_shared<State>()) {
  state_->executor = executor;
  state_->scheduler = scheduler;
  state_->interval = interval;
  state_->task = std::move(task);
  Arm(state_);
}

void PeriodicTask::Stop() {
  TimerId timer;
  {
    MutexLock lock(&state_->mutex);
    state_->stopped = true;
    timer = state_->timer;
    while (state_->running) state_->ended.Wait(&state_->mutex);
  }
  state_->scheduler->Cancel(timer);
}

void PeriodicTask::Arm(const std::shared_ptr<State>& state) {
  MutexLock lock(&state->mutex);
  if (state->stopped) return;
  state->timer = state->scheduler->RunAfter(state->interval, [state] {
    // Under the lock: the executor may be gone once Stop() has returned.
    MutexLock posting(&state->mutex);
    if (!state->stopped) state->executor->Post([state] { Run(state); });
  });
}

void PeriodicTask::Run(const std::shared_ptr<State>& state) {
  {
    MutexLock lock(&state->mutex);
    if (state->stopped) return;
    state->running = true;
  }
  state->task();
  Arm(state);
  MutexLock lock(&state->mutex);
  state->running = false;
  state->ended.SignalAll();
}

}  // namespace wirepas_grpc::core
