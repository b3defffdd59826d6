// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_HEALTH_H_
#define WIREPAS_GRPC_SERVICE_HEALTH_H_

#include <optional>
#include <string>
#include <vector>

#include "core/base/mutex.h"
#include "core/network/broker_monitor.h"
#include "grpcpp/health_check_service_interface.h"

namespace wirepas_grpc::service {

// The name under which the health service tells whether the process works, whatever its broker
// does: see Liveness. All other names tell whether it is ready.
inline constexpr char kLivenessService[] = "liveness";

// Keeps the gRPC health service (grpc.health.v1) in step with the connection to
// the broker: the server as a whole and each named service are SERVING while it is
// up, and NOT_SERVING otherwise; kLivenessService as it is told. Thread-safe.
class HealthReporter {
 public:
  // Both outlive the reporter, and the executor behind `broker` is stopped before
  // it is destroyed.
  HealthReporter(grpc::HealthCheckServiceInterface* health, core::BrokerMonitor* broker,
                 std::vector<std::string> services);

  // Reports the state now and from now on.
  void Start();

  // Does not wait.
  void SetAlive(bool alive);

  // NOT_SERVING for good, but for liveness: the daemon shuts down.
  void Stop();

 private:
  void Report();
  void ReportReady(bool ready);

  grpc::HealthCheckServiceInterface* const health_;
  core::BrokerMonitor* const broker_;
  const std::vector<std::string> services_;

  core::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<core::WaitId> wait_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_HEALTH_H_
