// SPDX-License-Identifier: Apache-2.0
#include "api/call/gateway.h"

#include "core/sinks/change.h"

namespace wirepas_grpc::api {

absl::Status CheckFeature(core::Network* network, const core::GatewayId& gateway, int feature) {
  const core::GatewayPtr record = network->directory().Find(gateway.value());
  return record == nullptr ? absl::OkStatus() : core::CheckFeature(*record, feature);
}

}  // namespace wirepas_grpc::api
