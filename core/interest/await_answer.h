// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_AWAIT_ANSWER_H_
#define WIREPAS_GRPC_CORE_INTEREST_AWAIT_ANSWER_H_

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/scheduler.h"
#include "core/interest/subscriptions.h"

namespace wirepas_grpc::core {

// Takes the interest, and holds it until the broker has answered, but no longer than
// `limit`. Then calls `then`, once: at once on this thread or later on the executor. What it
// returns takes it back: the interest is let go of, and `then` is not called, unless that has
// begun. It may be called at any time, on any thread, any number of times.
absl::AnyInvocable<void()> AwaitAnswer(
    absl::AnyInvocable<InterestPtr(Subscriptions::Changed)> acquire, absl::Duration limit,
    Executor* executor, Scheduler* scheduler, absl::AnyInvocable<void()> then);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_AWAIT_ANSWER_H_
