// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_TRAFFIC_FILTER_H_
#define WIREPAS_GRPC_CORE_TRAFFIC_FILTER_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "core/traffic/downlink.h"
#include "core/traffic/uplink.h"

namespace wirepas_grpc::core {

// Which packets somebody wants. An empty field means any; the values of one field
// are alternatives; all fields must match. The cost does not grow with the number
// of values.
struct TrafficFilter {
  absl::flat_hash_set<std::string> gateway_ids;
  absl::flat_hash_set<std::string> sink_ids;
  absl::flat_hash_set<uint32_t> network_addresses;      // uplinks only
  absl::flat_hash_set<uint32_t> source_addresses;       // uplinks only
  absl::flat_hash_set<uint32_t> destination_addresses;  // downlinks only
  std::bitset<256> source_endpoints;
  std::bitset<256> destination_endpoints;

  bool Matches(const Uplink& uplink) const;
  bool Matches(const Downlink& downlink) const;
};

// A number for a gateway id, not always a different one.
uint32_t GatewayKey(absl::string_view gateway_id);

// A quick look at whether a packet may match a filter, by GatewayKey() of its gateway.
class GatewayKeys {
 public:
  explicit GatewayKeys(const TrafficFilter& filter);

  bool MayMatch(uint32_t key) const { return keys_[key % kSize]; }

 private:
  static constexpr size_t kSize = 1024;
  std::bitset<kSize> keys_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_TRAFFIC_FILTER_H_
