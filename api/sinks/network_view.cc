// SPDX-License-Identifier: Apache-2.0
#include "api/sinks/network_view.h"

#include <memory>
#include <utility>

#include "api/call/validate.h"
#include "api/convert/gateway.h"
#include "api/convert/sink.h"

namespace wirepas_grpc::api {
namespace {

// The gateway with its sinks in that network only; null when it has none there.
core::GatewayPtr InNetwork(const core::GatewayPtr& gateway, uint32_t network_address) {
  auto part = std::make_shared<core::GatewayRecord>(*gateway);
  std::erase_if(part->sinks,
                [&](const auto& sink) { return NetworkOf(*sink.second) != network_address; });
  if (part->sinks.empty()) return nullptr;
  if (part->sinks.size() == gateway->sinks.size()) return gateway;
  return part;
}

mesh::NetworkEventType ToProto(core::NetworkChange::Type type, bool snapshot) {
  using Type = core::NetworkChange::Type;
  switch (type) {
    case Type::kGatewayOnline:
      return snapshot ? mesh::NETWORK_EVENT_TYPE_GATEWAY_PRESENT
                      : mesh::NETWORK_EVENT_TYPE_GATEWAY_ONLINE;
    case Type::kGatewayOffline:
      return snapshot ? mesh::NETWORK_EVENT_TYPE_GATEWAY_PRESENT
                      : mesh::NETWORK_EVENT_TYPE_GATEWAY_OFFLINE;
    case Type::kGatewayFound:
      return snapshot ? mesh::NETWORK_EVENT_TYPE_GATEWAY_PRESENT
                      : mesh::NETWORK_EVENT_TYPE_GATEWAY_FOUND;
    case Type::kGatewayUpdated:
      return mesh::NETWORK_EVENT_TYPE_GATEWAY_UPDATED;
    case Type::kGatewayRemoved:
      return mesh::NETWORK_EVENT_TYPE_GATEWAY_REMOVED;
    case Type::kSinkAdded:
      return snapshot ? mesh::NETWORK_EVENT_TYPE_SINK_PRESENT : mesh::NETWORK_EVENT_TYPE_SINK_ADDED;
    case Type::kSinkUpdated:
      return mesh::NETWORK_EVENT_TYPE_SINK_UPDATED;
    case Type::kSinkRemoved:
      return mesh::NETWORK_EVENT_TYPE_SINK_REMOVED;
  }
  return mesh::NETWORK_EVENT_TYPE_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<NetworkView> NetworkView::Parse(const mesh::WatchNetworkRequest& request) {
  absl::Status status = FilterSize().AddIds("gateway_ids", request.gateway_ids());
  status.Update(CheckIds("gateway_ids", request.gateway_ids()));
  NetworkView view;
  if (request.has_network_address()) {
    status.Update(CheckNetworkAddress("network_address", request.network_address()));
    view.network_address_ = request.network_address();
  }
  if (!status.ok()) return status;
  view.gateway_ids_.insert(request.gateway_ids().begin(), request.gateway_ids().end());
  return view;
}

core::SnapshotPtr NetworkView::Of(const core::SnapshotPtr& snapshot) const {
  if (gateway_ids_.empty() && !network_address_.has_value()) return snapshot;
  auto part = std::make_shared<core::DirectorySnapshot>();
  part->version = snapshot->version;
  for (const core::GatewayPtr& gateway : snapshot->gateways) {
    if (!gateway_ids_.empty() && !gateway_ids_.contains(gateway->id)) continue;
    core::GatewayPtr seen =
        network_address_.has_value() ? InNetwork(gateway, *network_address_) : gateway;
    if (seen != nullptr) part->gateways.push_back(std::move(seen));
  }
  return part;
}

mesh::NetworkEvent ToProto(const core::NetworkChange& change, bool snapshot) {
  mesh::NetworkEvent event;
  event.set_type(ToProto(change.type, snapshot));
  if (change.sink != nullptr) {
    *event.mutable_sink() = ToProto(change.gateway->id, *change.sink);
  } else {
    *event.mutable_gateway() = ToProto(*change.gateway);
  }
  return event;
}

}  // namespace wirepas_grpc::api
