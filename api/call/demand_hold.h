// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_DEMAND_HOLD_H_
#define WIREPAS_GRPC_API_CALL_DEMAND_HOLD_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/base/mutex.h"
#include "core/interest/demand.h"

namespace wirepas_grpc::api {

// A stream's interest in a subscription at the broker, from the first wish to the
// end. result() is thread-safe, the rest is for one thread at a time.
class DemandHold {
 public:
  // Takes a lease, and calls `wake` on the executor when the result is there or
  // changes, perhaps on two threads at once.
  DemandHold(core::Demand* demand, absl::AnyInvocable<void()> wake);
  ~DemandHold();
  DemandHold(const DemandHold&) = delete;
  DemandHold& operator=(const DemandHold&) = delete;

  // Nothing: the broker has not answered yet. PERMISSION_DENIED: it refused, now or
  // after a reconnect, and the subscription is no more. OK while the broker is away.
  std::optional<absl::Status> result() const;

 private:
  struct State {
    core::Mutex mutex;
    std::optional<absl::Status> result ABSL_GUARDED_BY(mutex);
    absl::AnyInvocable<void()> wake;

    void Set(const absl::Status& status);
  };

  core::Demand* const demand_;
  const core::Demand::LeasePtr lease_;
  const std::shared_ptr<State> state_;
  uint64_t confirm_wait_ = 0;
  uint64_t refusal_wait_ = 0;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_DEMAND_HOLD_H_
