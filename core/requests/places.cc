// SPDX-License-Identifier: Apache-2.0
#include "core/requests/places.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {
namespace {

// Most requests end within this time, and give their places back.
constexpr absl::Duration kRetryDelay = absl::Seconds(1);

absl::Status TooMany(absl::string_view message) {
  return WithRetryDelay(WithReason(absl::ResourceExhaustedError(message), Reason::kTooMany),
                        kRetryDelay);
}

}  // namespace

struct RequestPlaces::State {
  State(size_t max_in, Executor* executor_in) : max(max_in), executor(executor_in) {}

  bool MayTake(const Asker* asker) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const size_t free = max - taken;
    return free > 0 && (asker == nullptr || asker->held_ / kShare < free);
  }

  // Those who wait are kept by how many places they hold.
  void SetHeld(Asker* asker, size_t held) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const bool waits = waiting.erase({asker->held_, asker}) > 0;
    asker->held_ = held;
    if (waits) waiting.emplace(held, asker);
  }

  void CountTaken(Asker* asker) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    ++taken;
    if (asker != nullptr) SetHeld(asker, asker->held_ + 1);
  }

  // True: somebody waits, for whom it may be.
  bool Free(Asker* asker) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    --taken;
    if (asker != nullptr) SetHeld(asker, asker->held_ - 1);
    return !waiting.empty();
  }

  // False: the wait is not there any more.
  bool RemoveWait(uint64_t id, absl::AnyInvocable<void(PlacePtr)>* callback)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const auto found = waits.find(id);
    if (found == waits.end()) return false;
    Asker* const asker = found->second.get();
    const auto wait = asker->waits_.find(id);
    *callback = std::move(wait->second);
    asker->waits_.erase(wait);
    if (asker->waits_.empty()) waiting.erase({asker->held_, asker});
    return true;
  }

  // Gives what is free to those who wait. The one with the fewest places is allowed
  // another if anyone is.
  static void Grant(const std::shared_ptr<State>& state) ABSL_LOCKS_EXCLUDED(state->mutex) {
    while (true) {
      AskerPtr asker;  // let go of after the lock is released
      absl::AnyInvocable<void(PlacePtr)> callback;
      {
        MutexLock lock(&state->mutex);
        if (state->waiting.empty()) return;
        Asker* const next = state->waiting.begin()->second;
        if (!state->MayTake(next)) return;
        const uint64_t id = next->waits_.begin()->first;
        state->RemoveWait(id, &callback);
        const auto wait = state->waits.find(id);
        asker = std::move(wait->second);
        state->waits.erase(wait);
        state->CountTaken(next);
      }
      state->executor->Post([callback = std::move(callback),
                             place = std::make_shared<Place>(state, std::move(asker))]() mutable {
        callback(std::move(place));
      });
    }
  }

  const size_t max;
  Executor* const executor;
  mutable Mutex mutex;
  size_t taken ABSL_GUARDED_BY(mutex) = 0;
  absl::flat_hash_map<std::string, std::weak_ptr<Asker>> askers ABSL_GUARDED_BY(mutex);
  uint64_t next_wait ABSL_GUARDED_BY(mutex) = 1;
  absl::flat_hash_map<uint64_t, AskerPtr> waits ABSL_GUARDED_BY(mutex);
  std::set<std::pair<size_t, Asker*>> waiting ABSL_GUARDED_BY(mutex);  // held, who
};

RequestPlaces::RequestPlaces(size_t max, Executor* executor)
    : state_(std::make_shared<State>(max, executor)) {}

RequestPlaces::~RequestPlaces() {
  // Destroyed after the lock is released.
  std::vector<absl::AnyInvocable<void(PlacePtr)>> callbacks;
  absl::flat_hash_map<uint64_t, AskerPtr> waits;
  MutexLock lock(&state_->mutex);
  for (const auto& [id, asker] : state_->waits) {
    callbacks.emplace_back();
    state_->RemoveWait(id, &callbacks.back());
  }
  waits.swap(state_->waits);
}

RequestPlaces::AskerPtr RequestPlaces::Named(absl::string_view name) {
  AskerPtr asker;  // destroyed after the lock is released
  MutexLock lock(&state_->mutex);
  std::weak_ptr<Asker>& known = state_->askers[name];
  asker = known.lock();
  if (asker == nullptr) {
    asker = std::make_shared<Asker>(state_, name);
    known = asker;
  }
  return asker;
}

absl::StatusOr<RequestPlaces::PlacePtr> RequestPlaces::Take(const AskerPtr& asker) {
  {
    MutexLock lock(&state_->mutex);
    if (!state_->MayTake(asker.get())) {
      if (asker == nullptr || state_->taken >= state_->max) {
        return TooMany(absl::StrCat("too many requests are pending, the bound is ", state_->max,
                                    "; nothing was sent"));
      }
      return TooMany(absl::StrCat("too many requests of ", asker->name_,
                                  " are pending: ", asker->held_, " are its share of the bound of ",
                                  state_->max, " for all, of which others hold ",
                                  state_->taken - asker->held_, "; nothing was sent"));
    }
    state_->CountTaken(asker.get());
  }
  return std::make_shared<Place>(state_, asker);
}

uint64_t RequestPlaces::Wait(const AskerPtr& asker, absl::AnyInvocable<void(PlacePtr)> callback) {
  uint64_t id;
  {
    MutexLock lock(&state_->mutex);
    id = state_->next_wait++;
    asker->waits_.emplace(id, std::move(callback));
    state_->waits.emplace(id, asker);
    state_->waiting.emplace(asker->held_, asker.get());
  }
  State::Grant(state_);
  return id;
}

bool RequestPlaces::CancelWait(uint64_t id) {
  // Destroyed after the lock is released.
  absl::AnyInvocable<void(PlacePtr)> callback;
  AskerPtr asker;
  MutexLock lock(&state_->mutex);
  if (!state_->RemoveWait(id, &callback)) return false;
  const auto wait = state_->waits.find(id);
  asker = std::move(wait->second);
  state_->waits.erase(wait);
  return true;
}

size_t RequestPlaces::max() const { return state_->max; }

size_t RequestPlaces::taken() const {
  MutexLock lock(&state_->mutex);
  return state_->taken;
}

size_t RequestPlaces::waiting() const {
  MutexLock lock(&state_->mutex);
  return state_->waits.size();
}

RequestPlaces::Asker::Asker(std::shared_ptr<State> state, absl::string_view name)
    : state_(std::move(state)), name_(name) {}

RequestPlaces::Asker::~Asker() {
  MutexLock lock(&state_->mutex);
  // There may be another of the name by now.
  const auto known = state_->askers.find(name_);
  if (known != state_->askers.end() && known->second.expired()) state_->askers.erase(known);
}

size_t RequestPlaces::Asker::held() const {
  MutexLock lock(&state_->mutex);
  return held_;
}

RequestPlaces::Place::Place(std::shared_ptr<State> state, AskerPtr asker)
    : state_(std::move(state)), asker_(std::move(asker)) {}

void RequestPlaces::Place::GiveBack() {
  {
    MutexLock lock(&state_->mutex);
    if (std::exchange(given_back_, true) || holds_ > 0) return;
    if (!state_->Free(asker_.get())) return;
  }
  State::Grant(state_);
}

RequestPlaces::Hold::Hold(PlacePtr place) {
  if (place == nullptr) return;
  MutexLock lock(&place->state_->mutex);
  if (place->given_back_) return;
  ++place->holds_;
  place_ = std::move(place);
}

RequestPlaces::Hold::~Hold() {
  if (place_ == nullptr) return;
  {
    MutexLock lock(&place_->state_->mutex);
    if (--place_->holds_ > 0 || !place_->given_back_) return;
    if (!place_->state_->Free(place_->asker_.get())) return;
  }
  State::Grant(place_->state_);
}

}  // namespace wirepas_grpc::core
