// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/uplink_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::sim {
namespace {

constexpr uint32_t kBroadcast = 0xFFFFFFFF;

void WriteLittleEndian(uint64_t value, char* out) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(value >> (8 * i));
}

std::string MakeFiller(size_t size) {
  std::string filler(size, '\0');
  for (size_t i = 0; i < size; ++i) filler[i] = static_cast<char>(i);
  return filler;
}

}  // namespace

UplinkSource::UplinkSource(const UplinkPlan* plan, std::string gateway_id, uint32_t first_node)
    : plan_(plan),
      gateway_id_(std::move(gateway_id)),
      first_node_(first_node),
      filler_(MakeFiller(plan->payload_size)) {}

void UplinkSource::Follow(const SinkModel& sink) {
  sink_id_ = sink.sink_id();
  sink_address_ = sink.node_address();
  network_address_ = sink.network_address();
  topics_.clear();
  for (const EndpointPair& endpoints : plan_->endpoints) topics_.push_back(Topic(endpoints));
}

std::string UplinkSource::Topic(const EndpointPair& endpoints) const {
  return absl::StrCat("gw-event/received_data/", gateway_id_, "/", sink_id_, "/", network_address_,
                      "/", endpoints.source, "/", endpoints.destination);
}

bool UplinkSource::Hidden(uint32_t source_endpoint) const {
  const auto& hidden = plan_->hidden_endpoints;
  return std::find(hidden.begin(), hidden.end(), source_endpoint) != hidden.end();
}

absl::Duration UplinkSource::TravelTime(uint32_t node) {
  return absl::Milliseconds(20 * HopCount(node) + node % 17);
}

const std::string& UplinkSource::Fill(uint64_t sequence, uint64_t event_id, absl::Time wall_clock,
                                      pb::GenericMessage* message) {
  const auto node = static_cast<uint32_t>(first_node_ + packets_ % plan_->nodes);
  // Nodes take turns with the endpoints too, or each node would keep to one.
  const size_t turn = (packets_ / plan_->nodes + packets_) % plan_->endpoints.size();
  ++packets_;
  const EndpointPair& endpoints = plan_->endpoints[turn];
  const int64_t now_us = absl::ToUnixMicros(wall_clock);
  const auto now_ms = static_cast<uint64_t>(now_us / 1000);

  pb::PacketReceivedEvent* event = message->mutable_wirepas()->mutable_packet_received_event();
  pb::EventHeader* header = event->mutable_header();
  header->set_gw_id(gateway_id_);
  header->set_sink_id(sink_id_);
  header->set_event_id(event_id);
  header->set_time_ms_epoch(now_ms);
  event->set_source_address(node);
  event->set_destination_address(sink_address_);
  event->set_source_endpoint(endpoints.source);
  event->set_destination_endpoint(endpoints.destination);
  event->set_travel_time_ms(static_cast<uint32_t>(absl::ToInt64Milliseconds(TravelTime(node))));
  event->set_rx_time_ms_epoch(now_ms);
  event->set_qos(node % 2);
  event->set_hop_count(HopCount(node));
  if (plan_->names_network) event->set_network_address(network_address_);
  if (Hidden(endpoints.source)) {
    event->clear_payload();
    event->set_payload_size(static_cast<uint32_t>(plan_->payload_size));
    return topics_[turn];
  }
  event->clear_payload_size();
  std::string* payload = event->mutable_payload();
  payload->assign(filler_);
  WriteLittleEndian(sequence, payload->data());
  WriteLittleEndian(static_cast<uint64_t>(now_us), payload->data() + 8);
  return topics_[turn];
}

std::string UplinkSource::FillRaw(const RawUplink& raw, uint64_t event_id, absl::Time wall_clock,
                                  pb::GenericMessage* message) const {
  const auto now_ms = static_cast<uint64_t>(absl::ToUnixMillis(wall_clock));
  message->Clear();
  pb::PacketReceivedEvent* event = message->mutable_wirepas()->mutable_packet_received_event();
  event->mutable_header()->set_gw_id(gateway_id_);
  event->mutable_header()->set_sink_id(sink_id_);
  event->mutable_header()->set_event_id(raw.event_id.value_or(event_id));
  event->mutable_header()->set_time_ms_epoch(now_ms);
  event->set_source_address(raw.source_address.value_or(first_node_));
  event->set_destination_address(raw.destination_address.value_or(sink_address_));
  event->set_source_endpoint(raw.source_endpoint);
  event->set_destination_endpoint(raw.destination_endpoint);
  event->set_travel_time_ms(raw.travel_time_ms);
  event->set_rx_time_ms_epoch(now_ms);
  event->set_qos(raw.qos);
  if (raw.hop_count > 0 || !plan_->leaves_out_no_hops) event->set_hop_count(raw.hop_count);
  if (raw.names_network && plan_->names_network) event->set_network_address(network_address_);
  if (raw.hidden) {
    event->set_payload_size(static_cast<uint32_t>(raw.payload.size()));
  } else {
    event->set_payload(raw.payload);
  }
  return Topic({raw.source_endpoint, raw.destination_endpoint});
}

std::vector<uint32_t> UplinkSource::NodesAt(uint32_t destination_address) const {
  std::vector<uint32_t> nodes;
  if (destination_address == kBroadcast) {
    for (uint32_t i = 0; i < plan_->nodes; ++i) nodes.push_back(first_node_ + i);
  } else if (destination_address >= first_node_ &&
             destination_address - first_node_ < plan_->nodes) {
    nodes.push_back(destination_address);
  }
  return nodes;
}

}  // namespace wirepas_grpc::sim
