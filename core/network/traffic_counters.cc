// SPDX-License-Identifier: Apache-2.0
#include "core/network/traffic_counters.h"

#include <algorithm>

namespace wirepas_grpc::core {

TrafficCounters::Gateway* TrafficCounters::FindLocked(absl::string_view gateway_id) {
  const auto found = gateways_.find(gateway_id);
  if (found != gateways_.end()) return &found->second;
  if (gateways_.size() >= max_each_) return &others_;
  return &gateways_[gateway_id];
}

void TrafficCounters::Track(const std::string& gateway_id) {
  MutexLock lock(&mutex_);
  FindLocked(gateway_id);
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
  const auto found = networks_.find(*network_address);
  if (found != networks_.end()) {
    ++found->second;
  } else if (networks_.size() < max_each_) {
    networks_.emplace(*network_address, 1);
  } else {
    ++other_networks_;
  }
}

void TrafficCounters::OnUnanswered(absl::string_view gateway_id) {
  MutexLock lock(&mutex_);
  ++FindLocked(gateway_id)->unanswered;
}

TrafficCounters::Snapshot TrafficCounters::Get(
    const std::function<bool(const std::string& gateway_id)>& known) {
  Snapshot snapshot;
  MutexLock lock(&mutex_);
  for (auto it = gateways_.begin(); it != gateways_.end();) {
    const auto& [id, gateway] = *it;
    if (known(id)) {
      snapshot.gateways.emplace(id, gateway);
      ++it;
      continue;
    }
    others_.uplinks += gateway.uplinks;
    others_.unanswered += gateway.unanswered;
    others_.heard = std::max(others_.heard, gateway.heard);
    gateways_.erase(it++);
  }
  snapshot.other_gateways = others_;
  snapshot.network_uplinks.insert(networks_.begin(), networks_.end());
  snapshot.other_network_uplinks = other_networks_;
  snapshot.unknown_network_uplinks = unknown_networks_;
  return snapshot;
}

}  // namespace wirepas_grpc::core
