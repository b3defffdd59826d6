// SPDX-License-Identifier: Apache-2.0
#include "api/convert/node.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/validate.h"
#include "api/convert/time.h"

namespace wirepas_grpc::api {
namespace {

mesh::NodeEventType ToProto(core::NodeChange::Type type) {
  switch (type) {
    case core::NodeChange::Type::kPresent:
      return mesh::NODE_EVENT_TYPE_PRESENT;
    case core::NodeChange::Type::kAdded:
      return mesh::NODE_EVENT_TYPE_ADDED;
    case core::NodeChange::Type::kUpdated:
      return mesh::NODE_EVENT_TYPE_UPDATED;
    case core::NodeChange::Type::kRemoved:
      return mesh::NODE_EVENT_TYPE_REMOVED;
  }
  return mesh::NODE_EVENT_TYPE_UNSPECIFIED;
}

}  // namespace

mesh::Node ToProto(const core::Node& node) {
  mesh::Node proto;
  proto.set_network_address(core::NetworkOfNode(node.key));
  proto.set_node_address(core::AddressOfNode(node.key));
  const core::NodeRecord& record = node.record;
  if (record.last_sink == nullptr) return proto;  // only the key is known
  *proto.mutable_first_seen() = ToTimestamp(record.first_seen());
  *proto.mutable_last_seen() = ToTimestamp(record.last_seen());
  proto.mutable_last_sink()->set_gateway_id(record.last_sink->gateway_id);
  proto.mutable_last_sink()->set_sink_id(record.last_sink->sink_id);
  proto.set_packet_count(record.packets);
  if (record.last_hop_known) proto.set_last_hop_count(record.last_hop_count);
  const std::optional<double> mean_hops = record.mean_hop_count();
  if (mean_hops.has_value()) proto.set_mean_hop_count(*mean_hops);
  *proto.mutable_last_travel_time() = ToDuration(absl::Milliseconds(record.last_travel_ms));
  *proto.mutable_mean_travel_time() = ToDuration(record.mean_travel_time());
  for (const core::NodeRecord::Endpoints& endpoints : record.endpoints) {
    mesh::EndpointTraffic* added = proto.add_endpoints();
    added->set_source_endpoint(endpoints.source);
    added->set_destination_endpoint(endpoints.destination);
    added->set_packet_count(endpoints.packets);
  }
  return proto;
}

mesh::NodeEvent ToProto(const core::NodeChange& change) {
  mesh::NodeEvent proto;
  proto.set_type(ToProto(change.type));
  *proto.mutable_node() = ToProto(change.node);
  return proto;
}

absl::StatusOr<core::NodeFilter> ToFilter(const mesh::NodeFilter& filter) {
  FilterSize size;
  absl::Status status =
      size.AddNumbers("filter.network_addresses", filter.network_addresses_size());
  status.Update(size.AddIds("filter.gateway_ids", filter.gateway_ids()));
  status.Update(size.AddNumbers("filter.node_addresses", filter.node_addresses_size()));
  status.Update(CheckIds("filter.gateway_ids", filter.gateway_ids()));
  for (int i = 0; i < filter.network_addresses_size(); ++i) {
    status.Update(CheckAtMost(absl::StrCat("filter.network_addresses[", i, "]"),
                              filter.network_addresses(i), kMaxNetworkAddress));
  }
  if (!status.ok()) return status;
  core::NodeFilter result;
  result.network_addresses.insert(filter.network_addresses().begin(),
                                  filter.network_addresses().end());
  result.gateway_ids.insert(filter.gateway_ids().begin(), filter.gateway_ids().end());
  result.node_addresses.insert(filter.node_addresses().begin(), filter.node_addresses().end());
  return result;
}

absl::StatusOr<core::NodeKey> FirstNodeOf(const Page& page) {
  if (page.first) return 0;
  const std::optional<core::NodeKey> after = core::DecodeNodeKey(page.after);
  if (!after.has_value()) return InvalidField("page_token", "not a token that this service gave");
  return *after + 1;
}

}  // namespace wirepas_grpc::api
