// SPDX-License-Identifier: Apache-2.0
//
// The unary RPCs that ask one sink for something: configuration and scratchpads.
#ifndef WIREPAS_GRPC_API_NETWORK_SINK_RPCS_H_
#define WIREPAS_GRPC_API_NETWORK_SINK_RPCS_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* SetSinkConfig(Engine* engine, const grpc::CallbackServerContext& context,
                                        const mesh::SetSinkConfigRequest& request,
                                        mesh::SetSinkConfigResponse* response);

grpc::ServerUnaryReactor* GetConfigurationDataItem(
    Engine* engine, const grpc::CallbackServerContext& context,
    const mesh::GetConfigurationDataItemRequest& request,
    mesh::GetConfigurationDataItemResponse* response);

grpc::ServerUnaryReactor* SetConfigurationDataItem(
    Engine* engine, const grpc::CallbackServerContext& context,
    const mesh::SetConfigurationDataItemRequest& request,
    mesh::SetConfigurationDataItemResponse* response);

grpc::ServerUnaryReactor* GetScratchpadStatus(Engine* engine,
                                              const grpc::CallbackServerContext& context,
                                              const mesh::GetScratchpadStatusRequest& request,
                                              mesh::GetScratchpadStatusResponse* response);

grpc::ServerUnaryReactor* ProcessScratchpad(Engine* engine,
                                            const grpc::CallbackServerContext& context,
                                            const mesh::ProcessScratchpadRequest& request,
                                            mesh::ProcessScratchpadResponse* response);

grpc::ServerUnaryReactor* SetTargetScratchpad(Engine* engine,
                                              const grpc::CallbackServerContext& context,
                                              const mesh::SetTargetScratchpadRequest& request,
                                              mesh::SetTargetScratchpadResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_SINK_RPCS_H_
