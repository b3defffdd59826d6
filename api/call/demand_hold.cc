// SPDX-License-Identifier: Apache-2.0
#include "api/call/demand_hold.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::api {

void DemandHold::State::Set(const absl::Status& status) {
  {
    core::MutexLock lock(&mutex);
    if (result.has_value() && !result->ok()) return;
    result = status;
  }
  wake();
}

DemandHold::DemandHold(core::Demand* demand, absl::AnyInvocable<void()> wake)
    : demand_(demand), lease_(demand->Acquire()), state_(std::make_shared<State>()) {
  state_->wake = std::move(wake);
  const auto answered = [state = state_, filter = demand->filter()](const absl::Status& status) {
    state->Set(status.ok() ? status
                           : absl::PermissionDeniedError(
                                 absl::StrCat("the broker refuses the subscription to ", filter,
                                              ": ", status.message())));
  };
  confirm_wait_ = demand_->WhenConfirmed(answered);
  refusal_wait_ = demand_->WhenRefused(answered);
}

DemandHold::~DemandHold() {
  demand_->CancelWait(confirm_wait_);
  demand_->CancelWait(refusal_wait_);
}

std::optional<absl::Status> DemandHold::result() const {
  core::MutexLock lock(&state_->mutex);
  return state_->result;
}

}  // namespace wirepas_grpc::api
