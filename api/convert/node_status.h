// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_NODE_STATUS_H_
#define WIREPAS_GRPC_API_CONVERT_NODE_STATUS_H_

#include "absl/status/statusor.h"
#include "api/call/namespaces.h"
#include "core/otap/node_status_registry.h"
#include "wirepas/mesh/v1/otap.pb.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {

mesh::NodeStatus ToProto(const core::NodeWithStatus& node);

// INVALID_ARGUMENT, naming the field, as in "filter.network_addresses[2]".
absl::StatusOr<core::NodeStatusFilter> ToFilter(const mesh::NodeStatusFilter& filter);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_NODE_STATUS_H_
