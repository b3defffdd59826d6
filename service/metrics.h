// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_METRICS_H_
#define WIREPAS_GRPC_SERVICE_METRICS_H_

#include <string>
#include <vector>

#include "api/call/delivery.h"
#include "core/mqtt/broker_options.h"
#include "core/network/message_queues.h"
#include "core/network/network.h"
#include "core/nodes/collector.h"
#include "core/otap/node_status_collector.h"
#include "service/call_metrics.h"
#include "service/certificate_metrics.h"
#include "service/connection_table.h"
#include "service/durable_state.h"
#include "service/liveness.h"
#include "service/metric_families.h"

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
  const CallMetrics* calls = nullptr;
  const api::Delivery* delivery = nullptr;
  const Liveness* liveness = nullptr;
  std::vector<CertificateFile> certificates = {};
  std::string state_dir = {};  // empty: no state is wanted
};

// What the daemon counts, read from core when somebody asks: nothing is kept here.
class NetworkMetrics {
 public:
  explicit NetworkMetrics(const MetricsSources& sources) : sources_(sources) {}
  MetricFamilies Collect() const;

 private:
  const MetricsSources sources_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_METRICS_H_
