// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/filter.h"

#include <optional>

#include "absl/hash/hash.h"

namespace wirepas_grpc::core {
namespace {

// What is not known matches only where any does.
bool Allows(const absl::flat_hash_set<uint32_t>& set, const std::optional<uint32_t>& value) {
  return set.empty() || (value.has_value() && set.contains(*value));
}

template <typename T>
bool Allows(const absl::flat_hash_set<T>& set, const T& value) {
  return set.empty() || set.contains(value);
}

bool Allows(const std::bitset<256>& endpoints, uint32_t endpoint) {
  return endpoints.none() || (endpoint < endpoints.size() && endpoints[endpoint]);
}

}  // namespace

bool TrafficFilter::Matches(const Uplink& uplink) const {
  return Allows(source_endpoints, uplink.source_endpoint) &&
         Allows(destination_endpoints, uplink.destination_endpoint) &&
         Allows(network_addresses, uplink.network_address) &&
         Allows(source_addresses, uplink.source_address) &&
         Allows(gateway_ids, uplink.gateway_id) && Allows(sink_ids, uplink.sink_id);
}

uint32_t GatewayKey(absl::string_view gateway_id) {
  return static_cast<uint32_t>(absl::HashOf(gateway_id));
}

GatewayKeys::GatewayKeys(const TrafficFilter& filter) {
  if (filter.gateway_ids.empty()) keys_.set();
  for (const std::string& id : filter.gateway_ids) keys_.set(GatewayKey(id) % kSize);
}

bool TrafficFilter::Matches(const Downlink& downlink) const {
  return Allows(source_endpoints, downlink.request.source_endpoint()) &&
         Allows(destination_endpoints, downlink.request.destination_endpoint()) &&
         Allows(destination_addresses, downlink.request.destination_address()) &&
         Allows(gateway_ids, downlink.gateway_id) && Allows(sink_ids, downlink.sink_id);
}

}  // namespace wirepas_grpc::core
