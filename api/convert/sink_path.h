// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_SINK_PATH_H_
#define WIREPAS_GRPC_API_CONVERT_SINK_PATH_H_

#include "api/call/errors.h"
#include "api/call/namespaces.h"
#include "core/directory/sink_scope.h"
#include "wirepas/mesh/v1/sink_scope.pb.h"

namespace wirepas_grpc::api {

// For results per sink.
Target TargetOf(const core::SinkPath& path);
// Of a status of core that names gateway and sink as facts.
Target TargetOf(const absl::Status& status);
void SetSinkRef(const core::SinkPath& path, mesh::SinkRef* ref);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_SINK_PATH_H_
