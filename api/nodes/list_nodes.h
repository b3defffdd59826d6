// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NODES_LIST_NODES_H_
#define WIREPAS_GRPC_API_NODES_LIST_NODES_H_

#include "api/call/namespaces.h"
#include "core/nodes/collector.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/node_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* ListNodes(core::NodeCollector* nodes,
                                    const mesh::ListNodesRequest& request,
                                    mesh::ListNodesResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NODES_LIST_NODES_H_
