// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_APP_CONFIG_SERVICE_H_
#define WIREPAS_GRPC_API_APP_CONFIG_SERVICE_H_

#include "api/call/engine.h"
#include "api/call/namespaces.h"
#include "core/app_config/updater.h"
#include "core/network/network.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/app_config_service.grpc.pb.h"

namespace wirepas_grpc::api {

// wirepas.mesh.v1.AppConfigService over core. What each RPC does is stated in
// app_config_service.proto and done in the file of its name, or of its family:
//   update_app_config.cc  UpdateAppConfig, SetLocalProvisioning
// Shut down as NetworkServiceImpl; there are no streams to end. Thread-safe.
class AppConfigServiceImpl final : public mesh::AppConfigService::CallbackService {
 public:
  // `engine` is NetworkServiceImpl's, and outlives the service.
  explicit AppConfigServiceImpl(Engine* engine)
      : network_(engine->network), updater_(engine->network, &engine->sink_holds) {}

  // For BoundedService, which is what gRPC gets.
  using grpc::Service::GetHandler;
  static const char* service_full_name() { return mesh::AppConfigService::service_full_name(); }

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* ListAppConfigs(Context*, const mesh::ListAppConfigsRequest*,
                        mesh::ListAppConfigsResponse*) override;
  Unary* UpdateAppConfig(Context*, const mesh::UpdateAppConfigRequest*,
                         mesh::UpdateAppConfigResponse*) override;
  Unary* SetLocalProvisioning(Context*, const mesh::SetLocalProvisioningRequest*,
                              mesh::SetLocalProvisioningResponse*) override;

  core::Network* const network_;
  core::AppConfigUpdater updater_;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_APP_CONFIG_SERVICE_H_
