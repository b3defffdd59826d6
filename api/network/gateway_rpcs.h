// SPDX-License-Identifier: Apache-2.0
//
// The unary RPCs that concern gateways as a whole.
#ifndef WIREPAS_GRPC_API_NETWORK_GATEWAY_RPCS_H_
#define WIREPAS_GRPC_API_NETWORK_GATEWAY_RPCS_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* ListGateways(Engine* engine, const grpc::CallbackServerContext& context,
                                       const mesh::ListGatewaysRequest& request,
                                       mesh::ListGatewaysResponse* response);

grpc::ServerUnaryReactor* GetGatewayInfo(Engine* engine, const grpc::CallbackServerContext& context,
                                         const mesh::GetGatewayInfoRequest& request,
                                         mesh::GetGatewayInfoResponse* response);

grpc::ServerUnaryReactor* ClearGatewayStatus(Engine* engine,
                                             const grpc::CallbackServerContext& context,
                                             const mesh::ClearGatewayStatusRequest& request,
                                             mesh::ClearGatewayStatusResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_GATEWAY_RPCS_H_
