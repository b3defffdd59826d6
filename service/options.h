// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_OPTIONS_H_
#define WIREPAS_GRPC_SERVICE_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace wirepas_grpc::service {

// What the daemon can be told. Each member is the option of the same name
// (`--mqtt_hostname`); its initial value is the default that --help shows.
// ParseOptions() gives only values that it has checked.
struct ServiceOptions {
  // MQTT broker.
  std::string mqtt_hostname;  // name or address, an IPv6 address without brackets
  int mqtt_port = 8883;       // 1883 when mqtt_force_unsecure is set and no port is given
  std::string mqtt_username;  // empty: none
  std::string mqtt_password;  // also when it came from mqtt_password_file
  std::string mqtt_password_file;
  std::string mqtt_ca_certs;  // PEM file; empty: the system's certificates
  std::string mqtt_client_crt;
  std::string mqtt_client_key;
  std::string mqtt_ciphers;  // an OpenSSL list; empty: its own
  // PROTOCOL_TLS, PROTOCOL_TLS_CLIENT, which is the same, or PROTOCOL_TLSv1_2: that or newer.
  std::string mqtt_tls_version = "PROTOCOL_TLS";
  std::string mqtt_cert_reqs = "CERT_REQUIRED";  // CERT_NONE: see mqtt_allow_untrusted
  bool mqtt_force_unsecure = false;
  bool mqtt_allow_untrusted = false;  // also true with CERT_NONE
  bool mqtt_persist_session = false;  // true with state_dir, unless given
  bool mqtt_use_websocket = false;
  std::string mqtt_websocket_path = "/mqtt";
  std::string mqtt_client_id;  // after ParseOptions() empty only with state_dir: it is kept there
  std::string mqtt_version = "3.1.1";  // or "5"
  int mqtt_max_inflight_messages = 20;
  int mqtt_request_qos = 2;                           // or 1
  absl::Duration mqtt_keepalive = absl::Seconds(30);  // whole seconds
  absl::Duration mqtt_reconnect_min_delay = absl::Seconds(1);
  absl::Duration mqtt_reconnect_max_delay = absl::Seconds(30);

  // gRPC server. Addresses are in the form that grpc::ServerBuilder takes:
  // host:port, [ipv6]:port or unix:/path. A port of 0 picks a free one.
  std::vector<std::string> listen = {"127.0.0.1:50051"};
  // Of the Unix sockets among them.
  std::optional<int> unix_socket_mode;  // nine bits; nothing: as the umask says
  std::string unix_socket_group;        // name or number; empty: the process's
  bool reflection = true;
  std::string tls_cert;
  std::string tls_key;
  std::string tls_client_ca;
  absl::Duration shutdown_grace = absl::Seconds(5);

  // Uplink log and the broker subscriptions that follow what is wanted.
  int64_t uplink_log_bytes = int64_t{64} << 20;
  absl::Duration uplink_linger =
      absl::Seconds(10);  // uplink_retention with state_dir, unless given
  int max_uplink_filters = 100;
  absl::Duration response_linger = absl::Seconds(60);

  // What is collected from uplinks without a subscriber.
  int max_nodes = 100'000;
  bool collect_nodes = false;
  bool collect_node_status = false;
  absl::Duration collect_linger = absl::Minutes(10);

  // Durable state.
  std::string state_dir;  // empty: none
  absl::Duration uplink_retention = absl::Hours(7 * 24);
  int64_t uplink_max_bytes = int64_t{1} << 30;
  std::string uplink_sync = "interval";  // never, interval or every_packet

  // Limits.
  int max_message_bytes = 16 << 20;
  int max_streams = 1000;
  int max_connections = 1000;
  int max_connections_per_peer = 100;  // not for peers on this machine
  int max_calls_per_connection = 0;    // after ParseOptions(), unless given: max_streams and 500
  int64_t max_call_memory = int64_t{256} << 20;
  int max_pending_requests = 20000;

  // Logging and metrics.
  std::string log_level = "info";    // trace, debug, info, warning, error, critical or off
  std::string log_format = "human";  // or "json"
  std::string metrics_listen;        // host:port; empty: no metrics
  int metrics_max_gateways = 500;    // and networks
};

// What a command line asks for. Either `options` is set and the daemon shall run,
// or it shall print `output` to stdout and `error`, one line without a newline at
// its end, to stderr, whichever is not empty, and exit with `exit_code`.
struct ParsedOptions {
  std::optional<ServiceOptions> options;
  bool check_only = false;  // the daemon shall not run, but say whether it would
  // Things that are allowed and rarely meant, to be logged once logging works;
  // one line each.
  std::vector<std::string> warnings;
  std::string output;
  std::string error;
  bool json_error = false;  // lines on stderr are wanted in JSON
  int exit_code = 0;
};

inline constexpr int kExitRunTimeFailure = 1;
inline constexpr int kExitBadOption = 2;

// Gives the value of an environment variable, nothing if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The environment of this process.
Environment ProcessEnvironment();

// Reads options from, strongest first, the command line, the environment and the
// file that --config names; reads the password file; checks that the other files
// can be read. An option that is given in a stronger place replaces the weaker
// one, lists too. An empty environment variable counts as not set. No message
// holds a password.
ParsedOptions ParseOptions(int argc, const char* const* argv,
                           const Environment& environment = ProcessEnvironment());

// Where the service of this environment listens, as far as its command line does not say otherwise:
// the options about that and about TLS towards clients, from the environment and the file that
// WIREPAS_GRPC_CONFIG names. All others are the defaults, and so is what is wrong.
ServiceOptions ListeningOptions(const Environment& environment = ProcessEnvironment());

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_OPTIONS_H_
