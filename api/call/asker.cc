// SPDX-License-Identifier: Apache-2.0
#include "api/call/asker.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace wirepas_grpc::api {

core::AskerPtr AskerOf(core::Network* network, const grpc::CallbackServerContext& context) {
  return network->tracker().places().Named(AskerName(context.peer()));
}

std::string AskerName(absl::string_view peer) {
  if (absl::StartsWith(peer, "unix")) return "Unix sockets";
  const bool is_ip = absl::ConsumePrefix(&peer, "ipv4:") || absl::ConsumePrefix(&peer, "ipv6:");
  if (!is_ip) return std::string(peer);
  // gRPC escapes what a URI does not allow: the brackets, and the sign before a scope.
  std::string address =
      absl::StrReplaceAll(peer.substr(0, peer.rfind(':')),
                          {{"%5B", ""}, {"%5D", ""}, {"%25", "%"}, {"[", ""}, {"]", ""}});
  if (absl::StartsWith(address, "127.") || address == "::1") return "loopback";
  return address;
}

core::RequestLimit LimitOf(core::AskerPtr asker, absl::Duration timeout) {
  core::RequestLimit limit = timeout;
  limit.asker = std::move(asker);
  return limit;
}

}  // namespace wirepas_grpc::api
