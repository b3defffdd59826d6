// SPDX-License-Identifier: Apache-2.0
#include "service/call_counter.h"

#include <utility>

#include "grpcpp/server_context.h"

namespace wirepas_grpc::service {
namespace {

// Lives as long as gRPC keeps what belongs to the call.
class CallCounter final : public grpc::experimental::Interceptor {
 public:
  explicit CallCounter(ConnectionTable::CallPtr call) : call_(std::move(call)) {}
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    methods->Proceed();
  }

 private:
  const ConnectionTable::CallPtr call_;
};

}  // namespace

grpc::experimental::Interceptor* CallCounterFactory::CreateServerInterceptor(
    grpc::experimental::ServerRpcInfo* info) {
  ConnectionTable::CallPtr call = connections_->BeginCall(info->server_context()->peer());
  return call == nullptr ? nullptr : new CallCounter(std::move(call));
}

}  // namespace wirepas_grpc::service
