// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_TRAFFIC_DUPLICATE_FILTER_H_
#define WIREPAS_GRPC_CORE_TRAFFIC_DUPLICATE_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace wirepas_grpc::core {

// Remembers the last packets by their PacketId(), and tells which come again: at QoS 1 the
// broker may deliver twice (MQTT 3.1.1, section 4.3.2), mostly after a reconnect. Memory is
// fixed: about 40 bytes a packet. That a new packet is taken for an old one has a chance of one
// in 2^47. Not thread-safe.
class DuplicateFilter {
 public:
  explicit DuplicateFilter(size_t capacity = size_t{1} << 17);

  size_t capacity() const { return ring_.size(); }

  // True when the packet is among the last `capacity` ones.
  bool IsDuplicate(uint64_t packet_id);

 private:
  std::vector<uint64_t> ring_;  // in the order of arrival
  size_t position_ = 0;
  size_t filled_ = 0;
  absl::flat_hash_set<uint64_t> seen_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_TRAFFIC_DUPLICATE_FILTER_H_
