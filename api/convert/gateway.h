// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_GATEWAY_H_
#define WIREPAS_GRPC_API_CONVERT_GATEWAY_H_

#include "absl/strings/string_view.h"
#include "api/call/namespaces.h"
#include "core/directory/directory.h"
#include "gateway_api/gateway.pb.h"
#include "wirepas/mesh/v1/gateway.pb.h"

namespace wirepas_grpc::api {

mesh::Gateway ToProto(const core::GatewayRecord& gateway);

// What a gateway answered of itself.
mesh::GatewayInfo ToProto(absl::string_view gateway_id, const gw::GatewayInfo& info);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_GATEWAY_H_
