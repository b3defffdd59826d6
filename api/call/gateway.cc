// SPDX-License-Identifier: Apache-2.0
#include "api/call/gateway.h"

#include "absl/strings/str_cat.h"
#include "gateway_api/gateway.pb.h"

namespace wirepas_grpc::api {

absl::Status CheckFeature(core::Network* network, const core::GatewayId& gateway, int feature) {
  const core::GatewayPtr record = network->directory().Find(gateway.value());
  if (record == nullptr || !record->online() || record->HasFeature(feature))
    return absl::OkStatus();
  const absl::Status status = absl::FailedPreconditionError(absl::StrCat(
      core::RequestTargetText(gateway.value(), ""), ": does not announce GATEWAY_FEATURE_",
      gw::GatewayFeature_Name(static_cast<gw::GatewayFeature>(feature)),
      ", which the request needs; nothing was sent"));
  return core::WithReason(status, core::Reason::kFeatureMissing);
}

}  // namespace wirepas_grpc::api
