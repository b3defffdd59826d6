// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CALL_COUNTER_H_
#define WIREPAS_GRPC_SERVICE_CALL_COUNTER_H_

#include "grpcpp/support/server_interceptor.h"
#include "service/connection_table.h"

namespace wirepas_grpc::service {

// Tells a ConnectionTable of every call, also of those that are refused, unknown or gRPC's own.
class CallCounterFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  // `connections` outlives the server.
  explicit CallCounterFactory(ConnectionTable* connections) : connections_(connections) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override;

 private:
  ConnectionTable* const connections_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CALL_COUNTER_H_
