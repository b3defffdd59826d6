// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_OTAP_LIST_NODE_STATUS_H_
#define WIREPAS_GRPC_API_OTAP_LIST_NODE_STATUS_H_

#include "api/call/namespaces.h"
#include "core/otap/node_status_collector.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* ListNodeStatus(core::NodeStatusCollector* statuses,
                                         const mesh::ListNodeStatusRequest& request,
                                         mesh::ListNodeStatusResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_OTAP_LIST_NODE_STATUS_H_
