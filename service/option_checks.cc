// SPDX-License-Identifier: Apache-2.0
#include "service/option_checks.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "service/client_id.h"
#include "service/option_values.h"

namespace wirepas_grpc::service {
namespace {

absl::Status Bad(absl::string_view message) { return absl::InvalidArgumentError(message); }

absl::Status CheckTogether(const ServiceOptions& o) {
  if (o.mqtt_hostname.empty()) {
    return Bad("--mqtt_hostname: missing, expected the name or address of the MQTT broker");
  }
  if (o.mqtt_client_crt.empty() != o.mqtt_client_key.empty()) {
    return o.mqtt_client_key.empty() ? Bad("--mqtt_client_crt: expected --mqtt_client_key with it")
                                     : Bad("--mqtt_client_key: expected --mqtt_client_crt with it");
  }
  if (o.mqtt_force_unsecure) {
    const std::pair<const char*, bool> tls_only[] = {
        {"--mqtt_ca_certs", !o.mqtt_ca_certs.empty()},
        {"--mqtt_client_crt", !o.mqtt_client_crt.empty()},
        {"--mqtt_ciphers", !o.mqtt_ciphers.empty()},
        {"--mqtt_cert_reqs", o.mqtt_cert_reqs == "CERT_NONE"},
        {"--mqtt_allow_untrusted", o.mqtt_allow_untrusted},
    };
    for (const auto& [name, is_set] : tls_only) {
      if (is_set) return Bad(absl::StrCat(name, ": needs TLS, expected no --mqtt_force_unsecure"));
    }
  }
  if (o.mqtt_reconnect_max_delay < o.mqtt_reconnect_min_delay) {
    return Bad(absl::StrCat(
        "--mqtt_reconnect_max_delay: ", absl::FormatDuration(o.mqtt_reconnect_max_delay),
        " is too short, expected at least --mqtt_reconnect_min_delay (",
        absl::FormatDuration(o.mqtt_reconnect_min_delay), ")"));
  }
  if (o.tls_cert.empty() != o.tls_key.empty()) {
    return o.tls_key.empty() ? Bad("--tls_cert: expected --tls_key with it")
                             : Bad("--tls_key: expected --tls_cert with it");
  }
  const bool has_unix_socket =
      std::any_of(o.listen.begin(), o.listen.end(),
                  [](const std::string& address) { return absl::StartsWith(address, "unix:"); });
  if (!has_unix_socket && (o.unix_socket_mode.has_value() || !o.unix_socket_group.empty())) {
    return Bad(
        absl::StrCat(o.unix_socket_mode.has_value() ? "--unix_socket_mode" : "--unix_socket_group",
                     ": expected an address unix:/path in --listen with it"));
  }
  if (!o.tls_client_ca.empty() && o.tls_cert.empty()) {
    return Bad("--tls_client_ca: expected --tls_cert and --tls_key with it");
  }
  return absl::OkStatus();
}

absl::Status CompletePassword(ServiceOptions* o) {
  if (!o->mqtt_password_file.empty()) {
    if (!o->mqtt_password.empty()) {
      return Bad("--mqtt_password_file: expected no --mqtt_password with it");
    }
    absl::StatusOr<std::string> content = ReadSmallFile(o->mqtt_password_file, 65535);
    if (!content.ok()) {
      return Bad(absl::StrCat("--mqtt_password_file: ", content.status().message()));
    }
    if (!content->empty() && content->back() == '\n') content->pop_back();
    if (!content->empty() && content->back() == '\r') content->pop_back();
    if (content->empty()) {
      return Bad(absl::StrCat("--mqtt_password_file: ", ShownValue(o->mqtt_password_file),
                              " is empty, expected a password"));
    }
    o->mqtt_password = *std::move(content);
  }
  if (o->mqtt_password.size() > 65535) {
    return Bad("--mqtt_password: the password is too long, expected at most 65535 bytes");
  }
  if (!o->mqtt_password.empty() && o->mqtt_username.empty() && o->mqtt_version != "5") {
    return Bad("--mqtt_password: expected --mqtt_username with it (MQTT 3.1.1 needs both)");
  }
  return absl::OkStatus();
}

absl::Status CompleteClientId(ServiceOptions* o) {
  // With a state directory it is kept there.
  if (!o->mqtt_client_id.empty() || !o->state_dir.empty()) return absl::OkStatus();
  if (!o->mqtt_persist_session) {
    o->mqtt_client_id = RandomClientId();
    return absl::OkStatus();
  }
  char name[HOST_NAME_MAX + 1] = {};
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') {
    return Bad("--mqtt_client_id: missing, expected one since this machine has no host name");
  }
  o->mqtt_client_id = HostClientId(name);
  return absl::OkStatus();
}

// In MQTT 65535 bytes, five of which are the connection's own.
constexpr size_t kMaxRequestsClientId = 65530;

absl::Status CheckClientId(const ServiceOptions& o) {
  if (!o.mqtt_persist_session ||
      RequestsClientId(o.mqtt_client_id).size() <= kMaxRequestsClientId) {
    return absl::OkStatus();
  }
  return Bad(
      "--mqtt_client_id: the id is too long, expected room for -requests-0000 behind it in 65535 "
      "bytes");
}

// Beside its streams a client has calls that wait for an answer.
constexpr int kUnaryCalls = 500;

}  // namespace

absl::Status CompleteOptions(const std::set<std::string>& given, ServiceOptions* options) {
  if (absl::Status status = CheckTogether(*options); !status.ok()) return status;
  if (options->mqtt_cert_reqs == "CERT_NONE") options->mqtt_allow_untrusted = true;
  if (absl::Status status = CompletePassword(options); !status.ok()) return status;
  if (given.count("mqtt_websocket_path") != 0 && !options->mqtt_use_websocket) {
    return Bad("--mqtt_websocket_path: expected --mqtt_use_websocket with it");
  }
  if (given.count("max_calls_per_connection") == 0) {
    options->max_calls_per_connection = options->max_streams + kUnaryCalls;
  }
  if (given.count("mqtt_port") == 0 && options->mqtt_force_unsecure) options->mqtt_port = 1883;
  for (const char* name : {"uplink_retention", "uplink_max_bytes", "uplink_sync"}) {
    if (given.count(name) != 0 && options->state_dir.empty()) {
      return Bad(absl::StrCat("--", name, ": expected --state_dir with it"));
    }
  }
  if (!options->state_dir.empty()) {
    if (given.count("mqtt_persist_session") == 0) options->mqtt_persist_session = true;
    if (given.count("uplink_linger") == 0) options->uplink_linger = options->uplink_retention;
  }
  if (absl::Status status = CheckClientId(*options); !status.ok()) return status;
  return CompleteClientId(options);
}

std::vector<std::string> OptionWarnings(const ServiceOptions& options) {
  std::vector<std::string> warnings;
  if (options.mqtt_allow_untrusted) {
    warnings.push_back(
        absl::StrCat(options.mqtt_cert_reqs == "CERT_NONE" ? "--mqtt_cert_reqs CERT_NONE"
                                                           : "--mqtt_allow_untrusted",
                     ": the broker's certificate is not checked, anybody on the way can read and "
                     "change what the network says"));
  }
  if (options.mqtt_force_unsecure && !options.mqtt_password.empty()) {
    warnings.push_back("--mqtt_force_unsecure: the broker's password is sent without encryption");
  }
  for (const std::string& address : options.listen) {
    if (options.tls_cert.empty() && !IsLocalAddress(address)) {
      warnings.push_back(absl::StrCat("--listen: ", address,
                                      " is open to other machines without TLS, anybody who reaches "
                                      "it controls the network"));
    } else if (options.tls_client_ca.empty() && !IsLocalAddress(address)) {
      warnings.push_back(absl::StrCat("--listen: ", address,
                                      " is open to other machines without --tls_client_ca, anybody "
                                      "who reaches it controls the network"));
    }
  }
  return warnings;
}

}  // namespace wirepas_grpc::service
