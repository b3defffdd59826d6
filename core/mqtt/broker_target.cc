// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/broker_target.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "core/mqtt/tls_context.h"

namespace wirepas_grpc::core {

std::string BrokerEndpoint(const BrokerOptions& options) {
  const bool ipv6 = options.host.find(':') != std::string::npos;
  return ipv6 ? absl::StrCat("[", options.host, "]:", options.port)
              : absl::StrCat(options.host, ":", options.port);
}

BrokerTargetFinder::BrokerTargetFinder(const BrokerOptions& options)
    : options_(options), resolver_(options.host, options.port) {}

std::variant<BrokerTarget, ConnectFailure> BrokerTargetFinder::Find(uint32_t attempt) {
  const std::optional<HostLookup> lookup = resolver_.Resolve(options_.connect_timeout);
  if (!lookup.has_value()) {
    return ConnectFailure{DisconnectReason::kTimeout,
                          absl::StrCat("looking up ", options_.host, " takes longer than ",
                                       absl::FormatDuration(options_.connect_timeout))};
  }
  if (lookup->error != 0) {
    return ClassifyResolverError(lookup->error, lookup->system_error, options_.host);
  }
  if (options_.use_tls) {
    if (const auto context = MakeSslContext(options_); !context.ok()) {
      return ConnectFailure{DisconnectReason::kTls, std::string(context.status().message())};
    }
  }
  // TLS and WebSockets need the name, of which Paho takes the first address.
  const bool by_name = options_.use_tls || options_.use_websocket;
  BrokerTarget target;
  target.address = lookup->addresses[by_name ? 0 : attempt % lookup->addresses.size()];
  target.uri = Uri(target.address);
  return target;
}

std::string BrokerTargetFinder::Uri(const HostAddress& address) const {
  // Paho resolves names while it holds its lock, so it gets none where it can do
  // without.
  if (!options_.use_tls && !options_.use_websocket) return absl::StrCat("tcp://", address.text);
  const std::string endpoint = BrokerEndpoint(options_);
  if (!options_.use_websocket) return absl::StrCat("ssl://", endpoint);
  const std::string& path = options_.websocket_path;
  return absl::StrCat(options_.use_tls ? "wss://" : "ws://", endpoint,
                      path.empty() || path[0] == '/' ? "" : "/", path);
}

}  // namespace wirepas_grpc::core
