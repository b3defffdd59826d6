// SPDX-License-Identifier: Apache-2.0
#include "core/base/wait_list.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>
#include <vector>

namespace wirepas_grpc::core {

struct WaitList::State {
  Executor* executor;
  Scheduler* scheduler;
  absl::Duration min_interval;

  Mutex mutex;
  absl::flat_hash_map<WaitId, absl::AnyInvocable<void()>> waiters ABSL_GUARDED_BY(mutex);
  WaitId next_id ABSL_GUARDED_BY(mutex) = 1;
  bool wake_pending ABSL_GUARDED_BY(mutex) = false;
  std::chrono::steady_clock::time_point last_wake ABSL_GUARDED_BY(mutex);
};

WaitList::WaitList(Executor* executor, Scheduler* scheduler, absl::Duration min_interval)
    : state_(std::make_shared<State>()) {
  state_->executor = executor;
  state_->scheduler = scheduler;
  state_->min_interval = min_interval;
}

WaitList::~WaitList() {
  // A wake-up already posted finds nobody. Destroyed after the lock is released.
  absl::flat_hash_map<WaitId, absl::AnyInvocable<void()>> dropped;
  MutexLock lock(&state_->mutex);
  dropped.swap(state_->waiters);
}

WaitId WaitList::Add(absl::AnyInvocable<void()> callback) {
  MutexLock lock(&state_->mutex);
  const WaitId id = state_->next_id++;
  state_->waiters.emplace(id, std::move(callback));
  return id;
}

bool WaitList::Remove(WaitId id) {
  absl::AnyInvocable<void()> callback;  // destroyed after the lock is released
  MutexLock lock(&state_->mutex);
  const auto found = state_->waiters.find(id);
  if (found == state_->waiters.end()) return false;
  callback = std::move(found->second);
  state_->waiters.erase(found);
  return true;
}

void WaitList::WakeAll() {
  absl::Duration wait;
  {
    MutexLock lock(&state_->mutex);
    if (state_->wake_pending || state_->waiters.empty()) return;
    state_->wake_pending = true;
    if (state_->min_interval > absl::ZeroDuration()) {
      const auto since = std::chrono::steady_clock::now() - state_->last_wake;
      wait = state_->min_interval - absl::FromChrono(since);
    }
  }
  if (wait > absl::ZeroDuration()) {
    state_->scheduler->RunAfter(wait, [state = state_] {
      state->executor->Post([state] { Wake(state); });
    });
  } else {
    state_->executor->Post([state = state_] { Wake(state); });
  }
}

void WaitList::Wake(const std::shared_ptr<State>& state) {
  absl::flat_hash_map<WaitId, absl::AnyInvocable<void()>> waiters;
  {
    MutexLock lock(&state->mutex);
    waiters.swap(state->waiters);
    state->wake_pending = false;
    state->last_wake = std::chrono::steady_clock::now();
  }
  for (auto& [id, callback] : waiters) callback();
}

}  // namespace wirepas_grpc::core
