// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/broker_socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::sim {

namespace {

const addrinfo* InTurn(const addrinfo* addresses, size_t attempt) {
  size_t count = 0;
  for (const addrinfo* a = addresses; a != nullptr; a = a->ai_next) ++count;
  const addrinfo* address = addresses;
  for (size_t i = attempt % count; i > 0; --i) address = address->ai_next;
  return address;
}

}  // namespace

int OpenBrokerSocket(const BrokerAddress& broker, size_t attempt, std::string* reason) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* addresses = nullptr;
  const int result =
      getaddrinfo(broker.hostname.c_str(), absl::StrCat(broker.port).c_str(), &hints, &addresses);
  if (result != 0) {
    *reason = gai_strerror(result);
    return -1;
  }
  const addrinfo* address = InTurn(addresses, attempt);
  int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
      const int error = errno;
      close(fd);
      fd = -1;
      errno = error;
    }
  }
  if (fd < 0) *reason = strerror(errno);
  freeaddrinfo(addresses);
  return fd;
}

}  // namespace wirepas_grpc::sim
