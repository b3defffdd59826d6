// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_UNIX_ACCEPTOR_H_
#define WIREPAS_GRPC_SERVICE_UNIX_ACCEPTOR_H_

#include <memory>
#include <thread>

#include "grpcpp/server_builder.h"
#include "service/unix_socket.h"

namespace wirepas_grpc::service {

// Hands the connections that a Unix socket takes to a gRPC server: gRPC's own listener would
// take the path over from whoever listens there.
class UnixAcceptor {
 public:
  using ServerSide = std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor>;

  UnixAcceptor(std::unique_ptr<UnixSocket> socket, ServerSide server);
  // Takes no more connections; those taken are the server's. The socket goes.
  ~UnixAcceptor();
  UnixAcceptor(const UnixAcceptor&) = delete;
  UnixAcceptor& operator=(const UnixAcceptor&) = delete;

  // Once the server runs.
  void Start();

 private:
  void Run();

  const std::unique_ptr<UnixSocket> socket_;
  const ServerSide server_;
  const int stop_;  // an eventfd
  std::thread thread_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_UNIX_ACCEPTOR_H_
