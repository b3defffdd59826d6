// SPDX-License-Identifier: Apache-2.0
#include "api/convert/sink.h"

#include <algorithm>
#include <string>
#include <vector>

#include "api/convert/scratchpad.h"
#include "api/convert/time.h"
#include "core/gateway_api/topics.h"

namespace wirepas_grpc::api {
namespace {

mesh::NodeRole ToProto(const gw::NodeRole& role) {
  static_assert(static_cast<int>(mesh::BASE_ROLE_SINK) == gw::NodeRole::SINK);
  static_assert(static_cast<int>(mesh::BASE_ROLE_NON_ROUTER) == gw::NodeRole::NON_ROUTER);
  mesh::NodeRole proto;
  proto.set_base_role(static_cast<mesh::BaseRole>(role.role()));
  proto.set_low_latency(false);
  proto.set_autorole(false);
  for (int flag : role.flags()) {
    if (flag == gw::NodeRole::LOW_LATENCY) proto.set_low_latency(true);
    if (flag == gw::NodeRole::AUTOROLE) proto.set_autorole(true);
  }
  return proto;
}

mesh::AccessCycleRange ToProto(const gw::AccessCycleRange& range) {
  mesh::AccessCycleRange proto;
  *proto.mutable_minimum() = ToDuration(absl::Milliseconds(range.min_ms()));
  *proto.mutable_maximum() = ToDuration(absl::Milliseconds(range.max_ms()));
  return proto;
}

mesh::ChannelRange ToProto(const gw::ChannelRange& range) {
  mesh::ChannelRange proto;
  proto.set_minimum(range.min_channel());
  proto.set_maximum(range.max_channel());
  return proto;
}

mesh::FirmwareVersion ToProto(const gw::FirmwareVersion& version) {
  mesh::FirmwareVersion proto;
  proto.set_major(version.major());
  proto.set_minor(version.minor());
  proto.set_maintenance(version.maint());
  proto.set_development(version.dev());
  return proto;
}

void SetItems(const gw::SinkReadConfig& config, mesh::SinkConfig* proto) {
  std::vector<const gw::ConfigurationDataItem*> items;
  for (const auto& item : config.configuration_data_content()) items.push_back(&item);
  std::stable_sort(items.begin(), items.end(),
                   [](const auto* a, const auto* b) { return a->endpoint() < b->endpoint(); });
  for (const auto* item : items) {
    mesh::ConfigurationDataItem* copy = proto->add_configuration_data_items();
    copy->set_endpoint(item->endpoint());
    copy->set_payload(item->payload());
  }
}

// The settings of the network and of the node in it.
void SetSettings(const gw::SinkReadConfig& config, mesh::SinkConfig* proto) {
  if (config.has_node_role()) *proto->mutable_node_role() = ToProto(config.node_role());
  if (config.has_node_address()) proto->set_node_address(config.node_address());
  if (const auto network = NetworkOf(config)) proto->set_network_address(*network);
  if (config.has_network_channel()) proto->set_network_channel(config.network_channel());
  if (config.has_app_config()) *proto->mutable_app_config() = api::ToProto(config.app_config());
  if (config.has_channel_map()) proto->set_channel_map(config.channel_map());
  if (config.has_are_keys_set()) proto->set_keys_set(config.are_keys_set());
  if (config.has_current_ac_range()) {
    *proto->mutable_access_cycle_range() = ToProto(config.current_ac_range());
  }
  if (config.has_sink_state()) proto->set_sink_on(config.sink_state() == gw::ON);
}

// What the sink's hardware and firmware are and can do.
void SetProperties(const gw::SinkReadConfig& config, mesh::SinkConfig* proto) {
  if (config.has_ac_limits()) *proto->mutable_access_cycle_limits() = ToProto(config.ac_limits());
  if (config.has_max_mtu()) proto->set_max_mtu(config.max_mtu());
  if (config.has_channel_limits()) {
    *proto->mutable_channel_limits() = ToProto(config.channel_limits());
  }
  if (config.has_hw_magic()) proto->set_hardware_magic(config.hw_magic());
  if (config.has_stack_profile()) proto->set_stack_profile(config.stack_profile());
  if (config.has_app_config_max_size()) {
    proto->set_app_config_max_size(config.app_config_max_size());
  }
  if (config.has_firmware_version()) {
    *proto->mutable_firmware_version() = ToProto(config.firmware_version());
  }
}

}  // namespace

mesh::AppConfig ToProto(const gw::AppConfigData& config) {
  mesh::AppConfig proto;
  *proto.mutable_diagnostics_interval() = ToDuration(absl::Seconds(config.diag_interval_s()));
  proto.set_data(config.app_config_data());
  proto.set_sequence(config.seq());
  return proto;
}

std::optional<uint32_t> NetworkOf(const gw::SinkReadConfig& config) {
  if (!config.has_network_address() || config.network_address() > core::kMaxNetworkAddress) {
    return std::nullopt;
  }
  return static_cast<uint32_t>(config.network_address());
}

mesh::Sink ToProto(absl::string_view gateway_id, const gw::SinkReadConfig& config) {
  mesh::Sink sink;
  sink.set_gateway_id(std::string(gateway_id));
  sink.set_sink_id(config.sink_id());
  mesh::SinkConfig* proto = sink.mutable_config();
  SetSettings(config, proto);
  SetProperties(config, proto);
  SetItems(config, proto);
  mesh::ScratchpadStatus scratchpads = ScratchpadStatusOf(config);
  if (scratchpads.ByteSizeLong() > 0) proto->mutable_scratchpad_status()->Swap(&scratchpads);
  return sink;
}

}  // namespace wirepas_grpc::api
