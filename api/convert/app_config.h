// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_APP_CONFIG_H_
#define WIREPAS_GRPC_API_CONVERT_APP_CONFIG_H_

#include "absl/status/statusor.h"
#include "api/call/namespaces.h"
#include "core/app_config/edit.h"
#include "core/app_config/updater.h"
#include "core/directory/sink_scope.h"
#include "wirepas/mesh/v1/app_config.pb.h"
#include "wirepas/mesh/v1/app_config_service.pb.h"

namespace wirepas_grpc::api {

mesh::SinkAppConfig ToProto(const core::ScopedSink& sink);

mesh::AppConfigChange ToProto(const core::AppConfigChange& change);

// What a request is to change. INVALID_ARGUMENT, naming the field, as in
// "set_entries[2].type".
absl::StatusOr<core::AppConfigEdit> ParseEdit(const mesh::UpdateAppConfigRequest& request);
absl::StatusOr<core::AppConfigEdit> ParseEdit(const mesh::SetLocalProvisioningRequest& request);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_APP_CONFIG_H_
