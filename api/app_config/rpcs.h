// SPDX-License-Identifier: Apache-2.0
//
// The RPCs of AppConfigService, each started by a function of its name in the file that stands
// above it. What is passed by pointer outlives the call.
#ifndef WIREPAS_GRPC_API_APP_CONFIG_RPCS_H_
#define WIREPAS_GRPC_API_APP_CONFIG_RPCS_H_

#include "api/call/namespaces.h"
#include "core/app_config/updater.h"
#include "core/network/network.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/app_config_service.pb.h"

namespace wirepas_grpc::api {

// ---- list_app_configs.cc ----

grpc::ServerUnaryReactor* ListAppConfigs(core::Network* network,
                                         const grpc::CallbackServerContext& context,
                                         const mesh::ListAppConfigsRequest& request,
                                         mesh::ListAppConfigsResponse* response);

// ---- update_app_config.cc ----

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

#endif  // WIREPAS_GRPC_API_APP_CONFIG_RPCS_H_
