// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_LIST_SINKS_H_
#define WIREPAS_GRPC_API_NETWORK_LIST_SINKS_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* ListSinks(Engine* engine, const grpc::CallbackServerContext& context,
                                    const mesh::ListSinksRequest& request,
                                    mesh::ListSinksResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_LIST_SINKS_H_
