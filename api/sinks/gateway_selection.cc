// SPDX-License-Identifier: Apache-2.0
#include "api/sinks/gateway_selection.h"

#include <memory>
#include <set>
#include <utility>

namespace wirepas_grpc::api {

GatewaySelection SelectGateways(const core::DirectorySnapshot& snapshot, const Ids& gateway_ids,
                                bool allow_unknown) {
  GatewaySelection selection;
  if (gateway_ids.empty()) {
    selection.gateways = snapshot.gateways;
    return selection;
  }
  for (const std::string& id : std::set<std::string>(gateway_ids.begin(), gateway_ids.end())) {
    core::GatewayPtr gateway = snapshot.Find(id);
    if (gateway == nullptr && allow_unknown) {
      auto unknown = std::make_shared<core::GatewayRecord>();
      unknown->id = id;
      gateway = std::move(unknown);
    }
    if (gateway != nullptr) {
      selection.gateways.push_back(std::move(gateway));
    } else if (selection.unknown_id.empty()) {
      selection.unknown_id = id;
    }
  }
  return selection;
}

}  // namespace wirepas_grpc::api
