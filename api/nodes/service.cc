// SPDX-License-Identifier: Apache-2.0
#include "api/nodes/service.h"

#include "api/nodes/rpcs.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* NodeServiceImpl::ListNodes(Context*,
                                                     const mesh::ListNodesRequest* request,
                                                     mesh::ListNodesResponse* response) {
  return api::ListNodes(nodes_, *request, response);
}

grpc::ServerWriteReactor<mesh::WatchNodesResponse>* NodeServiceImpl::WatchNodes(
    Context*, const mesh::WatchNodesRequest* request) {
  return api::WatchNodes(engine_, nodes_, *request);
}

}  // namespace wirepas_grpc::api
