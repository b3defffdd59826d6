// SPDX-License-Identifier: Apache-2.0
#include "api/demand_hold.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::api {

DemandHold::DemandHold(core::Demand* demand, absl::AnyInvocable<void()> wake)
    : demand_(demand), lease_(demand->Acquire()), state_(std::make_shared<State>()) {
  wait_ = demand_->WhenConfirmed([state = state_, filter = demand->filter(),
                                  wake = std::move(wake)](const absl::Status& status) mutable {
    {
      core::MutexLock lock(&state->mutex);
      state->result =
          status.ok()
              ? status
              : absl::PermissionDeniedError(absl::StrCat("the broker refuses the subscription to ",
                                                         filter, ": ", status.message()));
    }
    wake();
  });
}

DemandHold::~DemandHold() { demand_->CancelConfirm(wait_); }

std::optional<absl::Status> DemandHold::result() const {
  core::MutexLock lock(&state_->mutex);
  return state_->result;
}

}  // namespace wirepas_grpc::api
