// SPDX-License-Identifier: Apache-2.0
// What the nodes behind one simulated sink know of scratchpads, and how they
// answer when the remote API asks them.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_NODE_GROUP_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_NODE_GROUP_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "tests/simulator/scratchpad_store.h"

namespace wirepas_grpc::sim {

inline constexpr uint32_t kRemoteApiNodeEndpoint = 240;
inline constexpr uint32_t kRemoteApiBackendEndpoint = 255;

// Whether a packet to the nodes asks for their scratchpad status.
bool IsScratchpadStatusQuery(uint32_t source_endpoint, uint32_t destination_endpoint,
                             std::string_view payload);

// All nodes of a group are in the same state: a target reaches them at once.
// Not thread-safe.
class NodeGroup {
 public:
  // Follows a new target of the sink. Nodes take over a scratchpad only when
  // the sink has the one that the target names.
  void Follow(const ScratchpadStore& sink, absl::Time now);

  // Answer of one node to IsScratchpadStatusQuery, type and length bytes included.
  std::string ScratchpadStatus(absl::Time now) const;

 private:
  bool Processed(absl::Time now) const;

  pb::TargetScratchpadAndAction target_;
  pb::ScratchpadInfo stored_;
  pb::ScratchpadInfo application_;  // Before the stored one is processed.
  bool process_stored_ = false;
  absl::Duration delay_;
  absl::Time since_;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_NODE_GROUP_H_
