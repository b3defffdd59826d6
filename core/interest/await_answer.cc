// SPDX-License-Identifier: Apache-2.0
#include "core/interest/await_answer.h"

#include <memory>
#include <optional>
#include <utility>

#include "core/base/mutex.h"

namespace wirepas_grpc::core {
namespace {

// Owns the interest, whose callback owns it in turn, until End().
struct Waiting {
  Mutex mutex;
  InterestPtr interest ABSL_GUARDED_BY(mutex);
  std::optional<TimerId> timer ABSL_GUARDED_BY(mutex);
  absl::AnyInvocable<void()> then ABSL_GUARDED_BY(mutex);

  // Whoever comes first has `then`; for the others it is null.
  absl::AnyInvocable<void()> End(Scheduler* scheduler) {
    InterestPtr ended;  // destroyed after the lock is released
    MutexLock lock(&mutex);
    if (timer.has_value()) scheduler->Cancel(*timer);
    ended = std::move(interest);
    return std::exchange(then, nullptr);
  }
  void EndAndTell(Scheduler* scheduler) {
    absl::AnyInvocable<void()> answered = End(scheduler);
    if (answered != nullptr) answered();
  }
};

}  // namespace

absl::AnyInvocable<void()> AwaitAnswer(
    absl::AnyInvocable<InterestPtr(Subscriptions::Changed)> acquire, absl::Duration limit,
    Executor* executor, Scheduler* scheduler, absl::AnyInvocable<void()> then) {
  const auto waiting = std::make_shared<Waiting>();
  bool answered = false;
  {
    MutexLock lock(&waiting->mutex);
    waiting->then = std::move(then);
    waiting->interest = acquire([waiting, scheduler] { waiting->EndAndTell(scheduler); });
    answered = waiting->interest->result().has_value();
    waiting->timer = scheduler->RunAfter(limit, [waiting, executor, scheduler] {
      executor->Post([waiting, scheduler] { waiting->EndAndTell(scheduler); });
    });
  }
  if (answered) waiting->EndAndTell(scheduler);
  return [waiting, scheduler] { waiting->End(scheduler); };
}

}  // namespace wirepas_grpc::core
