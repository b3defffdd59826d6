// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/config_update.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/sinks/app_config_size.h"
#include "google/protobuf/message.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

constexpr uint32_t kMaxSequence = 254;

absl::Status NotTold(absl::string_view what) {
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat("the sink does not tell its ", what,
                                     ", of which the update sets a part; nothing was sent")),
                    Reason::kSinkNotReady);
}

bool HasFlag(const gw::NodeRole& role, gw::NodeRole::RoleFlags flag) {
  return std::find(role.flags().begin(), role.flags().end(), flag) != role.flags().end();
}

bool IsComplete(const SinkConfigUpdate::NodeRole& role) {
  return role.role.has_value() && role.low_latency.has_value() && role.autorole.has_value();
}
bool IsComplete(const SinkConfigUpdate::AppConfig& config) {
  return config.interval_seconds.has_value() && config.data.has_value() &&
         config.sequence.has_value();
}
bool IsComplete(const SinkConfigUpdate::AccessCycleRange& range) {
  return range.min_ms.has_value() && range.max_ms.has_value();
}
template <typename Part>
bool NeedsTold(const std::optional<Part>& part) {
  return part.has_value() && !IsComplete(*part);
}

absl::Status Fill(const SinkConfigUpdate::NodeRole& role, const SinkConfig& told,
                  gw::NodeRole* result) {
  if (!IsComplete(role) && !told.has_node_role()) return NotTold("role");
  const gw::NodeRole& before = told.node_role();
  result->set_role(role.role.value_or(before.role()));
  if (role.low_latency.value_or(HasFlag(before, gw::NodeRole::LOW_LATENCY))) {
    result->add_flags(gw::NodeRole::LOW_LATENCY);
  }
  if (role.autorole.value_or(HasFlag(before, gw::NodeRole::AUTOROLE))) {
    result->add_flags(gw::NodeRole::AUTOROLE);
  }
  return absl::OkStatus();
}

absl::Status Fill(const SinkConfigUpdate::AppConfig& config, const SinkConfig& told,
                  gw::AppConfigData* result) {
  if (!IsComplete(config) && !told.has_app_config()) return NotTold("app config");
  const gw::AppConfigData& before = told.app_config();
  result->set_diag_interval_s(config.interval_seconds.value_or(before.diag_interval_s()));
  result->set_app_config_data(config.data.value_or(before.app_config_data()));
  const bool is_same = result->diag_interval_s() == before.diag_interval_s() &&
                       IsSameAppConfigData(result->app_config_data(), before.app_config_data());
  result->set_seq(
      config.sequence.value_or(is_same ? before.seq() : NextAppConfigSequence(before.seq())));
  return absl::OkStatus();
}

absl::Status Fill(const SinkConfigUpdate::AccessCycleRange& range, const SinkConfig& told,
                  gw::AccessCycleRange* result) {
  if (!IsComplete(range) && !told.has_current_ac_range()) return NotTold("access cycle range");
  result->set_min_ms(range.min_ms.value_or(told.current_ac_range().min_ms()));
  result->set_max_ms(range.max_ms.value_or(told.current_ac_range().max_ms()));
  if (result->min_ms() <= result->max_ms()) return absl::OkStatus();
  return InvalidField(
      range.min_ms.has_value() ? "access_cycle_range.minimum" : "access_cycle_range.maximum",
      absl::StrCat("the range would be from ", result->min_ms(), " ms to ", result->max_ms(),
                   " ms"));
}

absl::Status CheckCycle(absl::string_view field, uint32_t ms, const gw::AccessCycleRange& limits) {
  if (ms >= limits.min_ms() && ms <= limits.max_ms()) return absl::OkStatus();
  return InvalidField(field, absl::StrCat(ms, " ms; the sink can do ", limits.min_ms(), " ms to ",
                                          limits.max_ms(), " ms"));
}

absl::string_view WithoutPadding(absl::string_view data) {
  const size_t last = data.find_last_not_of('\0');
  return last == absl::string_view::npos ? absl::string_view() : data.substr(0, last + 1);
}

bool IsSame(const gw::NodeRole& a, const gw::NodeRole& b) {
  return a.role() == b.role() &&
         HasFlag(a, gw::NodeRole::LOW_LATENCY) == HasFlag(b, gw::NodeRole::LOW_LATENCY) &&
         HasFlag(a, gw::NodeRole::AUTOROLE) == HasFlag(b, gw::NodeRole::AUTOROLE);
}

bool IsSame(const gw::AppConfigData& a, const gw::AppConfigData& b) {
  return a.diag_interval_s() == b.diag_interval_s() && a.seq() == b.seq() &&
         IsSameAppConfigData(a.app_config_data(), b.app_config_data());
}

bool IsSame(const gw::AccessCycleRange& a, const gw::AccessCycleRange& b) {
  return a.min_ms() == b.min_ms() && a.max_ms() == b.max_ms();
}

}  // namespace

bool SinkConfigUpdate::NeedsTold() const {
  return core::NeedsTold(node_role) || core::NeedsTold(app_config) ||
         core::NeedsTold(access_cycle_range);
}

bool SinkConfigUpdate::HasKeys() const { return whole.has_keys() || NeedsKeyManagement(); }

size_t SinkConfigUpdate::CountChanges() const {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  whole.GetReflection()->ListFields(whole, &fields);
  return fields.size() + (node_role.has_value() ? 1 : 0) + (app_config.has_value() ? 1 : 0) +
         (access_cycle_range.has_value() ? 1 : 0);
}

absl::StatusOr<gw::SinkNewConfig> MakeWhole(const SinkConfigUpdate& update, const SinkId& sink,
                                            const SinkConfig& told) {
  gw::SinkNewConfig config = update.whole;
  config.set_sink_id(sink.value());
  absl::Status status;
  if (update.node_role.has_value()) {
    status.Update(Fill(*update.node_role, told, config.mutable_node_role()));
  }
  if (update.app_config.has_value()) {
    status.Update(Fill(*update.app_config, told, config.mutable_app_config()));
  }
  if (update.access_cycle_range.has_value()) {
    status.Update(Fill(*update.access_cycle_range, told, config.mutable_current_ac_range()));
  }
  if (!status.ok()) return status;
  return config;
}

absl::Status CheckSize(const SinkConfigUpdate& update, const SinkConfig& told) {
  if (!update.app_config.has_value() || !update.app_config->data.has_value()) {
    return absl::OkStatus();
  }
  const size_t size = update.app_config->data->size();
  const size_t max_size = MaxAppConfigSize(told);
  if (size <= max_size) return absl::OkStatus();
  return WithReason(absl::ResourceExhaustedError(absl::StrCat(
                        "the app config would have ", size, " bytes, ", max_size, " are possible")),
                    Reason::kAppConfigTooLarge);
}

absl::Status CheckLimits(const gw::SinkNewConfig& config, const SinkConfig& told) {
  absl::Status status;
  if (config.has_network_channel() && told.has_channel_limits()) {
    const gw::ChannelRange& limits = told.channel_limits();
    if (config.network_channel() < limits.min_channel() ||
        config.network_channel() > limits.max_channel()) {
      status.Update(InvalidField("network_channel",
                                 absl::StrCat(config.network_channel(), "; the sink can do ",
                                              limits.min_channel(), " to ", limits.max_channel())));
    }
  }
  if (config.has_current_ac_range() && told.has_ac_limits()) {
    const gw::AccessCycleRange& range = config.current_ac_range();
    status.Update(CheckCycle("access_cycle_range.minimum", range.min_ms(), told.ac_limits()));
    status.Update(CheckCycle("access_cycle_range.maximum", range.max_ms(), told.ac_limits()));
  }
  return status;
}

bool IsPresent(const gw::SinkNewConfig& config, const SinkConfig& told) {
  if (config.has_keys() || config.has_network_keys() || config.has_management_keys()) return false;
  const auto is_told = [](bool wanted, bool is_known, auto is_same) {
    return !wanted || (is_known && is_same());
  };
  return is_told(config.has_node_role(), told.has_node_role(),
                 [&] { return IsSame(config.node_role(), told.node_role()); }) &&
         is_told(config.has_node_address(), told.has_node_address(),
                 [&] { return config.node_address() == told.node_address(); }) &&
         is_told(config.has_network_address(), told.has_network_address(),
                 [&] { return config.network_address() == told.network_address(); }) &&
         is_told(config.has_network_channel(), told.has_network_channel(),
                 [&] { return config.network_channel() == told.network_channel(); }) &&
         is_told(config.has_app_config(), told.has_app_config(),
                 [&] { return IsSame(config.app_config(), told.app_config()); }) &&
         is_told(config.has_channel_map(), told.has_channel_map(),
                 [&] { return config.channel_map() == told.channel_map(); }) &&
         is_told(config.has_current_ac_range(), told.has_current_ac_range(),
                 [&] { return IsSame(config.current_ac_range(), told.current_ac_range()); }) &&
         is_told(config.has_sink_state(), told.has_sink_state(),
                 [&] { return config.sink_state() == told.sink_state(); });
}

bool IsSameAppConfigData(absl::string_view a, absl::string_view b) {
  return WithoutPadding(a) == WithoutPadding(b);
}

uint32_t NextAppConfigSequence(uint32_t sequence) {
  return sequence < kMaxSequence ? sequence + 1 : 0;
}

}  // namespace wirepas_grpc::core
