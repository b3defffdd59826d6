// SPDX-License-Identifier: Apache-2.0
#include "service/call_counter.h"

#include <utility>

#include "grpcpp/server_context.h"

namespace wirepas_grpc::service {
namespace {

// Lives as long as gRPC keeps what belongs to the call.
class CallCounter final : public grpc::experimental::Interceptor {
 public:
  CallCounter(ConnectionTable::CallPtr call, const grpc::CallbackServerContext* context)
      : context_(context), call_(std::move(call)) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    using Hook = grpc::experimental::InterceptionHookPoints;
    if (context_ != nullptr && methods->QueryInterceptionHookPoint(Hook::POST_RECV_CLOSE) &&
        context_->IsCancelled()) {
      call_->NoteCancelled();
    }
    methods->Proceed();
  }

 private:
  const grpc::CallbackServerContext* const context_;
  const ConnectionTable::CallPtr call_;
};

}  // namespace

grpc::experimental::Interceptor* CallCounterFactory::CreateServerInterceptor(
    grpc::experimental::ServerRpcInfo* info) {
  grpc::ServerContextBase* const context = info->server_context();
  ConnectionTable::CallPtr call = connections_->BeginCall(context->peer());
  if (call == nullptr) return nullptr;
  // Those of services with a thread for each call would have to wait to know whether they are
  // cancelled; there are few.
  return new CallCounter(std::move(call), dynamic_cast<grpc::CallbackServerContext*>(context));
}

}  // namespace wirepas_grpc::service
