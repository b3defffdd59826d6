// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/simulator/control.h"

namespace wirepas_grpc::sim {
namespace {

constexpr uint32_t kEmbeddedScratchpadSize = 1024;
constexpr uint64_t kMaxDevices = 0x40000000;  // Keeps node addresses below the multicast groups.

const std::vector<std::string> kDefaultFeatures = {"SCRATCHPAD_CHUNK_V1", "CONFIGURATION_DATA_V1",
                                                   "SINK_KEY_MANAGEMENT_V1"};
// The order is that of the reference gateway.
const std::vector<std::string> kLinuxFeatures = {"CONFIGURATION_DATA_V1", "SINK_KEY_MANAGEMENT_V1",
                                                 "SCRATCHPAD_CHUNK_V1"};

// As they are typed, before they mean anything.
struct Raw {
  std::string profile = "polite";
  std::vector<std::string> features;
  std::vector<std::string> endpoints;
  std::string faults;
};

std::string Footer() {
  return absl::StrCat(
      "Every generated payload starts with the sequence number of the packet (8 bytes,\n"
      "little-endian, from 0 up for each gateway) and the time of sending (8 bytes,\n"
      "little-endian, microseconds since the Unix epoch).\n\n"
      "On stdout: \"ready: <n> gateways\" once all are online; \"sent: <n> uplinks\" once the\n"
      "broker has acknowledged all of --count. Log lines go to stderr.\n\n",
      kProfilesHelp, "\n\n", kFaultsHelp, "\n\n", kControlHelp);
}

void AddBrokerOptions(CLI::App* app, Options* options) {
  app->add_option("--mqtt_hostname", options->broker.hostname, "Broker host")
      ->capture_default_str();
  app->add_option("--mqtt_port", options->broker.port, "Broker port")->capture_default_str();
  app->add_option("--mqtt_username", options->username, "User name at the broker");
  app->add_option("--mqtt_password", options->password, "Password at the broker");
  app->add_flag("--mqtt_force_unsecure")
      ->description(
          "Plain TCP. The simulator knows nothing else; the flag is there so that the broker "
          "options of the service can be handed on");
  app->add_flag("--shared_connection", options->shared_connection,
                "One connection for all gateways, which then have no last will");
}

void AddGatewayOptions(CLI::App* app, Options* options, Raw* raw) {
  app->add_option("--profile", raw->profile,
                  "Which gateways they are like: polite, linux or embedded; see below")
      ->capture_default_str()
      ->check(CLI::IsMember({"polite", "linux", "embedded"}));
  app->add_flag("--count_event_ids", options->count_event_ids,
                "Linux profile: ids of packets count from 0 up at each start, as with the "
                "gateway's own --debug_incr_data_event_id (default: random)");
  app->add_option("--gateways", options->gateways, "Number of gateways")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  app->add_option("--sinks", options->sinks, "Sinks per gateway")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000));
  app->add_option("--gateway_id_prefix", options->gateway_id_prefix,
                  "Gateways are called this and a number from 0 up")
      ->capture_default_str();
  app->add_option("--sink_id_prefix", options->sink_id_prefix,
                  "Sinks are called this and a number from 0 up")
      ->capture_default_str();
  app->add_option("--network_address", options->network_addresses,
                  "Network of the sinks; with several the sinks of a gateway take turns")
      ->capture_default_str()
      ->check(CLI::Range(1, 0xFFFFFE));
  app->add_option("--app_config_max_size", options->app_config_max_sizes,
                  "Most bytes of app config; with several the sinks of a gateway take turns")
      ->capture_default_str()
      ->check(CLI::Range(0, 80));
  app->add_flag("--pad_app_config", options->pad_app_config,
                "Sinks report their app configs filled up with zeros");
  app->add_flag("--no_app_config", options->no_app_config,
                "Sinks report no app config until they are given one");
  app->add_option("--model", options->model, "Model in the status; empty: none")
      ->capture_default_str();
  app->add_option("--version", options->version, "Version in the status; empty: none")
      ->capture_default_str();
  app->add_option("--max_scratchpad_size", options->max_scratchpad_sizes,
                  "Most bytes of scratchpad in one request; with several the gateways take "
                  "turns (default: no limit; 1024 for embedded gateways)")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  app->add_option("--features", raw->features,
                  "Features, of SCRATCHPAD_CHUNK_V1, CONFIGURATION_DATA_V1, "
                  "SINK_KEY_MANAGEMENT_V1, VIRTUAL_NODE_V1, or numbers, also of others, or none "
                  "(default: the first three; none for old and embedded gateways)")
      ->delimiter(',');
  app->add_flag("--old_gateway", options->old_gateway,
                "No configs in the status, no network address in uplinks");
}

void AddUplinkOptions(CLI::App* app, Options* options, Raw* raw) {
  app->add_option("--nodes", options->uplinks.nodes, "Nodes per sink")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  app->add_option("--rate", options->rate, "Uplinks per second over all gateways")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e9));
  app->add_option("--count", options->count,
                  "Stop sending uplinks after so many, and keep running (default: never)");
  app->add_flag("--resend", options->resend,
                "Send uplinks again that the broker had not acknowledged when the connection "
                "broke, as gateways do that have a buffer");
  app->add_option("--payload_size", options->uplinks.payload_size, "Bytes of payload")
      ->capture_default_str()
      ->check(CLI::Range(UplinkPlan::kStampSize, SinkModel::kMaxPayload));
  app->add_option("--endpoints", raw->endpoints,
                  "Source and destination endpoint of the uplinks, such as 10:10; with several "
                  "the packets take turns (default: 1:1)")
      ->delimiter(',');
  app->add_option("--hidden_endpoints", options->uplinks.hidden_endpoints,
                  "Source endpoints whose packets come without payload, only its size")
      ->delimiter(',')
      ->check(CLI::Range(0, 255));
}

bool ParseEndpoint(const std::string& text, uint32_t* endpoint) {
  return CLI::detail::lexical_cast(text, *endpoint) && *endpoint <= 255;
}

EndpointPair ParseEndpoints(const std::string& text) {
  EndpointPair pair;
  const size_t colon = text.find(':');
  if (colon == std::string::npos || !ParseEndpoint(text.substr(0, colon), &pair.source) ||
      !ParseEndpoint(text.substr(colon + 1), &pair.destination)) {
    throw CLI::ValidationError("--endpoints", text + " is not like 10:10, each 0 to 255");
  }
  return pair;
}

void ParseFeatures(const std::vector<std::string>& names, Options* options) {
  if (names == std::vector<std::string>{"none"}) return;
  for (const std::string& name : names) {
    pb::GatewayFeature feature = pb::UNKNOWN;
    int number = 0;
    if (CLI::detail::lexical_cast(name, number)) {
      if (!pb::GatewayFeature_IsValid(number)) {
        options->unknown_features.push_back(number);
        continue;
      }
      feature = static_cast<pb::GatewayFeature>(number);
    } else if (!pb::GatewayFeature_Parse(name, &feature)) {
      feature = pb::UNKNOWN;
    }
    if (feature == pb::UNKNOWN) {
      throw CLI::ValidationError("--features", name + " is no feature");
    }
    options->features.push_back(feature);
  }
}

// An id is one topic level.
void CheckIdPrefix(const std::string& option, const std::string& prefix) {
  if (prefix.find_first_of("/+#") != std::string::npos) {
    throw CLI::ValidationError(option, "must not hold '/', '+' or '#'");
  }
}

void InterpretProfile(const std::string& name, Options* options) {
  if (name == "linux") options->profile = Profile::kLinux;
  if (name == "embedded") options->profile = Profile::kEmbedded;
  if (options->count_event_ids && options->profile != Profile::kLinux) {
    throw CLI::ValidationError("--count_event_ids", "is for the linux profile");
  }
  if (options->profile == Profile::kPolite) return;
  if (options->old_gateway)
    throw CLI::ValidationError("--old_gateway", "is for the polite profile");
  if (options->shared_connection) {
    throw CLI::ValidationError("--shared_connection", "is for the polite profile");
  }
  options->uplinks.leaves_out_no_hops = options->profile == Profile::kLinux;
  if (options->profile == Profile::kEmbedded && options->max_scratchpad_sizes.empty()) {
    options->max_scratchpad_sizes = {kEmbeddedScratchpadSize};
  }
}

std::vector<std::string> DefaultFeatures(const Options& options) {
  if (options.old_gateway || options.profile == Profile::kEmbedded) return {};
  return options.profile == Profile::kLinux ? kLinuxFeatures : kDefaultFeatures;
}

void Interpret(const Raw& raw, Options* options) {
  InterpretProfile(raw.profile, options);
  ParseFeatures(raw.features.empty() ? DefaultFeatures(*options) : raw.features, options);
  if (!raw.endpoints.empty()) {
    options->uplinks.endpoints.clear();
    for (const std::string& text : raw.endpoints) {
      options->uplinks.endpoints.push_back(ParseEndpoints(text));
    }
  }
  options->uplinks.names_network = !options->old_gateway;
  CheckIdPrefix("--gateway_id_prefix", options->gateway_id_prefix);
  CheckIdPrefix("--sink_id_prefix", options->sink_id_prefix);
  if (uint64_t{options->gateways} * std::max(options->sinks, 1U) * options->uplinks.nodes >
      kMaxDevices) {
    throw CLI::ValidationError("--nodes", "too many nodes over all sinks and gateways");
  }
  if (raw.faults.empty()) return;
  constexpr bool kNoExceptions = false;
  const absl::Status status =
      options->faults.Update(nlohmann::json::parse(raw.faults, nullptr, kNoExceptions));
  if (!status.ok()) throw CLI::ValidationError("--faults", std::string(status.message()));
}

}  // namespace

std::variant<Options, int> ParseOptions(int argc, const char* const* argv) {
  Options options;
  Raw raw;
  std::optional<uint64_t> seed;
  CLI::App app("Simulates Wirepas gateways at an MQTT broker.", "wirepas-gateway-sim");
  app.footer(Footer());
  AddBrokerOptions(&app, &options);
  AddGatewayOptions(&app, &options, &raw);
  AddUplinkOptions(&app, &options, &raw);
  app.add_option("--faults", raw.faults, "Faults from the start on, as JSON; see below");
  app.add_option("--seed", seed, "Makes event ids and random faults repeatable");
  app.add_option("--log_level", options.log_level, "debug, info, warn or error")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  try {
    app.parse(argc, argv);
    Interpret(raw, &options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  std::random_device device;
  options.seed = seed.value_or((uint64_t{device()} << 32) | device());
  return options;
}

}  // namespace wirepas_grpc::sim
