// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_WAIT_LIST_H_
#define WIREPAS_GRPC_CORE_BASE_WAIT_LIST_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"

namespace wirepas_grpc::core {

using WaitId = uint64_t;

// Callbacks that wait for something to change: each is called once, on the
// executor, after the next WakeAll(). However often WakeAll() is called, at most
// one wake-up is under way, and wake-ups keep a distance: a busy source is looked at in
// batches, while a quiet one is seen at once. Thread-safe.
class WaitList {
 public:
  // How far the next wake-up stays from one that woke so many, with so many changes in each
  // `min_interval` before it: `min_interval`, and for a crowd longer by what it takes to wake
  // it; eight times that with more than a few changes; at most `max_interval`, or eight times
  // `min_interval` if that is more. 0 with a `min_interval` of 0.
  static absl::Duration DistanceAfter(size_t woken, double changes, absl::Duration min_interval,
                                      absl::Duration max_interval);

  // `executor` and `scheduler` outlive the list and everything posted to them.
  WaitList(Executor* executor, Scheduler* scheduler,
           absl::Duration min_interval = absl::ZeroDuration(),
           absl::Duration max_interval = absl::ZeroDuration());
  ~WaitList();
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;

  // The caller checks for what it waits for again after adding: a change in
  // between is not missed then.
  WaitId Add(absl::AnyInvocable<void()> callback);

  // False: the callback ran, is running or is about to.
  bool Remove(WaitId id);

  // Cheap when nobody waits. Never runs a callback itself.
  void WakeAll();

 private:
  struct State;
  static void Wake(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_WAIT_LIST_H_
