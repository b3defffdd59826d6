// SPDX-License-Identifier: Apache-2.0
#include "api/convert/sink_path.h"

namespace wirepas_grpc::api {

Target TargetOf(const core::SinkPath& path) { return {path.gateway.value(), path.sink.value()}; }

Target TargetOf(const absl::Status& status) {
  auto facts = core::FactsOf(status);
  return {facts["gateway_id"], facts["sink_id"]};
}

void SetSinkRef(const core::SinkPath& path, mesh::SinkRef* ref) {
  ref->set_gateway_id(path.gateway.value());
  ref->set_sink_id(path.sink.value());
}

}  // namespace wirepas_grpc::api
