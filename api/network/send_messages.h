// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_SEND_MESSAGES_H_
#define WIREPAS_GRPC_API_NETWORK_SEND_MESSAGES_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerBidiReactor<mesh::SendMessagesRequest, mesh::SendMessagesResponse>* SendMessages(
    Engine* engine);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_SEND_MESSAGES_H_
