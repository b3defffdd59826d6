// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/sink_model.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace wirepas_grpc::sim {
namespace {

constexpr size_t kKeySize = 16;
constexpr uint32_t kMaxEndpoint = 255;
constexpr uint32_t kMaxConfigurationEndpoint = 65535;
constexpr uint32_t kMaxHopLimit = 15;
constexpr uint32_t kMaxAppConfigSequence = 254;
constexpr uint32_t kMaxNetworkAddress = 0xFFFFFE;
constexpr uint32_t kFirstMulticast = 0x80000000;
constexpr uint32_t kLastMulticast = 0x80FFFFFF;
constexpr uint32_t kAnySink = 0xFFFFFFFE;
constexpr uint32_t kFirmwareAreaId = 0x00000003;
constexpr std::array<uint32_t, 7> kDiagnosticIntervals = {0, 30, 60, 120, 300, 600, 1800};

template <typename Keys>
bool ValidKeys(const Keys& keys) {
  return keys.cipher().size() == kKeySize && keys.authentication().size() == kKeySize;
}

// Keys of all ones are how keys are taken away.
template <typename Keys>
bool SetsKeys(const Keys& keys) {
  const auto all_ones = [](std::string_view key) {
    return std::all_of(key.begin(), key.end(), [](char c) { return c == '\xFF'; });
  };
  return !all_ones(keys.cipher()) || !all_ones(keys.authentication());
}

template <typename Keys>
bool SetsBothKeys(const Keys& keys) {
  const std::string none(kKeySize, '\xFF');
  return keys.cipher() != none && keys.authentication() != none;
}

bool ValidAccessCycles(const pb::AccessCycleRange& range, const pb::AccessCycleRange& limits) {
  return range.min_ms() <= range.max_ms() && range.min_ms() >= limits.min_ms() &&
         range.max_ms() <= limits.max_ms();
}

bool ValidRole(const pb::NodeRole& role) {
  // A sink cannot turn itself into something else by autorole.
  const auto& flags = role.flags();
  return role.role() != pb::NodeRole::SINK ||
         std::find(flags.begin(), flags.end(), pb::NodeRole::AUTOROLE) == flags.end();
}

bool ValidNodeAddress(uint32_t address) {
  return address != 0 && address < kAnySink &&
         (address < kFirstMulticast || address > kLastMulticast);
}

pb::ErrorCode CheckAppConfig(const pb::AppConfigData& app_config, uint32_t max_size) {
  if (std::find(kDiagnosticIntervals.begin(), kDiagnosticIntervals.end(),
                app_config.diag_interval_s()) == kDiagnosticIntervals.end()) {
    return pb::INVALID_DIAG_INTERVAL;
  }
  if (app_config.app_config_data().size() > max_size) return pb::INVALID_APP_CONFIG;
  if (app_config.seq() > kMaxAppConfigSequence) return pb::INVALID_SEQUENCE_NUMBER;
  return pb::OK;
}

pb::SinkReadConfig StartConfig(const SinkSettings& settings) {
  pb::SinkReadConfig config;
  config.set_sink_id(settings.sink_id);
  config.mutable_node_role()->set_role(pb::NodeRole::SINK);
  config.mutable_node_role()->add_flags(pb::NodeRole::LOW_LATENCY);
  config.set_node_address(settings.node_address);
  config.set_network_address(settings.network_address);
  config.set_network_channel(settings.network_channel);
  if (settings.has_app_config) {
    pb::AppConfigData* app_config = config.mutable_app_config();
    app_config->set_diag_interval_s(0);
    app_config->set_app_config_data("");
    app_config->set_seq(0);
  }
  config.set_are_keys_set(false);
  for (pb::AccessCycleRange* range :
       {config.mutable_current_ac_range(), config.mutable_ac_limits()}) {
    range->set_min_ms(2000);
    range->set_max_ms(8000);
  }
  config.set_max_mtu(102);
  config.mutable_channel_limits()->set_min_channel(1);
  config.mutable_channel_limits()->set_max_channel(40);
  config.set_hw_magic(3);
  config.set_stack_profile(1);
  config.set_app_config_max_size(settings.app_config_max_size);
  pb::FirmwareVersion* version = config.mutable_firmware_version();
  version->set_major(5);
  version->set_minor(4);
  version->set_maint(0);
  version->set_dev(0);
  config.set_sink_state(pb::ON);
  config.set_firmware_area_id(kFirmwareAreaId);
  return config;
}

}  // namespace

SinkModel::SinkModel(const SinkSettings& settings)
    : profile_(settings.profile),
      config_(StartConfig(settings)),
      key_management_(settings.key_management),
      pads_app_config_(settings.pads_app_config || settings.profile != Profile::kPolite),
      scratchpads_(
          // The Linux gateway states a limit, if any, and does not look at it.
          settings.profile == Profile::kLinux ? std::nullopt : settings.max_scratchpad_request,
          settings.scratchpad_chunks, settings.profile != Profile::kLinux) {}

pb::SinkReadConfig SinkModel::Config() const {
  pb::SinkReadConfig config = config_;
  if (pads_app_config_ && config.has_app_config()) {
    config.mutable_app_config()->mutable_app_config_data()->resize(config_.app_config_max_size());
  }
  *config.mutable_stored_scratchpad() = scratchpads_.stored();
  config.set_stored_status(scratchpads_.stored_status());
  config.set_stored_type(scratchpads_.stored_type());
  *config.mutable_processed_scratchpad() = scratchpads_.processed();
  *config.mutable_target_and_action() = ReportedTarget();
  for (const auto& [endpoint, payload] : configuration_data_) {
    pb::ConfigurationDataItem* item = config.add_configuration_data_content();
    item->set_endpoint(endpoint);
    item->set_payload(payload);
  }
  return config;
}

pb::ErrorCode SinkModel::CheckConfig(const pb::SinkNewConfig& config) const {
  if (config.has_node_role() && !ValidRole(config.node_role())) return pb::INVALID_ROLE;
  if (config.has_node_address() && !ValidNodeAddress(config.node_address())) {
    return pb::INVALID_NETWORK_ADDRESS;
  }
  if (config.has_network_address() &&
      (config.network_address() == 0 || config.network_address() > kMaxNetworkAddress)) {
    return pb::INVALID_NETWORK_ADDRESS;
  }
  if (config.has_network_channel() &&
      (config.network_channel() < config_.channel_limits().min_channel() ||
       config.network_channel() > config_.channel_limits().max_channel())) {
    return pb::INVALID_NETWORK_CHANNEL;
  }
  if (config.has_channel_map() && config.channel_map() == 0) return pb::INVALID_CHANNEL_MAP;
  if (config.has_keys() && !ValidKeys(config.keys())) return pb::INVALID_NETWORK_KEYS;
  if (key_management_ && ((config.has_network_keys() && !ValidKeys(config.network_keys())) ||
                          (config.has_management_keys() && !ValidKeys(config.management_keys())))) {
    return pb::INVALID_NETWORK_KEYS;
  }
  if (config.has_current_ac_range()) {
    if (!ValidAccessCycles(config.current_ac_range(), config_.ac_limits())) {
      return pb::INVALID_AC_RANGE;
    }
  }
  if (config.has_app_config()) {
    return CheckAppConfig(config.app_config(), config_.app_config_max_size());
  }
  return pb::OK;
}

pb::ErrorCode SinkModel::SetConfig(const pb::SinkNewConfig& config) {
  if (profile_ != Profile::kPolite) return SetConfigInPart(config);
  const pb::ErrorCode result = CheckConfig(config);
  if (result != pb::OK) return result;
  if (config.has_node_role()) *config_.mutable_node_role() = config.node_role();
  if (config.has_node_address()) config_.set_node_address(config.node_address());
  if (config.has_network_address()) config_.set_network_address(config.network_address());
  if (config.has_network_channel()) config_.set_network_channel(config.network_channel());
  if (config.has_app_config()) *config_.mutable_app_config() = config.app_config();
  if (config.has_channel_map()) config_.set_channel_map(config.channel_map());
  if (config.has_keys()) config_.set_are_keys_set(SetsKeys(config.keys()));
  if (key_management_ && config.has_network_keys()) {
    config_.set_are_keys_set(SetsKeys(config.network_keys()));
  }
  if (config.has_current_ac_range()) {
    *config_.mutable_current_ac_range() = config.current_ac_range();
  }
  if (config.has_sink_state()) config_.set_sink_state(config.sink_state());
  return pb::OK;
}

// Value by value. There is only one code to answer with: that of the last one refused.
pb::ErrorCode SinkModel::SetConfigInPart(const pb::SinkNewConfig& config) {
  const bool is_linux = profile_ == Profile::kLinux;
  pb::ErrorCode result = pb::OK;
  const auto takes = [&](bool valid, pb::ErrorCode refusal = pb::INVALID_PARAM) {
    if (!valid) result = is_linux ? refusal : pb::INVALID_PARAM;
    return valid;
  };
  const auto set_keys = [&](const auto& keys) {
    if (takes(ValidKeys(keys), pb::INTERNAL_ERROR)) config_.set_are_keys_set(SetsBothKeys(keys));
  };
  if (config.has_node_address() &&
      takes(config.node_address() != 0 && config.node_address() < kAnySink)) {
    config_.set_node_address(config.node_address());
  }
  if (config.has_node_role()) *config_.mutable_node_role() = config.node_role();
  if (config.has_network_address() &&
      takes(config.network_address() != 0 && config.network_address() <= kMaxNetworkAddress)) {
    config_.set_network_address(config.network_address());
  }
  if (config.has_network_channel() &&
      takes(config.network_channel() >= config_.channel_limits().min_channel() &&
            config.network_channel() <= config_.channel_limits().max_channel())) {
    config_.set_network_channel(config.network_channel());
  }
  if (is_linux && config.has_channel_map() && takes(config.channel_map() != 0)) {
    config_.set_channel_map(config.channel_map());
  }
  if (config.has_keys()) set_keys(config.keys());
  if (config.has_app_config()) {
    pb::ErrorCode refusal = CheckAppConfig(config.app_config(), config_.app_config_max_size());
    if (refusal == pb::INVALID_APP_CONFIG) refusal = pb::INVALID_PARAM;
    if (takes(refusal == pb::OK, refusal)) *config_.mutable_app_config() = config.app_config();
  }
  if (is_linux && config.has_network_keys()) set_keys(config.network_keys());
  if (is_linux && config.has_management_keys()) {
    takes(ValidKeys(config.management_keys()), pb::INTERNAL_ERROR);
  }
  // The Linux gateway passes over it.
  if (!is_linux && config.has_current_ac_range() &&
      takes(ValidAccessCycles(config.current_ac_range(), config_.ac_limits()))) {
    *config_.mutable_current_ac_range() = config.current_ac_range();
  }
  if (config.has_sink_state()) config_.set_sink_state(config.sink_state());
  return result;
}

pb::ErrorCode SinkModel::CheckPacket(const pb::SendPacketReq& packet) const {
  // Real gateways have one code for all that is wrong at the sink.
  const auto refusal = [this](pb::ErrorCode code) {
    return profile_ == Profile::kPolite ? code : pb::INVALID_PARAM;
  };
  if (profile_ == Profile::kLinux && packet.hop_limit() > kMaxHopLimit) {
    return pb::INVALID_MAX_HOP_COUNT;
  }
  if (packet.destination_address() == 0 || packet.destination_address() == kAnySink) {
    return refusal(pb::INVALID_DEST_ADDRESS);
  }
  if (packet.source_endpoint() > kMaxEndpoint) return refusal(pb::INVALID_SRC_ENDPOINT);
  if (packet.destination_endpoint() > kMaxEndpoint) return refusal(pb::INVALID_DEST_ENDPOINT);
  if (packet.qos() > 1) return refusal(pb::INVALID_QOS);
  if (packet.payload().empty() || packet.payload().size() > kMaxPayload) {
    return refusal(pb::INVALID_DATA_PAYLOAD);
  }
  // The embedded gateway hands no limit on.
  if (profile_ == Profile::kPolite && packet.hop_limit() > kMaxHopLimit) {
    return pb::INVALID_MAX_HOP_COUNT;
  }
  return running() ? pb::OK : pb::INVALID_SINK_STATE;
}

pb::ErrorCode SinkModel::UploadScratchpad(const pb::UploadScratchpadReq& request) {
  return scratchpads_.Upload(request);
}

pb::ErrorCode SinkModel::ProcessScratchpad() { return scratchpads_.Process(); }

pb::ErrorCode SinkModel::SetTarget(const pb::TargetScratchpadAndAction& target) {
  if (profile_ == Profile::kPolite) return scratchpads_.SetTarget(target);
  if (target.action() == pb::NO_OTAP ||
      (target.action() == pb::LEGACY_OTAP && profile_ == Profile::kLinux)) {
    pb::TargetScratchpadAndAction action;  // There is no target with it.
    action.set_action(target.action());
    return scratchpads_.SetTarget(action);
  }
  const bool names_one = target.has_target_sequence() || scratchpads_.stored_type() != pb::BLANK;
  if (!names_one || target.action() == pb::LEGACY_OTAP) return pb::INVALID_PARAM;
  return scratchpads_.SetTarget(target) == pb::OK ? pb::OK : pb::INVALID_PARAM;
}

pb::TargetScratchpadAndAction SinkModel::ReportedTarget() const {
  pb::TargetScratchpadAndAction target = scratchpads_.target();
  if (profile_ == Profile::kPolite) return target;
  target.set_target_sequence(target.target_sequence());
  target.set_target_crc(target.target_crc());
  if (target.action() == pb::PROPAGATE_AND_PROCESS_WITH_DELAY) {
    NameDelay(&target);
  } else if (profile_ == Profile::kLinux) {
    target.set_raw(target.raw());
  } else {
    target.clear_param();
  }
  return target;
}

void SinkModel::FillScratchpadStatus(pb::GetScratchpadStatusResp* response) const {
  *response->mutable_stored_scratchpad() = scratchpads_.stored();
  response->set_stored_status(scratchpads_.stored_status());
  response->set_stored_type(scratchpads_.stored_type());
  *response->mutable_processed_scratchpad() = scratchpads_.processed();
  response->set_firmware_area_id(config_.firmware_area_id());
  *response->mutable_target_and_action() = ReportedTarget();
}

pb::ErrorCode SinkModel::SetConfigurationData(const pb::ConfigurationDataItem& item) {
  if (item.endpoint() > kMaxConfigurationEndpoint) return pb::INVALID_PARAM;
  if (item.payload().size() > kMaxConfigurationItem) return pb::INVALID_DATA_PAYLOAD;
  if (item.payload().empty()) {
    configuration_data_.erase(item.endpoint());
    return pb::OK;
  }
  if (configuration_data_.size() >= kMaxConfigurationItems &&
      configuration_data_.find(item.endpoint()) == configuration_data_.end()) {
    return pb::SINK_OUT_OF_MEMORY;
  }
  configuration_data_[item.endpoint()] = item.payload();
  return pb::OK;
}

pb::ErrorCode SinkModel::GetConfigurationData(uint32_t endpoint,
                                              pb::ConfigurationDataItem* item) const {
  if (endpoint > kMaxConfigurationEndpoint) return pb::INVALID_PARAM;
  const auto found = configuration_data_.find(endpoint);
  if (found == configuration_data_.end()) return pb::INVALID_PARAM;
  item->set_endpoint(endpoint);
  item->set_payload(found->second);
  return pb::OK;
}

}  // namespace wirepas_grpc::sim
