// SPDX-License-Identifier: Apache-2.0
#include "service/socket_info.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/tcp.h>  // its tcp_info has what the other's lacks
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::service {
namespace {

constexpr int kManyBytes = 1 << 30;

std::string Text(int family, const void* address) {
  char text[INET6_ADDRSTRLEN] = {};
  return inet_ntop(family, address, text, sizeof(text)) != nullptr ? text : "?";
}

Peer Ipv4Peer(const in_addr& address, in_port_t port) {
  Peer peer;
  peer.address = Text(AF_INET, &address);
  peer.name = absl::StrCat("ipv4:", peer.address, ":", ntohs(port));
  peer.local = (ntohl(address.s_addr) >> 24) == 127;
  return peer;
}

Peer Ipv6Peer(const sockaddr_in6& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
    in_addr mapped;
    std::memcpy(&mapped, &address.sin6_addr.s6_addr[12], sizeof(mapped));
    return Ipv4Peer(mapped, address.sin6_port);
  }
  Peer peer;
  const std::string text = Text(AF_INET6, &address.sin6_addr);
  peer.local = IN6_IS_ADDR_LOOPBACK(&address.sin6_addr) != 0;
  peer.address = text;
  if (!peer.local && !IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr)) {
    in6_addr network = address.sin6_addr;
    std::memset(&network.s6_addr[8], 0, 8);
    peer.address = absl::StrCat(Text(AF_INET6, &network), "/64");
  }
  // The name is a URI: brackets and the percent sign before a zone are escaped.
  const std::string zone =
      address.sin6_scope_id == 0 ? "" : absl::StrCat("%25", address.sin6_scope_id);
  peer.name = absl::StrCat("ipv6:%5B", text, zone, "%5D:", ntohs(address.sin6_port));
  return peer;
}

// Up to megabytes are there that the owner would still read.
void ThrowAwayWhatCame(int fd) {
  constexpr int kMostParts = 1000;  // more than any buffer of the system holds
  char buffer[64 << 10];
  for (int i = 0; i < kMostParts; ++i) {
    if (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT | MSG_TRUNC) <= 0) return;
  }
}

std::optional<uint64_t> UnixBytesRead(int fd) {
  int left = -1;
  socklen_t size = sizeof(left);
  // Other sockets have none, or one below 0.
  if (getsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &left, &size) != 0 || left < 0) return std::nullopt;
  const int read = INT_MAX - left;
  if (read > kManyBytes) CountBytesRead(fd);
  return static_cast<uint64_t>(read);
}

}  // namespace

// Where a MSG_PEEK would begin comes closer with all that is read.
void CountBytesRead(int fd) {
  int domain = 0;
  socklen_t size = sizeof(domain);
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_UNIX) return;
  const int far = INT_MAX;
  (void)setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &far, sizeof(far));
}

std::optional<SocketId> IdOf(int fd) {
  struct stat found = {};
  if (fstat(fd, &found) != 0) return std::nullopt;
  return SocketId{found.st_dev, found.st_ino};
}

bool ShutDownSocket(int fd, const SocketId& id) {
  if (IdOf(fd) != id) return false;
  // Between a look and the deed the descriptor may become another's. A duplicate cannot.
  const int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return false;
  const bool same = IdOf(duplicate) == id;
  if (same) {
    shutdown(duplicate, SHUT_RDWR);
    ThrowAwayWhatCame(duplicate);
  }
  close(duplicate);
  return same;
}

std::optional<uint64_t> BytesRead(int fd) {
  int unread = 0;
  if (ioctl(fd, FIONREAD, &unread) != 0 || unread < 0) unread = 0;
  tcp_info info = {};
  socklen_t size = sizeof(info);
  constexpr size_t kEnd = offsetof(tcp_info, tcpi_bytes_received) + sizeof(uint64_t);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return UnixBytesRead(fd);
  if (size < kEnd) return std::nullopt;
  const uint64_t received = info.tcpi_bytes_received;
  return received - std::min(received, static_cast<uint64_t>(unread));
}

Peer PeerOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
    return Ipv4Peer(ipv4.sin_addr, ipv4.sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return Ipv6Peer(reinterpret_cast<const sockaddr_in6&>(address));
  }
  Peer peer;
  peer.address = "unix";
  peer.local = true;
  return peer;
}

}  // namespace wirepas_grpc::service
