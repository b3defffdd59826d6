// SPDX-License-Identifier: Apache-2.0
//
// The RPCs that change app configs: one update, asked for in two ways.
#ifndef WIREPAS_GRPC_API_APP_CONFIG_UPDATE_APP_CONFIG_H_
#define WIREPAS_GRPC_API_APP_CONFIG_UPDATE_APP_CONFIG_H_

#include "api/call/namespaces.h"
#include "core/app_config/updater.h"
#include "core/network/network.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/app_config_service.pb.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* UpdateAppConfig(core::Network* network, core::AppConfigUpdater* updater,
                                          const grpc::CallbackServerContext& context,
                                          const mesh::UpdateAppConfigRequest& request,
                                          mesh::UpdateAppConfigResponse* response);

grpc::ServerUnaryReactor* SetLocalProvisioning(core::Network* network,
                                               core::AppConfigUpdater* updater,
                                               const grpc::CallbackServerContext& context,
                                               const mesh::SetLocalProvisioningRequest& request,
                                               mesh::SetLocalProvisioningResponse* response);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_APP_CONFIG_UPDATE_APP_CONFIG_H_
