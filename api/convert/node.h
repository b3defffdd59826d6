// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_NODE_H_
#define WIREPAS_GRPC_API_CONVERT_NODE_H_

#include <string>

#include "absl/status/statusor.h"
#include "api/call/namespaces.h"
#include "api/call/paging.h"
#include "core/nodes/registry.h"
#include "core/nodes/watch.h"
#include "wirepas/mesh/v1/node.pb.h"
#include "wirepas/mesh/v1/node_service.pb.h"

namespace wirepas_grpc::api {

mesh::Node ToProto(const core::Node& node);
mesh::NodeEvent ToProto(const core::NodeChange& change);

// INVALID_ARGUMENT, naming the field, as in "filter.network_addresses[2]".
absl::StatusOr<core::NodeFilter> ToFilter(const mesh::NodeFilter& filter);

// The key that a page of a listing by node begins with. INVALID_ARGUMENT: the token
// was not given for such a listing.
absl::StatusOr<core::NodeKey> FirstNodeOf(const Page& page);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_NODE_H_
