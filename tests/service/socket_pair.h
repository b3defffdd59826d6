// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SERVICE_SOCKET_PAIR_H_
#define WIREPAS_GRPC_TESTS_SERVICE_SOCKET_PAIR_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "tests/support/tcp_listener.h"

namespace wirepas_grpc {

// A connection within the process.
class SocketPair {
 public:
  ~SocketPair() {
    close(client_);
    if (server_ >= 0) close(server_);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;

  int client() const { return client_; }
  int server() const { return server_; }

  void CloseServer() { close(std::exchange(server_, -1)); }

  // Sends that and takes it out at the other end.
  void FromClient(const std::string& bytes) {
    size_t sent = 0;
    char buffer[16 << 10];
    while (sent < bytes.size()) {
      const ssize_t took = send(client_, bytes.data() + sent,
                                std::min(sizeof(buffer), bytes.size() - sent), MSG_NOSIGNAL);
      if (took <= 0) return;
      sent += static_cast<size_t>(took);
      for (ssize_t left = took; left > 0;) {
        const ssize_t got = recv(server_, buffer, static_cast<size_t>(left), 0);
        if (got <= 0) return;
        left -= got;
      }
    }
  }

  // The server's side has been ended, or something came from it.
  bool EndedForClient() const { return Await(0); }
  bool EndsForClient() const { return Await(10'000); }

 protected:
  SocketPair() = default;
  int client_ = -1;
  int server_ = -1;

 private:
  bool Await(int ms) const {
    pollfd watched = {client_, POLLIN, 0};
    return poll(&watched, 1, ms) > 0;
  }
};

class TcpPair final : public SocketPair {
 public:
  TcpPair() {
    client_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    TcpListener listener;
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<in_port_t>(listener.port()));
    if (connect(client_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
      server_ = listener.Accept();
    }
  }
};

class UnixPair final : public SocketPair {
 public:
  UnixPair() {
    int ends[2] = {-1, -1};
    (void)socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
    client_ = ends[0];
    server_ = ends[1];
  }
};

}  // namespace wirepas_grpc

#endif  // WIREPAS_GRPC_TESTS_SERVICE_SOCKET_PAIR_H_
