// SPDX-License-Identifier: Apache-2.0
#include "core/network/failures.h"

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {

absl::Status NotConnected(const BrokerState& state) {
  return WithReason(absl::UnavailableError(absl::StrCat(
                        "the broker ", state.endpoint, state.endpoint.empty() ? "" : " ",
                        "is not connected (", DisconnectReasonText(state.reason), ")")),
                    Reason::kBrokerNotConnected);
}

absl::Status ConnectionLost() {
  return WithReason(absl::UnavailableError("the connection to the broker was lost"),
                    Reason::kBrokerNotConnected);
}

absl::Status GatewayOffline() {
  return WithReason(absl::UnavailableError("the gateway is offline"), Reason::kGatewayOffline);
}

absl::Status GatewayNotKnown() {
  return WithReason(absl::NotFoundError("the gateway is not known"), Reason::kGatewayNotKnown);
}

}  // namespace wirepas_grpc::core
