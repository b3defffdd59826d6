// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_LISTEN_SOCKET_H_
#define WIREPAS_GRPC_SERVICE_LISTEN_SOCKET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/unix_socket.h"

namespace wirepas_grpc::service {

// The sockets that listen at one address: several where a name has several addresses.
class ListenSocket {
 public:
  // `address` as ParseListenAddress() gives it: host:port, [ipv6]:port or unix:/path. Any
  // IPv4 address (0.0.0.0) and any IPv6 address ([::]) mean those of both families. All
  // addresses of a name must be free; those that this host does not have are left out, unless
  // it has none of them. `access` is for Unix sockets. The error names the address and says
  // why.
  static absl::StatusOr<std::unique_ptr<ListenSocket>> Open(const std::string& address,
                                                            const UnixSocket::Access& access);
  ~ListenSocket();
  ListenSocket(const ListenSocket&) = delete;
  ListenSocket& operator=(const ListenSocket&) = delete;

  // They listen, do not block and are closed on exec. Stay this object's.
  const std::vector<int>& fds() const { return fds_; }
  // As it was given, with the port that was picked where it was 0.
  const std::string& address() const { return address_; }

 private:
  ListenSocket() = default;

  absl::Status OpenTcp(const std::string& address);
  absl::Status OpenUnix(const std::string& address, const UnixSocket::Access& access);

  std::string address_;
  std::vector<int> fds_;
  std::unique_ptr<UnixSocket> unix_socket_;  // then its descriptor is the one
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_LISTEN_SOCKET_H_
