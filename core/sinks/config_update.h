// SPDX-License-Identifier: Apache-2.0
//
// Changes to a part of a sink's configuration. Gateways take some of it in messages that are whole
// only, and would set anew what is left out of them: it is filled in from what the sink told last.
#ifndef WIREPAS_GRPC_CORE_SINKS_CONFIG_UPDATE_H_
#define WIREPAS_GRPC_CORE_SINKS_CONFIG_UPDATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/directory/directory.h"
#include "core/gateway_api/ids.h"
#include "gateway_api/sink_config.pb.h"

namespace wirepas_grpc::core {

// What to change; what is unset stays as it is.
struct SinkConfigUpdate {
  struct NodeRole {
    std::optional<wirepas::proto::gateway_api::NodeRole::BaseRole> role = {};
    std::optional<bool> low_latency = {};
    std::optional<bool> autorole = {};
  };
  struct AppConfig {
    std::optional<uint32_t> interval_seconds = {};
    std::optional<std::string> data = {};
    // Unset: counted up by one if interval or data change.
    std::optional<uint32_t> sequence = {};
  };
  struct AccessCycleRange {
    std::optional<uint32_t> min_ms = {};
    std::optional<uint32_t> max_ms = {};
  };

  // All that has no parts; the id of the sink and what stands below are unset.
  wirepas::proto::gateway_api::SinkNewConfig whole;
  std::optional<NodeRole> node_role = {};
  std::optional<AppConfig> app_config = {};
  std::optional<AccessCycleRange> access_cycle_range = {};

  // Something must be filled in from what the sink told.
  bool NeedsTold() const;
  // Keys are never told.
  bool HasKeys() const;
  bool NeedsKeyManagement() const {
    return whole.has_network_keys() || whole.has_management_keys();
  }
  // How many changes these are.
  size_t CountChanges() const;
};

// The request's part for one sink, which told `told` last (empty: nothing). FAILED_PRECONDITION,
// kSinkNotReady: it did not tell what is to be filled in. INVALID_ARGUMENT, naming the field as in
// "access_cycle_range.minimum": what it comes to cannot be.
absl::StatusOr<wirepas::proto::gateway_api::SinkNewConfig> MakeWhole(const SinkConfigUpdate& update,
                                                                     const SinkId& sink,
                                                                     const SinkConfig& told);

// RESOURCE_EXHAUSTED, kAppConfigTooLarge: the content of the app config is too long for the sink.
absl::Status CheckSize(const SinkConfigUpdate& update, const SinkConfig& told);

// INVALID_ARGUMENT, naming the field: what it comes to is beyond the limits that the sink told.
absl::Status CheckLimits(const wirepas::proto::gateway_api::SinkNewConfig& config,
                         const SinkConfig& told);

// The sink told all of it already. Never with keys.
bool IsPresent(const wirepas::proto::gateway_api::SinkNewConfig& config, const SinkConfig& told);

// Whether two contents are the same to nodes: sinks fill the content up with zeros, and some tell
// it so.
bool IsSameAppConfigData(absl::string_view a, absl::string_view b);

// The sequence of what follows an app config with this one. Sinks count to 254 and begin at 0
// again.
uint32_t NextAppConfigSequence(uint32_t sequence);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SINKS_CONFIG_UPDATE_H_
