// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_SINKS_GATEWAY_SELECTION_H_
#define WIREPAS_GRPC_API_SINKS_GATEWAY_SELECTION_H_

#include <string>
#include <vector>

#include "api/call/validate.h"
#include "core/directory/directory.h"

namespace wirepas_grpc::api {

// The gateways that a request's gateway_ids select from a snapshot.
struct GatewaySelection {
  std::vector<core::GatewayPtr> gateways;  // by id, each once
  std::string unknown_id;                  // the first that is not there; empty: all are
};

// An empty `gateway_ids` selects all. `allow_unknown`: one that is not there is selected
// as one of which nothing but the id is known.
GatewaySelection SelectGateways(const core::DirectorySnapshot& snapshot, const Ids& gateway_ids,
                                bool allow_unknown);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_SINKS_GATEWAY_SELECTION_H_
