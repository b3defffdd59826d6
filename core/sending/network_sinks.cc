// SPDX-License-Identifier: Apache-2.0
#include "core/sending/network_sinks.h"

#include <utility>

#include "absl/status/statusor.h"
#include "core/gateway_api/ids.h"

namespace wirepas_grpc::core {

NetworkSinks::NetworkSinks(SnapshotPtr snapshot) : snapshot_(std::move(snapshot)) {
  absl::flat_hash_map<uint32_t, std::vector<SinkPath>> reachable;
  for (const GatewayPtr& gateway : snapshot_->gateways) {
    const absl::StatusOr<GatewayId> gateway_id = GatewayId::Parse(gateway->id);
    if (!gateway_id.ok()) continue;
    for (const auto& [id, config] : gateway->sinks) {
      const absl::StatusOr<SinkId> sink_id = SinkId::Parse(id);
      if (!sink_id.ok() || !config->has_network_address()) continue;
      const SinkPath path{*gateway_id, *sink_id};
      SinksOfNetwork& network = networks_[static_cast<uint32_t>(config->network_address())];
      if (gateway->reachable()) {
        reachable[static_cast<uint32_t>(config->network_address())].push_back(path);
      } else {
        ++network.offline;
      }
      if (config->has_node_address()) network.by_address[config->node_address()].push_back(path);
    }
  }
  for (auto& [address, network] : networks_) {
    network.reachable =
        std::make_shared<const std::vector<SinkPath>>(std::move(reachable[address]));
  }
}

const SinksOfNetwork* NetworkSinks::Find(uint32_t network_address) const {
  const auto found = networks_.find(network_address);
  return found == networks_.end() ? nullptr : &found->second;
}

NetworkSinksPtr NetworkSinksSource::Get() {
  SnapshotPtr snapshot = directory_->Snapshot();
  MutexLock lock(&mutex_);
  if (newest_ == nullptr || newest_->snapshot().version < snapshot->version) {
    newest_ = std::make_shared<const NetworkSinks>(std::move(snapshot));
  }
  return newest_;
}

}  // namespace wirepas_grpc::core
