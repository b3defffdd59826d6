// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NODES_WATCH_NODES_H_
#define WIREPAS_GRPC_API_NODES_WATCH_NODES_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "core/nodes/collector.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/node_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerWriteReactor<mesh::WatchNodesResponse>* WatchNodes(
    Engine* engine, core::NodeCollector* nodes, const mesh::WatchNodesRequest& request);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NODES_WATCH_NODES_H_
