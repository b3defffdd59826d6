// SPDX-License-Identifier: Apache-2.0
#include "api/app_config/service.h"

#include "api/app_config/rpcs.h"

namespace wirepas_grpc::api {

grpc::ServerUnaryReactor* AppConfigServiceImpl::ListAppConfigs(
    Context* context, const mesh::ListAppConfigsRequest* request,
    mesh::ListAppConfigsResponse* response) {
  return api::ListAppConfigs(network_, *context, *request, response);
}

grpc::ServerUnaryReactor* AppConfigServiceImpl::UpdateAppConfig(
    Context* context, const mesh::UpdateAppConfigRequest* request,
    mesh::UpdateAppConfigResponse* response) {
  return api::UpdateAppConfig(network_, &updater_, *context, *request, response);
}

grpc::ServerUnaryReactor* AppConfigServiceImpl::SetLocalProvisioning(
    Context* context, const mesh::SetLocalProvisioningRequest* request,
    mesh::SetLocalProvisioningResponse* response) {
  return api::SetLocalProvisioning(network_, &updater_, *context, *request, response);
}

}  // namespace wirepas_grpc::api
