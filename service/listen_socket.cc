// SPDX-License-Identifier: Apache-2.0
#include "service/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace wirepas_grpc::service {
namespace {

constexpr char kUnixPrefix[] = "unix:";
// What the kernel makes smaller if the system says so (net.core.somaxconn).
constexpr int kTcpBacklog = 4096;
// A peer that acknowledges nothing for so long is gone: as long as a keep-alive ping waits.
constexpr unsigned kUserTimeoutMs = 20 * 1000;

struct Endpoint {
  sockaddr_storage address = {};
  socklen_t size = 0;
};

absl::Status ErrnoStatus(int error) { return absl::UnavailableError(std::strerror(error)); }

in_port_t* PortOf(Endpoint* endpoint) {
  return endpoint->address.ss_family == AF_INET
             ? &reinterpret_cast<sockaddr_in*>(&endpoint->address)->sin_port
             : &reinterpret_cast<sockaddr_in6*>(&endpoint->address)->sin6_port;
}

bool IsAny(const Endpoint& endpoint) {
  if (endpoint.address.ss_family == AF_INET) {
    return reinterpret_cast<const sockaddr_in&>(endpoint.address).sin_addr.s_addr == INADDR_ANY;
  }
  const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(endpoint.address);
  return IN6_IS_ADDR_UNSPECIFIED(&ipv6.sin6_addr) != 0;
}

Endpoint Any(int family, in_port_t port) {
  Endpoint any;
  any.address.ss_family = static_cast<sa_family_t>(family);
  any.size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  *PortOf(&any) = port;  // the rest is zero, which is any
  return any;
}

absl::StatusOr<std::vector<Endpoint>> Resolve(const std::string& host, const std::string& port) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return absl::UnavailableError(gai_strerror(error));
  }
  std::vector<Endpoint> endpoints;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    Endpoint endpoint;
    endpoint.size = each->ai_addrlen;
    std::memcpy(&endpoint.address, each->ai_addr, each->ai_addrlen);
    const bool known = std::any_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& other) {
      return other.size == endpoint.size &&
             std::memcmp(&other.address, &endpoint.address, endpoint.size) == 0;
    });
    if (!known) endpoints.push_back(endpoint);
  }
  freeaddrinfo(found);
  return endpoints;
}

bool SetUp(int fd, const Endpoint& endpoint) {
  const int on = 1;
  const int off = 0;
  // What connections inherit; none of it is worth failing for.
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof(kUserTimeoutMs));
  // Connections of an instance before are no reason to fail; one that listens is.
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) return false;
  return endpoint.address.ss_family != AF_INET6 ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, IsAny(endpoint) ? &off : &on, sizeof(on)) == 0;
}

// The descriptor, or an errno below zero.
int Listen(Endpoint* endpoint) {
  const int family = endpoint->address.ss_family;
  const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  auto* const generic = reinterpret_cast<sockaddr*>(&endpoint->address);
  if (SetUp(fd, *endpoint) && bind(fd, generic, endpoint->size) == 0 &&
      listen(fd, kTcpBacklog) == 0 && getsockname(fd, generic, &endpoint->size) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  return -error;
}

bool NotOfThisHost(int error) { return error == EADDRNOTAVAIL || error == EAFNOSUPPORT; }

}  // namespace

absl::StatusOr<std::unique_ptr<ListenSocket>> ListenSocket::Open(const std::string& address,
                                                                 const UnixSocket::Access& access) {
  std::unique_ptr<ListenSocket> made(new ListenSocket);
  const bool is_unix = absl::StartsWith(address, kUnixPrefix);
  const absl::Status status = is_unix ? made->OpenUnix(address, access) : made->OpenTcp(address);
  if (status.ok()) return made;
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", status.message()));
}

ListenSocket::~ListenSocket() {
  if (unix_socket_ != nullptr) return;
  for (const int fd : fds_) close(fd);
}

absl::Status ListenSocket::OpenUnix(const std::string& address, const UnixSocket::Access& access) {
  auto socket = UnixSocket::Listen(std::string(absl::StripPrefix(address, kUnixPrefix)), access);
  if (!socket.ok()) return socket.status();
  unix_socket_ = *std::move(socket);
  fds_ = {unix_socket_->fd()};
  address_ = address;
  return absl::OkStatus();
}

absl::Status ListenSocket::OpenTcp(const std::string& address) {
  const size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  const bool brackets = absl::StartsWith(host, "[");
  auto endpoints =
      Resolve(brackets ? host.substr(1, host.size() - 2) : host, address.substr(colon + 1));
  if (!endpoints.ok()) return endpoints.status();
  const bool any = std::any_of(endpoints->begin(), endpoints->end(), IsAny);
  // Of the two, IPv6 takes the connections of both families, if the host has it.
  if (any) {
    const in_port_t port = *PortOf(&endpoints->front());
    endpoints = std::vector<Endpoint>{Any(AF_INET6, port), Any(AF_INET, port)};
  }
  in_port_t port = 0;  // in network order; the one that was picked, for the others too
  for (Endpoint& endpoint : *endpoints) {
    if (port != 0) *PortOf(&endpoint) = port;
    const int fd = Listen(&endpoint);
    if (fd < 0 && !NotOfThisHost(-fd)) return ErrnoStatus(-fd);
    if (fd < 0) continue;
    fds_.push_back(fd);
    port = *PortOf(&endpoint);
    if (any) break;
  }
  if (fds_.empty()) return ErrnoStatus(EADDRNOTAVAIL);
  address_ = absl::StrCat(host, ":", ntohs(port));
  return absl::OkStatus();
}

}  // namespace wirepas_grpc::service
