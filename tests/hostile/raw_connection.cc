// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/raw_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/base/instant.h"

namespace wirepas_grpc::hostile {
namespace {

constexpr size_t kPart = 256 << 10;

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

// What is ready within the time; 0: nothing.
int Await(int fd, int events, absl::Duration left) {
  pollfd watched = {fd, static_cast<short>(events), 0};
  const int64_t ms = std::clamp<int64_t>(absl::ToInt64Milliseconds(left), 0, 60'000);
  return poll(&watched, 1, static_cast<int>(ms) + 1) > 0 ? watched.revents : 0;
}

// Bytes thrown away; below zero: the connection has ended.
ssize_t ThrowAway(int fd) {
  char buffer[64 << 10];
  const ssize_t got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
  if (got < 0 && WouldBlock()) return 0;
  return got == 0 ? -1 : got;
}

}  // namespace

RawConnection::RawConnection(const std::string& unix_path)
    : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (fd_ >= 0 && connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(std::exchange(fd_, -1));
  }
}

RawConnection::RawConnection(int port, bool ipv6)
    : fd_(socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_storage address = {};
  if (ipv6) {
    auto& loopback = reinterpret_cast<sockaddr_in6&>(address);
    loopback.sin6_family = AF_INET6;
    loopback.sin6_addr = in6addr_loopback;
    loopback.sin6_port = htons(static_cast<in_port_t>(port));
  } else {
    auto& loopback = reinterpret_cast<sockaddr_in&>(address);
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    loopback.sin_port = htons(static_cast<in_port_t>(port));
  }
  const socklen_t size = ipv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (fd_ >= 0 && connect(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0) {
    close(std::exchange(fd_, -1));
  }
}

RawConnection::~RawConnection() {
  if (fd_ >= 0) close(fd_);
}

RawConnection::RawConnection(RawConnection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

size_t RawConnection::Send(absl::string_view bytes, absl::Duration bound, bool reading) {
  const core::Instant end = core::Instant::Now() + bound;
  size_t sent = 0;
  while (fd_ >= 0 && sent < bytes.size() && core::Instant::Now() < end) {
    const absl::string_view part = bytes.substr(sent, kPart);
    const ssize_t took = send(fd_, part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (took < 0 && !WouldBlock()) break;
    if (took > 0) sent += static_cast<size_t>(took);
    if (reading && ThrowAway(fd_) < 0) break;
    if (took <= 0) Await(fd_, reading ? POLLOUT | POLLIN : POLLOUT, end - core::Instant::Now());
  }
  return sent;
}

std::string RawConnection::Receive(absl::Duration bound, size_t max_bytes) {
  const core::Instant end = core::Instant::Now() + bound;
  std::string received;
  char buffer[16 << 10];
  while (fd_ >= 0 && received.size() < max_bytes && core::Instant::Now() < end) {
    if (Await(fd_, POLLIN, end - core::Instant::Now()) == 0) continue;
    const size_t room = std::min(sizeof(buffer), max_bytes - received.size());
    const ssize_t got = recv(fd_, buffer, room, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && !WouldBlock())) break;
    if (got > 0) received.append(buffer, static_cast<size_t>(got));
  }
  return received;
}

bool RawConnection::AwaitEnd(absl::Duration bound) {
  const core::Instant end = core::Instant::Now() + bound;
  while (fd_ >= 0 && core::Instant::Now() < end) {
    Await(fd_, POLLIN, end - core::Instant::Now());
    if (ThrowAway(fd_) < 0) return true;
  }
  return fd_ < 0;
}

void RawConnection::KeepReceiveBufferSmall() {
  const int size = 4096;
  (void)setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

}  // namespace wirepas_grpc::hostile
