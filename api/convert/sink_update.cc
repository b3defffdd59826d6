// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/validate.h"
#include "api/convert/sink.h"
#include "api/convert/time.h"

namespace wirepas_grpc::api {
namespace {

constexpr size_t kKeySize = 16;
constexpr uint32_t kMaxLowNodeAddress = 0x7fffffff;
constexpr uint32_t kMinHighNodeAddress = 0x81000000;
constexpr uint32_t kMaxHighNodeAddress = 0xfffffffd;

// What is between the two ranges is multicast groups, what is above any sink or all.
absl::Status CheckNodeAddress(absl::string_view field, uint32_t address) {
  if ((address >= 1 && address <= kMaxLowNodeAddress) ||
      (address >= kMinHighNodeAddress && address <= kMaxHighNodeAddress)) {
    return absl::OkStatus();
  }
  return InvalidField(
      field, absl::StrCat(address, " is no node's address: must be 1 to ", kMaxLowNodeAddress,
                          " or ", kMinHighNodeAddress, " to ", kMaxHighNodeAddress));
}

absl::Status ReadRole(const mesh::NodeRole& role, gw::NodeRole* result) {
  if (role.base_role() == mesh::BASE_ROLE_UNSPECIFIED) {
    return InvalidField("update.node_role.base_role", "missing");
  }
  if (!mesh::BaseRole_IsValid(role.base_role())) {
    return InvalidField("update.node_role.base_role",
                        absl::StrCat(role.base_role(), " is not a known role"));
  }
  result->set_role(static_cast<gw::NodeRole::BaseRole>(role.base_role()));
  if (role.low_latency()) result->add_flags(gw::NodeRole::LOW_LATENCY);
  if (role.autorole()) result->add_flags(gw::NodeRole::AUTOROLE);
  return absl::OkStatus();
}

absl::Status ReadAppConfig(const mesh::AppConfig& config, gw::AppConfigData* result) {
  const absl::StatusOr<uint32_t> interval =
      WholeUnits("update.app_config.diagnostics_interval", config.diagnostics_interval(),
                 absl::Seconds(1), FinerPart::kInvalid);
  if (!interval.ok()) return interval.status();
  result->set_diag_interval_s(*interval);
  result->set_app_config_data(config.data());
  result->set_seq(config.sequence());
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> ReadAccessCycle(absl::string_view field, bool present,
                                         const google::protobuf::Duration& value) {
  if (!present) return InvalidField(field, "missing");
  return WholeUnits(field, value, absl::Milliseconds(1), FinerPart::kInvalid);
}

absl::Status ReadAccessCycleRange(const mesh::AccessCycleRange& range,
                                  gw::AccessCycleRange* result) {
  const auto minimum =
      ReadAccessCycle("update.access_cycle_range.minimum", range.has_minimum(), range.minimum());
  if (!minimum.ok()) return minimum.status();
  const auto maximum =
      ReadAccessCycle("update.access_cycle_range.maximum", range.has_maximum(), range.maximum());
  if (!maximum.ok()) return maximum.status();
  if (*minimum > *maximum) {
    return InvalidField("update.access_cycle_range.minimum", "must not be above maximum");
  }
  result->set_min_ms(*minimum);
  result->set_max_ms(*maximum);
  return absl::OkStatus();
}

// For both kinds of keys. The message says nothing of the bytes.
template <typename Keys, typename Result>
absl::Status ReadKeys(absl::string_view field, const Keys& keys, Result* result) {
  const auto check = [&](absl::string_view name, const std::string& key) {
    if (key.size() == kKeySize) return absl::OkStatus();
    return InvalidField(absl::StrCat(field, ".", name),
                        absl::StrCat(key.size(), " bytes, a key has ", kKeySize));
  };
  absl::Status status = check("cipher_key", keys.cipher_key());
  status.Update(check("authentication_key", keys.authentication_key()));
  result->set_cipher(keys.cipher_key());
  result->set_authentication(keys.authentication_key());
  return status;
}

absl::Status ReadSecurityKeys(absl::string_view field, const mesh::SecurityKeys& keys,
                              gw::SecurityKeys* result) {
  result->set_sequence(keys.sequence());
  return ReadKeys(field, keys, result);
}

absl::Status ReadAddresses(const mesh::SinkConfigUpdate& update, gw::SinkNewConfig* config) {
  absl::Status status;
  if (update.has_node_address()) {
    status.Update(CheckNodeAddress("update.node_address", update.node_address()));
    config->set_node_address(update.node_address());
  }
  if (update.has_network_address()) {
    status.Update(CheckNetworkAddress("update.network_address", update.network_address()));
    config->set_network_address(update.network_address());
  }
  if (update.has_network_channel()) config->set_network_channel(update.network_channel());
  if (update.has_channel_map()) config->set_channel_map(update.channel_map());
  return status;
}

absl::Status ReadAllKeys(const mesh::SinkConfigUpdate& update, gw::SinkNewConfig* config) {
  if (update.has_keys() && update.has_network_keys()) {
    return InvalidField("update.keys", "not possible together with network_keys");
  }
  absl::Status status;
  if (update.has_keys()) {
    status.Update(ReadKeys("update.keys", update.keys(), config->mutable_keys()));
  }
  if (update.has_network_keys()) {
    status.Update(ReadSecurityKeys("update.network_keys", update.network_keys(),
                                   config->mutable_network_keys()));
  }
  if (update.has_management_keys()) {
    status.Update(ReadSecurityKeys("update.management_keys", update.management_keys(),
                                   config->mutable_management_keys()));
  }
  return status;
}

}  // namespace

absl::StatusOr<gw::SinkNewConfig> ToGateway(const core::SinkId& sink,
                                            const mesh::SinkConfigUpdate& update) {
  gw::SinkNewConfig config;
  config.set_sink_id(sink.value());
  const size_t empty_size = config.ByteSizeLong();

  absl::Status status = ReadAddresses(update, &config);
  if (update.has_node_role()) {
    status.Update(ReadRole(update.node_role(), config.mutable_node_role()));
  }
  if (update.has_app_config()) {
    status.Update(ReadAppConfig(update.app_config(), config.mutable_app_config()));
  }
  if (update.has_access_cycle_range()) {
    status.Update(
        ReadAccessCycleRange(update.access_cycle_range(), config.mutable_current_ac_range()));
  }
  if (update.has_sink_on()) config.set_sink_state(update.sink_on() ? gw::ON : gw::OFF);
  status.Update(ReadAllKeys(update, &config));
  if (!status.ok()) return status;
  if (config.ByteSizeLong() == empty_size) return InvalidField("update", "changes nothing");
  return config;
}

}  // namespace wirepas_grpc::api
