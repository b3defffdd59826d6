// SPDX-License-Identifier: Apache-2.0
#include "core/network/traffic_counters.h"

namespace wirepas_grpc::core {

TrafficCounters::Gateway* TrafficCounters::FindLocked(absl::string_view gateway_id) {
  const auto found = gateways_.find(gateway_id);
  if (found != gateways_.end()) return &found->second;
  if (gateways_.size() >= max_each_) return &others_;
  return &gateways_[gateway_id];
}

void TrafficCounters::Track(const std::string& gateway_id, absl::Time now) {
  MutexLock lock(&mutex_);
  Gateway* const gateway = FindLocked(gateway_id);
  if (gateway->heard == absl::InfinitePast()) gateway->heard = now;
}

void TrafficCounters::OnHeard(absl::string_view gateway_id, absl::Time now) {
  MutexLock lock(&mutex_);
  FindLocked(gateway_id)->heard = now;
}

void TrafficCounters::OnUplink(absl::string_view gateway_id,
                               std::optional<uint32_t> network_address, absl::Time now) {
  MutexLock lock(&mutex_);
  Gateway* const gateway = FindLocked(gateway_id);
  ++gateway->uplinks;
  gateway->heard = now;
  if (!network_address.has_value()) {
    ++unknown_networks_;
    return;
  }
  auto found = networks_.find(*network_address);
  if (found == networks_.end()) {
    if (networks_.size() >= max_each_) {
      ++other_networks_;
      return;
    }
    found = networks_.emplace(*network_address, Network()).first;
  }
  ++found->second.uplinks;
  found->second.heard = now;
}

void TrafficCounters::OnUnanswered(absl::string_view gateway_id) {
  MutexLock lock(&mutex_);
  ++FindLocked(gateway_id)->unanswered;
}

TrafficCounters::Snapshot TrafficCounters::Get(
    absl::Time now, const std::function<bool(const std::string& gateway_id)>& known) {
  Snapshot snapshot;
  MutexLock lock(&mutex_);
  absl::erase_if(gateways_, [&known](const auto& each) { return !known(each.first); });
  absl::erase_if(networks_,
                 [now](const auto& each) { return now - each.second.heard > kForgetNetwork; });
  snapshot.gateways.insert(gateways_.begin(), gateways_.end());
  snapshot.other_gateways = others_;
  for (const auto& [address, network] : networks_) {
    snapshot.network_uplinks.emplace(address, network.uplinks);
  }
  snapshot.other_network_uplinks = other_networks_;
  snapshot.unknown_network_uplinks = unknown_networks_;
  return snapshot;
}

}  // namespace wirepas_grpc::core
