// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_TCP_LISTENER_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_TCP_LISTENER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wirepas_grpc {

// A port of 127.0.0.1. The kernel takes its connections: a black hole, unless somebody
// accepts them.
class TcpListener {
 public:
  TcpListener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd_, generic, sizeof(address)) == 0 && listen(fd_, 100) == 0 &&
        getsockname(fd_, generic, &length) == 0) {
      port_ = ntohs(address.sin_port);
    }
  }
  ~TcpListener() { close(fd_); }
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  // 0: it could not listen.
  int port() const { return port_; }
  int fd() const { return fd_; }

  // Waits for a connection and returns its socket, which is the caller's.
  int Accept() { return accept(fd_, nullptr, nullptr); }

 private:
  const int fd_;
  int port_ = 0;
};

}  // namespace wirepas_grpc

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_TCP_LISTENER_H_
