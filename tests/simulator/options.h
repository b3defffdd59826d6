// SPDX-License-Identifier: Apache-2.0
// Command line of wirepas-gateway-sim.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_OPTIONS_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway_api/gateway.pb.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/mqtt_connection.h"
#include "tests/simulator/profile.h"
#include "tests/simulator/uplink_source.h"

namespace wirepas_grpc::sim {

struct Options {
  BrokerAddress broker;
  std::string username;
  std::string password;
  bool shared_connection = false;

  Profile profile = Profile::kPolite;
  bool count_event_ids = false;
  uint32_t gateways = 1;
  uint32_t sinks = 1;
  std::string gateway_id_prefix = "sim-gw-";
  std::string sink_id_prefix = "sink";
  std::vector<uint32_t> network_addresses = {0x123456};  // Sinks take turns.
  std::vector<uint32_t> app_config_max_sizes = {80};     // Likewise.
  bool pad_app_config = false;
  bool no_app_config = false;
  std::string model = "simulated-gateway";
  std::string version = "1.0.0";
  std::vector<uint32_t> max_scratchpad_sizes;  // Gateways take turns; none: no limit.
  std::vector<pb::GatewayFeature> features;
  std::vector<int> unknown_features;  // Numbers that are no values of it.
  bool old_gateway = false;

  UplinkPlan uplinks;
  double rate = 1;
  std::optional<uint64_t> count;
  bool resend = false;

  Faults faults;
  uint64_t seed = 0;
  std::string log_level = "info";
};

// Either the options, or the exit code of a run that ended with the parsing:
// help was asked for, or an option was wrong. The reason has been printed.
std::variant<Options, int> ParseOptions(int argc, const char* const* argv);

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_OPTIONS_H_
