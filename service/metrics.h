// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_METRICS_H_
#define WIREPAS_GRPC_SERVICE_METRICS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/mqtt/broker_options.h"
#include "core/network/message_queues.h"
#include "core/network/network.h"
#include "core/nodes/collector.h"
#include "core/otap/node_status_collector.h"
#include "prometheus/collectable.h"
#include "service/connection_table.h"
#include "service/durable_state.h"
#include "service/page_server.h"

namespace wirepas_grpc::service {

// Where the numbers come from. All outlive the metrics.
struct MetricsSources {
  core::Network* network = nullptr;
  core::NodeCollector* nodes = nullptr;
  core::NodeStatusCollector* node_status = nullptr;
  const core::BrokerFaults* broker_faults = nullptr;
  const DurableState* state = nullptr;  // may be null
  const core::MessageQueues* messages = nullptr;
  ConnectionTable* connections = nullptr;
};

// What the daemon counts, read from core when somebody asks: nothing is kept here.
class NetworkMetrics final : public prometheus::Collectable {
 public:
  explicit NetworkMetrics(const MetricsSources& sources) : sources_(sources) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const MetricsSources sources_;
};

// Serves /metrics over HTTP in Prometheus' text format. Whoever connects and does nothing, or
// does it slowly, delays no scrape: see PageServer.
class MetricsServer {
 public:
  // `address` is host:port; port 0 picks a free one. Fails when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address,
                                                              const MetricsSources& sources);

  // Where it listens, with the port that was picked.
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::unique_ptr<PageServer> server_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_METRICS_H_
