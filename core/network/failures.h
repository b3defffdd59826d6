// SPDX-License-Identifier: Apache-2.0
//
// Why nothing is sent to a gateway: statuses with their reasons. None names the gateway.
#ifndef WIREPAS_GRPC_CORE_NETWORK_FAILURES_H_
#define WIREPAS_GRPC_CORE_NETWORK_FAILURES_H_

#include "absl/status/status.h"
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

// UNAVAILABLE: "the broker host:port is not connected (connection refused)".
absl::Status NotConnected(const BrokerState& state);
// UNAVAILABLE: it was connected just now.
absl::Status ConnectionLost();
// UNAVAILABLE: it said so, or the broker on its behalf.
absl::Status GatewayOffline();
// NOT_FOUND.
absl::Status GatewayNotKnown();

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_FAILURES_H_
