// SPDX-License-Identifier: Apache-2.0
#include <optional>

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

absl::Status ReadRole(const mesh::NodeRole& role, core::SinkConfigUpdate::NodeRole* result) {
  if (!role.has_base_role() && !role.has_low_latency() && !role.has_autorole()) {
    return InvalidField("update.node_role", "changes nothing");
  }
  if (role.has_low_latency()) result->low_latency = role.low_latency();
  if (role.has_autorole()) result->autorole = role.autorole();
  if (!role.has_base_role()) return absl::OkStatus();
  if (role.base_role() == mesh::BASE_ROLE_UNSPECIFIED ||
      !mesh::BaseRole_IsValid(role.base_role())) {
    return InvalidField("update.node_role.base_role",
                        absl::StrCat(role.base_role(), " is not a known role"));
  }
  result->role = static_cast<gw::NodeRole::BaseRole>(role.base_role());
  return absl::OkStatus();
}

// Sets the value unless the message is unset.
absl::Status ReadWholeUnits(absl::string_view field, bool present,
                            const google::protobuf::Duration& proto, absl::Duration unit,
                            std::optional<uint32_t>* value) {
  if (!present) return absl::OkStatus();
  const absl::StatusOr<uint32_t> units = WholeUnits(field, proto, unit, FinerPart::kInvalid);
  if (units.ok()) *value = *units;
  return units.status();
}

absl::Status ReadAppConfig(const mesh::AppConfig& config,
                           core::SinkConfigUpdate::AppConfig* result) {
  if (!config.has_diagnostics_interval() && !config.has_data() && !config.has_sequence()) {
    return InvalidField("update.app_config", "changes nothing");
  }
  if (config.has_data()) result->data = config.data();
  if (config.has_sequence()) result->sequence = config.sequence();
  return ReadWholeUnits("update.app_config.diagnostics_interval", config.has_diagnostics_interval(),
                        config.diagnostics_interval(), absl::Seconds(1), &result->interval_seconds);
}

absl::Status ReadAccessCycleRange(const mesh::AccessCycleRange& range,
                                  core::SinkConfigUpdate::AccessCycleRange* result) {
  if (!range.has_minimum() && !range.has_maximum()) {
    return InvalidField("update.access_cycle_range", "changes nothing");
  }
  absl::Status status = ReadWholeUnits("update.access_cycle_range.minimum", range.has_minimum(),
                                       range.minimum(), absl::Milliseconds(1), &result->min_ms);
  status.Update(ReadWholeUnits("update.access_cycle_range.maximum", range.has_maximum(),
                               range.maximum(), absl::Milliseconds(1), &result->max_ms));
  if (status.ok() && result->min_ms.has_value() && result->max_ms.has_value() &&
      *result->min_ms > *result->max_ms) {
    return InvalidField("update.access_cycle_range.minimum", "must not be above maximum");
  }
  return status;
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
  absl::Status status = ReadKeys(field, keys, result);
  if (!keys.has_sequence()) {
    status.Update(InvalidField(absl::StrCat(field, ".sequence"), "missing"));
  }
  result->set_sequence(keys.sequence());
  return status;
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

absl::StatusOr<core::SinkConfigUpdate> ParseUpdate(const mesh::SinkConfigUpdate& update) {
  core::SinkConfigUpdate result;
  absl::Status status = ReadAddresses(update, &result.whole);
  if (update.has_node_role()) {
    status.Update(ReadRole(update.node_role(), &result.node_role.emplace()));
  }
  if (update.has_app_config()) {
    status.Update(ReadAppConfig(update.app_config(), &result.app_config.emplace()));
  }
  if (update.has_access_cycle_range()) {
    status.Update(
        ReadAccessCycleRange(update.access_cycle_range(), &result.access_cycle_range.emplace()));
  }
  if (update.has_sink_on()) result.whole.set_sink_state(update.sink_on() ? gw::ON : gw::OFF);
  status.Update(ReadAllKeys(update, &result.whole));
  if (!status.ok()) return status;
  if (result.CountChanges() == 0) return InvalidField("update", "changes nothing");
  return result;
}

absl::StatusOr<gw::ConfigurationDataItem> ParseItem(const mesh::ConfigurationDataItem& item) {
  const absl::Status status = CheckAtMost("item.endpoint", item.endpoint(), kMaxItemEndpoint);
  if (!status.ok()) return status;
  gw::ConfigurationDataItem result;
  result.set_endpoint(item.endpoint());
  result.set_payload(item.payload());
  return result;
}

}  // namespace wirepas_grpc::api
