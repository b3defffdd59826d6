// SPDX-License-Identifier: Apache-2.0
#include "service/unix_acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace wirepas_grpc::service {
namespace {

// After an accept() for which there was no descriptor or memory.
constexpr int kPauseMs = 100;

}  // namespace

UnixAcceptor::UnixAcceptor(std::unique_ptr<UnixSocket> socket, ServerSide server)
    : socket_(std::move(socket)),
      server_(std::move(server)),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

UnixAcceptor::~UnixAcceptor() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    while (write(stop_, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
    thread_.join();
  }
  close(stop_);
}

void UnixAcceptor::Start() {
  thread_ = std::thread([this] { Run(); });
}

void UnixAcceptor::Run() {
  pollfd watched[] = {{stop_, POLLIN, 0}, {socket_->fd(), POLLIN, 0}};
  while (true) {
    if (poll(watched, 2, -1) < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) return;
    if (watched[1].revents == 0) continue;
    const int fd = accept4(socket_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
      connection.listener_fd = socket_->fd();
      connection.fd = fd;
      server_->HandleNewConnection(&connection);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      poll(watched, 1, kPauseMs);
    }
  }
}

}  // namespace wirepas_grpc::service
