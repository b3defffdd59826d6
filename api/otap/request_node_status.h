// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_OTAP_REQUEST_NODE_STATUS_H_
#define WIREPAS_GRPC_API_OTAP_REQUEST_NODE_STATUS_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "core/otap/node_status_collector.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {

// Sees to it first that the answers are heard, which `node_statuses` takes: it outlives
// the call.
grpc::ServerUnaryReactor* RequestNodeStatus(Engine* engine,
                                            core::NodeStatusCollector* node_statuses,
                                            const grpc::CallbackServerContext& context,
                                            const mesh::RequestNodeStatusRequest& request,
                                            mesh::RequestNodeStatusResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_OTAP_REQUEST_NODE_STATUS_H_
