// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CALL_OBSERVER_H_
#define WIREPAS_GRPC_SERVICE_CALL_OBSERVER_H_

#include "core/base/log_limiter.h"
#include "grpcpp/support/server_interceptor.h"
#include "service/call_metrics.h"
#include "service/connection_table.h"

namespace wirepas_grpc::service {

// Sees every call, also those that are refused, unknown or gRPC's own: counts it, tells the
// table of connections of it, and logs its end at level debug, with the caller's traceparent
// (W3C Trace Context, section 3.2) if that is a valid one. Ends that are a defect of this
// service, Internal and Unknown, are logged as warnings, at a bounded rate.
class CallObserverFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  // Both outlive the server.
  CallObserverFactory(ConnectionTable* connections, CallMetrics* metrics)
      : connections_(connections), metrics_(metrics) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override;

 private:
  ConnectionTable* const connections_;
  CallMetrics* const metrics_;
  core::LogLimiter defects_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CALL_OBSERVER_H_
