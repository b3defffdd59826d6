// SPDX-License-Identifier: Apache-2.0
#include "service/option_table.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "service/option_values.h"
#include "service/unix_socket.h"

namespace wirepas_grpc::service {
namespace {

using Kind = OptionRow::Kind;
using Setter = decltype(OptionRow::set);

// How a row's values are read.
struct Reader {
  Reader(Setter set, std::vector<std::string> choices = {})  // NOLINT: most are no more than it
      : set(std::move(set)), choices(std::move(choices)) {}

  Setter set;
  std::vector<std::string> choices;
};

// A row's setter out of a function from text to value and the member that takes it.
template <typename Parse, typename Member>
Setter Into(Member ServiceOptions::*member, Parse parse) {
  return [member, parse](const std::vector<std::string>& values, ServiceOptions* options) {
    auto value = parse(values.back());
    if (!value.ok()) return value.status();
    options->*member = static_cast<Member>(*std::move(value));
    return absl::OkStatus();
  };
}

Setter Text(std::string ServiceOptions::*member) { return Into(member, ParseMqttText); }

// Any bytes: a password, which MQTT carries as binary data, or a path.
Setter Bytes(std::string ServiceOptions::*member) {
  return Into(member, [](const std::string& text) -> absl::StatusOr<std::string> { return text; });
}

Setter Switch(bool ServiceOptions::*member) { return Into(member, ParseSwitch); }

Setter Number(int ServiceOptions::*member, int64_t min, int64_t max,
              absl::string_view noun = "a number in range") {
  return Into(member, [=](const std::string& text) { return ParseNumber(text, min, max, noun); });
}

template <typename Member>
Setter Size(Member ServiceOptions::*member, int64_t min, int64_t max) {
  return Into(member, [=](const std::string& text) { return ParseByteSize(text, min, max); });
}

Setter Duration(absl::Duration ServiceOptions::*member, absl::Duration min, absl::Duration max) {
  return Into(member, [=](const std::string& text) { return ParseDurationIn(text, min, max); });
}

// An empty name means no file.
Setter File(std::string ServiceOptions::*member) {
  return Into(member, [](const std::string& path) -> absl::StatusOr<std::string> {
    if (absl::Status status = CheckReadable(path); !path.empty() && !status.ok()) return status;
    return path;
  });
}

Reader Choice(std::string ServiceOptions::*member, std::initializer_list<absl::string_view> words) {
  const std::vector<std::string> choices(words.begin(), words.end());
  Setter set = Into(member, [choices](const std::string& text) -> absl::StatusOr<std::string> {
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return text;
    return absl::InvalidArgumentError(
        absl::StrCat(ShownValue(text), " is unknown, expected ", absl::StrJoin(choices, ", ")));
  });
  return {std::move(set), choices};
}

absl::StatusOr<std::string> ParseWebsocketPath(absl::string_view text) {
  const bool printable = std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
  if (!text.empty() && text.front() == '/' && printable && text.size() <= 1024) {
    return std::string(text);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(ShownValue(text), " is not a path, expected one such as /mqtt"));
}

absl::StatusOr<absl::Duration> ParseKeepalive(absl::string_view text) {
  absl::StatusOr<absl::Duration> value =
      ParseDurationIn(text, absl::Seconds(1), absl::Seconds(65535));
  if (value.ok() && absl::Trunc(*value, absl::Seconds(1)) != *value) {
    return absl::InvalidArgumentError(
        absl::StrCat(ShownValue(text), " has a fraction, expected whole seconds"));
  }
  return value;
}

constexpr const char* kTlsVersions[] = {"PROTOCOL_TLS", "PROTOCOL_TLS_CLIENT", "PROTOCOL_TLSv1_2"};

absl::StatusOr<std::string> ParseTlsVersion(const std::string& text) {
  for (const char* known : kTlsVersions) {
    if (text == known) return text;
  }
  const bool old = text == "PROTOCOL_TLSv1" || text == "PROTOCOL_TLSv1_1";
  return absl::InvalidArgumentError(
      absl::StrCat(ShownValue(text), old ? " is too old" : " is unknown",
                   ", expected PROTOCOL_TLS, PROTOCOL_TLS_CLIENT or PROTOCOL_TLSv1_2"));
}

absl::Status SetListen(const std::vector<std::string>& values, ServiceOptions* options) {
  std::vector<std::string> addresses;
  for (const std::string& value : values) {
    for (absl::string_view part : absl::StrSplit(value, ',')) {
      absl::StatusOr<std::string> address = ParseListenAddress(absl::StripAsciiWhitespace(part));
      if (!address.ok()) return address.status();
      // Port 0 gives another port each time.
      const bool twice = std::find(addresses.begin(), addresses.end(), *address) != addresses.end();
      if (twice && !absl::EndsWith(*address, ":0")) {
        return absl::InvalidArgumentError(
            absl::StrCat(ShownValue(*address), " stands there twice, expected each address once"));
      }
      addresses.push_back(*std::move(address));
    }
  }
  options->listen = std::move(addresses);
  return absl::OkStatus();
}

OptionRow Row(Kind kind, absl::string_view prefix, absl::string_view group, std::string name,
              std::string value, std::string default_text, std::string help, Reader reader) {
  OptionRow row;
  row.kind = kind;
  row.environment = absl::StrCat(prefix, absl::AsciiStrToUpper(name));
  row.group = std::string(group);
  row.name = std::move(name);
  row.value = std::move(value);
  row.default_text = std::move(default_text);
  row.help = std::move(help);
  row.set = std::move(reader.set);
  row.choices = std::move(reader.choices);
  return row;
}

void AddBrokerRows(std::vector<OptionRow>* rows) {
  const auto add = [rows](Kind kind, auto&&... rest) {
    rows->push_back(Row(kind, "WM_SERVICES_", "MQTT broker", rest...));
  };
  using O = ServiceOptions;
  add(Kind::kValue, "mqtt_hostname", "HOST", "(none: must be given)",
      "Name or address of the broker", Into(&O::mqtt_hostname, ParseHost));
  add(Kind::kValue, "mqtt_port", "PORT", "(8883, or 1883 with --mqtt_force_unsecure)",
      "Port of the broker, WebSockets too", Number(&O::mqtt_port, 1, 65535, "a port"));
  add(Kind::kValue, "mqtt_username", "NAME", "(none)", "User name", Text(&O::mqtt_username));
  add(Kind::kValue, "mqtt_password", "PASSWORD", "(none)",
      "Password. Other users of the machine can see a command line:\n"
      "prefer the environment or --mqtt_password_file",
      Bytes(&O::mqtt_password));
  rows->back().secret = true;
  add(Kind::kValue, "mqtt_password_file", "FILE", "(none)",
      "File that holds the password; a newline at its end is not part of it",
      File(&O::mqtt_password_file));
  add(Kind::kValue, "mqtt_ca_certs", "FILE", "(the system's certificates)",
      "Certificates (PEM) to check the broker's with", File(&O::mqtt_ca_certs));
  add(Kind::kValue, "mqtt_client_crt", "FILE", "(none)",
      "Certificate (PEM) to present to the broker; needs --mqtt_client_key",
      File(&O::mqtt_client_crt));
  rows->back().alias = "mqtt_certfile";
  add(Kind::kValue, "mqtt_client_key", "FILE", "(none)",
      "Key (PEM, not encrypted) of --mqtt_client_crt", File(&O::mqtt_client_key));
  rows->back().alias = "mqtt_keyfile";
  add(Kind::kValue, "mqtt_ciphers", "LIST", "(OpenSSL's)",
      "Ciphers that TLS up to 1.2 may use, as OpenSSL names them.\nTLS 1.3 has its own",
      Text(&O::mqtt_ciphers));
  add(Kind::kValue, "mqtt_tls_version", "VERSION", "PROTOCOL_TLS",
      "PROTOCOL_TLS or PROTOCOL_TLS_CLIENT: the newest that the broker\nknows and OpenSSL allows; "
      "PROTOCOL_TLSv1_2: 1.2 or 1.3, and only\nciphers made for these",
      Reader(Into(&O::mqtt_tls_version, ParseTlsVersion),
             {std::begin(kTlsVersions), std::end(kTlsVersions)}));
  add(Kind::kValue, "mqtt_cert_reqs", "WHAT", "CERT_REQUIRED",
      "CERT_REQUIRED or CERT_OPTIONAL: check the broker's certificate;\nCERT_NONE: as "
      "--mqtt_allow_untrusted",
      Choice(&O::mqtt_cert_reqs, {"CERT_REQUIRED", "CERT_OPTIONAL", "CERT_NONE"}));
  add(Kind::kSwitch, "mqtt_force_unsecure", "", "false", "Connect without TLS",
      Switch(&O::mqtt_force_unsecure));
  add(Kind::kSwitch, "mqtt_allow_untrusted", "", "false",
      "Accept any certificate of the broker: for tests only", Switch(&O::mqtt_allow_untrusted));
  add(Kind::kSwitch, "mqtt_persist_session", "", "(false, or true with --state_dir)",
      "Let the broker keep the session while the service is away",
      Switch(&O::mqtt_persist_session));
  add(Kind::kSwitch, "mqtt_use_websocket", "", "false", "Speak MQTT over WebSockets",
      Switch(&O::mqtt_use_websocket));
  add(Kind::kValue, "mqtt_websocket_path", "PATH", "/mqtt", "Path of the broker's WebSocket",
      Into(&O::mqtt_websocket_path, ParseWebsocketPath));
  add(Kind::kValue, "mqtt_client_id", "ID",
      "(wirepas-grpc-<random>, the same after restarts with\n--state_dir; wirepas-grpc-<host name> "
      "with only\n--mqtt_persist_session)",
      "MQTT client id; unique among the broker's clients. With\n"
      "--mqtt_persist_session requests have a connection of their own,\n"
      "whose id has -requests- and four hexadecimal digits behind it",
      Text(&O::mqtt_client_id));
  add(Kind::kValue, "mqtt_version", "VERSION", "3.1.1", "MQTT version, 3.1.1 or 5",
      Choice(&O::mqtt_version, {"3.1.1", "5"}));
  add(Kind::kValue, "mqtt_max_inflight_messages", "COUNT", "20",
      "Messages sent and not completed, over MQTT 3.1.1. Not above what\nthe broker takes "
      "(mosquitto: its own max_inflight_messages), or\nmessages are lost until that is found out. "
      "MQTT "
      "5 brokers say it",
      Number(&O::mqtt_max_inflight_messages, 1, 256));
  add(Kind::kValue, "mqtt_request_qos", "QOS", "2",
      "QoS that requests are sent at, 2 or 1. 1 is for brokers without\n"
      "QoS 2: a message may then go out twice by radio. MQTT 5 brokers\n"
      "that say what they take get no more",
      Reader(Number(&O::mqtt_request_qos, 1, 2), {"1", "2"}));
  add(Kind::kValue, "mqtt_keepalive", "DURATION", "30s",
      "Longest silence towards the broker, in whole seconds",
      Into(&O::mqtt_keepalive, ParseKeepalive));
  const absl::Duration shortest = absl::Milliseconds(100);
  add(Kind::kValue, "mqtt_reconnect_min_delay", "DURATION", "1s",
      "Delay before the first new attempt to connect; doubles with each",
      Duration(&O::mqtt_reconnect_min_delay, shortest, absl::Hours(1)));
  add(Kind::kValue, "mqtt_reconnect_max_delay", "DURATION", "30s",
      "Longest delay between attempts to connect",
      Duration(&O::mqtt_reconnect_max_delay, shortest, absl::Hours(1)));
}

void AddServerRows(std::vector<OptionRow>* rows) {
  const auto add = [rows](Kind kind, auto&&... rest) {
    rows->push_back(Row(kind, "WIREPAS_GRPC_", "gRPC server", rest...));
  };
  using O = ServiceOptions;
  add(Kind::kList, "listen", "ADDRESS[,ADDRESS]", "127.0.0.1:50051",
      "host:port, [ipv6]:port or unix:/path; may be repeated.\nPort 0 picks a free one",
      Setter(SetListen));
  add(Kind::kValue, "unix_socket_mode", "MODE", "(as the umask says)",
      "Permissions of the Unix sockets, in octal: 0660 lets the group\nconnect. They are set "
      "before "
      "anybody can",
      Into(&O::unix_socket_mode, ParseFileMode));
  add(Kind::kValue, "unix_socket_group", "GROUP", "(the process's)",
      "Group of the Unix sockets, by name or number",
      Into(&O::unix_socket_group, [](const std::string& text) -> absl::StatusOr<std::string> {
        if (text.empty() || FindGroup(text).ok()) return text;
        return absl::InvalidArgumentError(
            absl::StrCat(ShownValue(text), " is no group, expected a name or a number"));
      }));
  add(Kind::kSwitch, "reflection", "", "true", "Tell clients such as grpcurl what the API is",
      Switch(&O::reflection));
  add(Kind::kValue, "tls_cert", "FILE", "(none: no TLS)",
      "Certificate chain (PEM) of this server; needs --tls_key", File(&O::tls_cert));
  add(Kind::kValue, "tls_key", "FILE", "(none)", "Key (PEM, not encrypted) of --tls_cert",
      File(&O::tls_key));
  add(Kind::kValue, "tls_client_ca", "FILE", "(none: clients need no certificate)",
      "Certificates (PEM) that a client's certificate must lead to", File(&O::tls_client_ca));
  add(Kind::kValue, "shutdown_grace", "DURATION", "5s",
      "How long calls may finish after SIGTERM or SIGINT; the process ends within about 4s more",
      Duration(&O::shutdown_grace, absl::ZeroDuration(), absl::Minutes(10)));
}

void AddNodeRows(std::vector<OptionRow>* rows) {
  const auto add = [rows](Kind kind, auto&&... rest) {
    rows->push_back(Row(kind, "WIREPAS_GRPC_", "Nodes", rest...));
  };
  using O = ServiceOptions;
  add(Kind::kValue, "max_nodes", "COUNT", "100000",
      "Most nodes that are kept, and most node statuses; a node takes\nsome 350 bytes",
      Number(&O::max_nodes, 1, 10'000'000));
  add(Kind::kSwitch, "collect_nodes", "", "false",
      "Take all uplinks from the broker at all times, so that every\nnode is known",
      Switch(&O::collect_nodes));
  add(Kind::kSwitch, "collect_node_status", "", "false",
      "Take nodes' scratchpad reports (endpoints 240 to 255) from the\nbroker at all times",
      Switch(&O::collect_node_status));
  add(Kind::kValue, "collect_linger", "DURATION", "10m",
      "How long either is taken after the last call that asks for it",
      Duration(&O::collect_linger, absl::ZeroDuration(), absl::Hours(24)));
}

void AddOtherRows(std::vector<OptionRow>* rows) {
  const auto add = [rows](absl::string_view group, auto&&... rest) {
    rows->push_back(Row(Kind::kValue, "WIREPAS_GRPC_", group, rest...));
  };
  using O = ServiceOptions;
  const absl::Duration longest = absl::Hours(24);
  const absl::Duration longest_kept = absl::Hours(24 * 3650);
  add("Uplink log", "uplink_log_bytes", "SIZE", "64MiB",
      "Memory for packets that subscribers can still catch up with",
      Size(&O::uplink_log_bytes, int64_t{1} << 20, int64_t{1} << 40));
  add("Uplink log", "uplink_linger", "DURATION", "(10s, or --uplink_retention with --state_dir)",
      "How long uplinks are still taken from the broker after the\nlast subscriber has gone",
      Duration(&O::uplink_linger, absl::ZeroDuration(), longest_kept));
  add("Uplink log", "max_uplink_filters", "COUNT", "100",
      "Most uplink subscriptions held at the broker, made of the\nsubscribers' filters; above, "
      "there is one to all uplinks.\nIf the broker refuses that, further filters are refused",
      Number(&O::max_uplink_filters, 1, 10'000));
  add("Uplink log", "response_linger", "DURATION", "60s",
      "How long gateways' answers are still taken from the broker\nafter the last request",
      Duration(&O::response_linger, absl::ZeroDuration(), longest));
  add("Durable state", "state_dir", "DIRECTORY", "(none: packets are kept in memory only)",
      "Keep the uplink log here too, so that subscribers can resume\nafter a restart. Made if its "
      "parent exists; for one service only",
      Bytes(&O::state_dir));
  add("Durable state", "uplink_retention", "DURATION", "168h",
      "How long packets are kept on disk, by the time that passes\nwhile the machine is on",
      Duration(&O::uplink_retention, absl::Seconds(1), longest_kept));
  add("Durable state", "uplink_max_bytes", "SIZE", "1GiB",
      "Most disk that packets take, files under way (42 MiB) apart;\nthe oldest go first",
      Size(&O::uplink_max_bytes, int64_t{1} << 20, int64_t{1} << 50));
  add("Durable state", "uplink_sync", "WHEN", "interval",
      "What survives a loss of power: never, interval (all but the\nlast second or two) or "
      "every_packet (all, at the price of a\nwait for the disk each). A killed process loses "
      "nothing",
      Choice(&O::uplink_sync, {"never", "interval", "every_packet"}));
  add("Limits", "max_message_bytes", "SIZE", "16MiB", "Largest gRPC message accepted",
      Size(&O::max_message_bytes, int64_t{4} << 20, int64_t{1} << 30));
  add("Limits", "max_streams", "COUNT", "1000", "Streams open at once, of all clients together",
      Number(&O::max_streams, 1, 1'000'000));
  add("Limits", "max_connections", "COUNT", "1000",
      "Connections of clients; fewer if the system's limit of open\nfiles leaves no room for them",
      Number(&O::max_connections, 1, 100'000));
  add("Limits", "max_connections_per_peer", "COUNT", "100",
      "Those of one address. Over Unix sockets and loopback only\n--max_connections counts",
      Number(&O::max_connections_per_peer, 1, 1'000'000));
  add("Limits", "max_calls_per_connection", "COUNT", "(--max_streams and 500)",
      "Calls open at once over one connection. Clients know it; further\ncalls wait in the client",
      Number(&O::max_calls_per_connection, 10, 1'000'000));
  add("Limits", "max_call_memory", "SIZE", "256MiB",
      "Memory that gRPC counts for connections, calls and messages that\narrive; above it, it ends "
      "calls",
      Size(&O::max_call_memory, int64_t{8} << 20, int64_t{1} << 40));
  add("Limits", "max_pending_requests", "COUNT", "20000",
      "Requests to gateways that wait for an answer at once.\nOne client address has at most eight "
      "times as many as\nare free: alone 8/9 of them",
      Number(&O::max_pending_requests, 1, 10'000'000));
  add("Logging and metrics", "log_level", "LEVEL", "info",
      "trace, debug, info, warning, error, critical or off",
      Choice(&O::log_level, {"trace", "debug", "info", "warning", "error", "critical", "off"}));
  add("Logging and metrics", "log_format", "FORMAT", "human",
      "human, or json: one JSON object a line. The log goes to stderr",
      Choice(&O::log_format, {"human", "json"}));
  add("Logging and metrics", "metrics_listen", "HOST:PORT", "(off)",
      "Serve Prometheus metrics, /livez and /readyz over HTTP at this\naddress. Port 0 picks a "
      "free "
      "one",
      Into(&O::metrics_listen, [](const std::string& text) -> absl::StatusOr<std::string> {
        return text.empty() ? text : ParseHostPort(text);
      }));
  add("Logging and metrics", "metrics_max_gateways", "COUNT", "500",
      "Gateways that have metrics of their own, and networks; those\nbeyond are counted as one",
      Number(&O::metrics_max_gateways, 0, 100'000));
}

}  // namespace

std::string AliasEnvironment(const OptionRow& row) {
  // The same prefix.
  return absl::StrCat(row.environment.substr(0, row.environment.size() - row.name.size()),
                      absl::AsciiStrToUpper(row.alias));
}

const std::vector<OptionRow>& OptionTable() {
  static const auto* const table = [] {
    auto* rows = new std::vector<OptionRow>;
    AddBrokerRows(rows);
    AddServerRows(rows);
    AddNodeRows(rows);
    AddOtherRows(rows);
    return rows;
  }();
  return *table;
}

}  // namespace wirepas_grpc::service
