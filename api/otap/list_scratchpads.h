// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_OTAP_LIST_SCRATCHPADS_H_
#define WIREPAS_GRPC_API_OTAP_LIST_SCRATCHPADS_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* ListScratchpads(Engine* engine,
                                          const grpc::CallbackServerContext& context,
                                          const mesh::ListScratchpadsRequest& request,
                                          mesh::ListScratchpadsResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_OTAP_LIST_SCRATCHPADS_H_
