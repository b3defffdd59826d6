// SPDX-License-Identifier: Apache-2.0
//
// The RPCs of NodeService, each started by a function of its name in the file that stands above it.
// What is passed by pointer outlives the call.
#ifndef WIREPAS_GRPC_API_NODES_RPCS_H_
#define WIREPAS_GRPC_API_NODES_RPCS_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "core/nodes/collector.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/node_service.pb.h"

namespace wirepas_grpc::api {

// ---- list_nodes.cc ----

grpc::ServerUnaryReactor* ListNodes(core::NodeCollector* nodes,
                                    const mesh::ListNodesRequest& request,
                                    mesh::ListNodesResponse* response);

// ---- watch_nodes.cc ----

grpc::ServerWriteReactor<mesh::WatchNodesResponse>* WatchNodes(
    Engine* engine, core::NodeCollector* nodes, const mesh::WatchNodesRequest& request);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NODES_RPCS_H_
