// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_DAEMON_H_
#define WIREPAS_GRPC_SERVICE_DAEMON_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "api/app_config/service.h"
#include "api/call/bounded_service.h"
#include "api/network/service.h"
#include "api/nodes/service.h"
#include "api/otap/service.h"
#include "core/base/executor.h"
#include "core/base/scheduler.h"
#include "core/mqtt/broker_client.h"
#include "core/mqtt/broker_options.h"
#include "core/network/network.h"
#include "core/nodes/collector.h"
#include "core/otap/node_status_collector.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "service/call_metrics.h"
#include "service/connection_table.h"
#include "service/durable_state.h"
#include "service/health.h"
#include "service/listener.h"
#include "service/liveness.h"
#include "service/memory_trimmer.h"
#include "service/operator_pages.h"
#include "service/options.h"
#include "service/stream_probe.h"

namespace wirepas_grpc::service {

// The whole process but for main(): core towards the broker, api towards gRPC,
// and what operators want beside. Start() and Stop() once each, from one thread.
class Daemon {
 public:
  explicit Daemon(const ServiceOptions& options);
  ~Daemon();

  // Listens and starts connecting to the broker, which need not be there. Fails
  // with a line that names the option when it cannot listen.
  absl::Status Start();

  // Ends streams that read with UNAVAILABLE, begins nothing new, gives what is under way
  // `shutdown_grace` to end by itself, less a second, or a quarter of it, and ends the rest.
  // Clients have two seconds to take the ends; then it leaves the broker, which takes a second
  // at most.
  void Stop();

  // Both between Start() and Stop(), from any thread; neither waits. Whether the process works,
  // whatever its broker does, and where it listens and what its broker does, in a line.
  bool alive() const { return liveness_->alive(); }
  std::string Status();

 private:
  void RestoreState();
  absl::Status StartServer();
  void StopServing();
  absl::Status Listen();
  void WatchLiveness();
  absl::Status StartPages();
  // Why it is not connected; empty: it is.
  std::string BrokerFailure();
  std::vector<OperatorPages::Check> Readiness();

  const ServiceOptions options_;
  // In the order of construction: each may use what stands above it. Stop() ends
  // the threads before anything is destroyed.
  core::Executor executor_;
  core::ThreadScheduler scheduler_;
  std::unique_ptr<DurableState> state_;  // null: memory only
  core::BrokerFaults broker_faults_;
  const std::unique_ptr<core::BrokerClient> broker_;
  core::Network network_;
  core::NodeCollector nodes_;
  core::NodeStatusCollector node_status_;
  api::NetworkServiceImpl network_service_;
  api::NodeServiceImpl node_service_;
  api::OtapServiceImpl otap_service_;
  api::AppConfigServiceImpl app_config_service_;
  CallMetrics call_metrics_;
  StreamProbe stream_probe_;
  ConnectionTable connections_;
  // What gRPC gets of the services.
  api::RequestMemory request_memory_;
  api::BoundedService bounded_network_service_{&network_service_, &request_memory_};
  api::BoundedService bounded_node_service_{&node_service_, &request_memory_};
  api::BoundedService bounded_otap_service_{&otap_service_, &request_memory_};
  api::BoundedService bounded_app_config_service_{&app_config_service_, &request_memory_};
  Listener listener_;
  std::unique_ptr<MemoryTrimmer> memory_trimmer_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<HealthReporter> health_;
  std::unique_ptr<Liveness> liveness_;
  std::unique_ptr<OperatorPages> pages_;
  bool network_started_ = false;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_DAEMON_H_
