// SPDX-License-Identifier: Apache-2.0
#include "core/base/wait_list.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace wirepas_grpc::core {
namespace {

using Clock = std::chrono::steady_clock;

// More changes than this in `min_interval` make a source busy.
constexpr double kFewChanges = 4;
// So many times farther apart are the wake-ups of a busy source.
constexpr int kBusyStretch = 8;
// About what it costs to wake one more.
constexpr absl::Duration kPerWaiter = absl::Microseconds(16);

}  // namespace

absl::Duration WaitList::DistanceAfter(size_t woken, double changes, absl::Duration min_interval,
                                       absl::Duration max_interval) {
  if (min_interval <= absl::ZeroDuration()) return absl::ZeroDuration();
  const int64_t others = static_cast<int64_t>(std::max<size_t>(woken, 1)) - 1;
  absl::Duration distance = min_interval + others * kPerWaiter;
  if (changes > kFewChanges) distance *= kBusyStretch;
  return std::min(distance, std::max(max_interval, kBusyStretch * min_interval));
}

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
  uint64_t changes ABSL_GUARDED_BY(mutex) = 0;     // since the last wake-up
  absl::Duration distance ABSL_GUARDED_BY(mutex);  // of the next wake-up from the last
};

WaitList::WaitList(Executor* executor, Scheduler* scheduler, absl::Duration min_interval,
                   absl::Duration max_interval)
    : state_(std::make_shared<State>()) {
  state_->executor = executor;
  state_->scheduler = scheduler;
  state_->min_interval = min_interval;
  state_->max_interval = max_interval;
  MutexLock lock(&state_->mutex);
  state_->distance = min_interval;
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
      wait = state_->distance - since;
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
    const Clock::time_point now = Clock::now();
    const double intervals =
        absl::FDivDuration(absl::FromChrono(now - state->last_wake), state->min_interval);
    const double changes = static_cast<double>(state->changes) / std::max(intervals, 1.0);
    state->distance =
        DistanceAfter(waiters.size(), changes, state->min_interval, state->max_interval);
    state->changes = 0;
    state->last_wake = now;
  }
  for (auto& [id, callback] : waiters) callback();
}

}  // namespace wirepas_grpc::core
