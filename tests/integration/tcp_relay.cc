// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/tcp_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/status/status.h"

namespace wirepas_grpc::integration {
namespace {

using core::MutexLock;

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// What `from` has is written to `to`, waiting if need be. False: an end.
bool Copy(int from, int to) {
  char buffer[65536];
  const ssize_t count = recv(from, buffer, sizeof(buffer), 0);
  if (count <= 0) return false;
  for (ssize_t sent = 0; sent < count;) {
    const ssize_t written =
        send(to, buffer + sent, static_cast<size_t>(count - sent), MSG_NOSIGNAL);
    if (written <= 0) return false;
    sent += written;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TcpRelay>> TcpRelay::Start(int target_port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof(address);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      listen(listener, 16) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    close(listener);
    return absl::UnavailableError("the relay cannot listen");
  }
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return std::unique_ptr<TcpRelay>(
      new TcpRelay(listener, wake_fd, ntohs(address.sin_port), target_port));
}

TcpRelay::TcpRelay(int listener, int wake_fd, int port, int target_port)
    : listener_(listener),
      wake_fd_(wake_fd),
      port_(port),
      target_port_(target_port),
      thread_([this] { Run(); }) {}

TcpRelay::~TcpRelay() {
  {
    MutexLock lock(&mutex_);
    stop_ = true;
  }
  eventfd_write(wake_fd_, 1);
  thread_.join();
  close(listener_);
  close(wake_fd_);
}

void TcpRelay::BreakConnections() {
  {
    MutexLock lock(&mutex_);
    break_ = true;
  }
  eventfd_write(wake_fd_, 1);
}

void TcpRelay::SetDown(bool down) {
  {
    MutexLock lock(&mutex_);
    down_ = down;
    break_ |= down;
  }
  eventfd_write(wake_fd_, 1);
}

void TcpRelay::SetStalled(bool stalled) {
  {
    MutexLock lock(&mutex_);
    stalled_ = stalled;
  }
  eventfd_write(wake_fd_, 1);
}

void TcpRelay::Run() {
  std::vector<Pair> pairs;
  while (Step(&pairs)) {
  }
  for (const Pair& pair : pairs) {
    close(pair.client);
    close(pair.target);
  }
}

bool TcpRelay::Step(std::vector<Pair>* pairs) {
  bool stalled;
  {
    MutexLock lock(&mutex_);
    stalled = stalled_;
  }
  // poll() passes over what is negative.
  std::vector<pollfd> fds = {{wake_fd_, POLLIN, 0}, {stalled ? -1 : listener_, POLLIN, 0}};
  for (const Pair& pair : *pairs) {
    fds.push_back({stalled ? -1 : pair.client, POLLIN, 0});
    fds.push_back({stalled ? -1 : pair.target, POLLIN, 0});
  }
  poll(fds.data(), fds.size(), -1);
  eventfd_t ignored;
  eventfd_read(wake_fd_, &ignored);
  bool break_all;
  {
    MutexLock lock(&mutex_);
    if (stop_) return false;
    break_all = break_;
    break_ = false;
  }
  std::vector<Pair> kept;
  for (size_t i = 0; i < pairs->size(); ++i) {
    const Pair& pair = (*pairs)[i];
    const bool from_client = fds[2 + 2 * i].revents != 0;
    const bool from_target = fds[3 + 2 * i].revents != 0;
    if (!break_all && (!from_client || Copy(pair.client, pair.target)) &&
        (!from_target || Copy(pair.target, pair.client))) {
      kept.push_back(pair);
    } else {
      close(pair.client);
      close(pair.target);
    }
  }
  *pairs = std::move(kept);
  if (fds[1].revents != 0) Accept(pairs);
  return true;
}

void TcpRelay::Accept(std::vector<Pair>* pairs) {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  bool down;
  {
    MutexLock lock(&mutex_);
    down = down_;
  }
  const int target = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_port_);
  if (down || connect(target, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(client);
    close(target);
    return;
  }
  pairs->push_back({client, target});
}

}  // namespace wirepas_grpc::integration
