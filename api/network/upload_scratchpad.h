// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_UPLOAD_SCRATCHPAD_H_
#define WIREPAS_GRPC_API_NETWORK_UPLOAD_SCRATCHPAD_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerWriteReactor<mesh::UploadScratchpadResponse>* UploadScratchpad(
    Engine* engine, const grpc::CallbackServerContext& context,
    const mesh::UploadScratchpadRequest& request);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_UPLOAD_SCRATCHPAD_H_
