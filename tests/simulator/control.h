// SPDX-License-Identifier: Apache-2.0
// Commands that tests give a running simulator over MQTT.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_CONTROL_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_CONTROL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "tests/simulator/uplink_source.h"

namespace wirepas_grpc::sim {

// Topics, commands and their fields, for --help.
extern const char kControlHelp[];

inline constexpr std::string_view kControlTopic = "sim-control/";
inline constexpr std::string_view kControlAckTopic = "sim-control-ack/";
inline constexpr std::string_view kAllGateways = "all";

enum class ControlKind {
  kFaults,
  kClearFaults,
  kDisconnect,
  kStop,
  kStart,
  kRemove,
  kStatus,
  kRate,
  kBurst,
  kUplink,
};

struct ControlCommand {
  ControlKind kind = ControlKind::kStatus;
  std::string name;
  nlohmann::json id;                    // Handed back in the acknowledgement; null: none.
  nlohmann::json faults;                // kFaults: for Faults::Update.
  std::optional<absl::Duration> pause;  // kDisconnect.
  double rate = 0;                      // kRate.
  uint64_t count = 0;                   // kBurst.
  std::string sink_id;                  // kBurst, kUplink; empty: any, the first.
  RawUplink uplink;                     // kUplink.
};

// Fails with a message that says what is wrong with the payload; `command` then
// has the id and the name as far as they could be read.
absl::Status ParseControl(std::string_view payload, ControlCommand* command);

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_CONTROL_H_
