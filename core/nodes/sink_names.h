// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NODES_SINK_NAMES_H_
#define WIREPAS_GRPC_CORE_NODES_SINK_NAMES_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// The two ids of a sink. Immutable: shared by all nodes that were heard through it.
struct SinkName {
  std::string gateway_id;
  std::string sink_id;
};
using SinkNamePtr = std::shared_ptr<const SinkName>;

// Gives one SinkName for each sink, and keeps no more than twice as many as somebody
// holds, or some hundred. Not thread-safe.
class SinkNames {
 public:
  SinkNamePtr Get(absl::string_view gateway_id, absl::string_view sink_id);

  size_t size() const { return names_.size(); }

 private:
  void DropUnused();

  absl::flat_hash_map<std::string, SinkNamePtr> names_;  // by both ids
  size_t sweep_at_ = 256;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NODES_SINK_NAMES_H_
