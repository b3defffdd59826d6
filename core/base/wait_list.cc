// SPDX-License-Identifier: Apache-2.0
#include "core/base/wait_list.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>
#include <vector>

namespace wirepas_grpc::core {
namespace {

using Clock = std::chrono::steady_clock;

// So many changes within `min_interval` are no reason yet to wait longer.
constexpr double kQuietChanges = 2;
// Wake-ups are at most so many times `min_interval` apart, and, up to `max_interval`, as
// often again for each so many that wait: waking a crowd for a few changes each is what
// costs most then.
constexpr double kMaxStretch = 8;
constexpr double kCrowd = 30;

}  // namespace

struct WaitList::State {
  Executor* executor;
  Scheduler* scheduler;
  absl::Duration min_interval;
  absl::Duration max_interval;

  Mutex mutex;
  absl::flat_hash_map<WaitId, absl::AnyInvocable<void()>> waiters ABSL_GUARDED_BY(mutex);
  WaitId next_id ABSL_GUARDED_BY(mutex) = 1;
  bool wake_pending ABSL_GUARDED_BY(mutex) = false;
  Clock::time_point last_wake ABSL_GUARDED_BY(mutex);
  uint64_t changes ABSL_GUARDED_BY(mutex) = 0;  // since the last wake-up
  double stretch ABSL_GUARDED_BY(mutex) = 1;    // of min_interval

  // Called with each wake-up: the more changes came, the more the next one gathers.
  void StretchLocked(size_t woken) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const Clock::time_point now = Clock::now();
    const double intervals = absl::FDivDuration(absl::FromChrono(now - last_wake), min_interval);
    const double changes_in_interval = static_cast<double>(changes) / std::max(intervals, 1.0);
    const double crowd = 1 + static_cast<double>(woken) / kCrowd;
    const double widest =
        std::min(kMaxStretch * crowd, absl::FDivDuration(max_interval, min_interval));
    stretch =
        std::clamp(changes_in_interval / kQuietChanges * crowd, 1.0, std::max(kMaxStretch, widest));
    changes = 0;
    last_wake = now;
  }
};

WaitList::WaitList(Executor* executor, Scheduler* scheduler, absl::Duration min_interval,
                   absl::Duration max_interval)
    : state_(std::make_shared<State>()) {
  state_->executor = executor;
  state_->scheduler = scheduler;
  state_->min_interval = min_interval;
  state_->max_interval = max_interval;
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
    ++state_->changes;
    if (state_->wake_pending || state_->waiters.empty()) return;
    state_->wake_pending = true;
    if (state_->min_interval > absl::ZeroDuration()) {
      const absl::Duration since = absl::FromChrono(Clock::now() - state_->last_wake);
      wait = state_->min_interval * state_->stretch - since;
    }
  }
  if (wait > absl::ZeroDuration()) {
    state_->scheduler->RunAfter(
        wait, [state = state_] { state->executor->Post([state] { Wake(state); }); });
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
    if (state->min_interval > absl::ZeroDuration()) state->StretchLocked(waiters.size());
  }
  for (auto& [id, callback] : waiters) callback();
}

}  // namespace wirepas_grpc::core
