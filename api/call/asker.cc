// SPDX-License-Identifier: Apache-2.0
#include "api/call/asker.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace wirepas_grpc::api {
namespace {

// Of IPv6 the network, as a host has all addresses of it.
std::string NetworkOf(const std::string& address) {
  in6_addr parsed;
  if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1) return address;
  if (IN6_IS_ADDR_LINKLOCAL(&parsed) || IN6_IS_ADDR_V4MAPPED(&parsed)) return address;
  std::memset(&parsed.s6_addr[8], 0, 8);
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &parsed, text, sizeof(text));
  return absl::StrCat(text, "/64");
}

}  // namespace

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
  return NetworkOf(address);
}

core::RequestLimit LimitOf(core::AskerPtr asker, absl::Duration timeout) {
  core::RequestLimit limit = timeout;
  limit.asker = std::move(asker);
  return limit;
}

}  // namespace wirepas_grpc::api
