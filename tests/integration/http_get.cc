// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/http_get.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::integration {
namespace {

constexpr timeval kTimeout = {30, 0};

absl::StatusOr<std::string> Exchange(int fd, int port, const std::string& request) {
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof(kTimeout));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(request.size())) {
    return absl::UnavailableError(absl::StrCat("no HTTP server on port ", port));
  }
  std::string answer;
  char buffer[8192];
  while (true) {
    const ssize_t count = recv(fd, buffer, sizeof(buffer), 0);
    if (count < 0) return absl::DeadlineExceededError("HTTP: no answer");
    if (count == 0) return answer;
    answer.append(buffer, static_cast<size_t>(count));
  }
}

}  // namespace

absl::StatusOr<std::string> HttpGet(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  absl::StatusOr<std::string> answer = Exchange(
      fd, port,
      absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
  close(fd);
  return answer;
}

}  // namespace wirepas_grpc::integration
