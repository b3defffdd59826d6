// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_GATEWAY_H_
#define WIREPAS_GRPC_API_CONVERT_GATEWAY_H_

#include "absl/strings/string_view.h"
#include "api/namespaces.h"
#include "core/mqtt/broker_client.h"
#include "core/network/directory.h"
#include "gateway_api/gateway.pb.h"
#include "wirepas/mesh/v1/broker.pb.h"
#include "wirepas/mesh/v1/gateway.pb.h"

namespace wirepas_grpc::api {

mesh::Gateway ToProto(const core::GatewayRecord& gateway);

// What a gateway answered of itself.
mesh::GatewayInfo ToProto(absl::string_view gateway_id, const gw::GatewayInfo& info);

mesh::BrokerState ToProto(const core::BrokerState& state);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_GATEWAY_H_
