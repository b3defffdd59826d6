// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_APP_CONFIG_LIST_APP_CONFIGS_H_
#define WIREPAS_GRPC_API_APP_CONFIG_LIST_APP_CONFIGS_H_

#include "api/call/namespaces.h"
#include "core/network/network.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/app_config_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* ListAppConfigs(core::Network* network,
                                         const grpc::CallbackServerContext& context,
                                         const mesh::ListAppConfigsRequest& request,
                                         mesh::ListAppConfigsResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_APP_CONFIG_LIST_APP_CONFIGS_H_
