// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_METRICS_H_
#define WIREPAS_GRPC_SERVICE_METRICS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/network/network.h"
#include "prometheus/collectable.h"
#include "prometheus/exposer.h"
#include "service/durable_state.h"

namespace wirepas_grpc::service {

// What the daemon counts, read from core when somebody asks: nothing is kept here.
class NetworkMetrics final : public prometheus::Collectable {
 public:
  // `state` may be null.
  NetworkMetrics(core::Network* network, const DurableState* state)
      : network_(network), state_(state) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  core::Network* const network_;
  const DurableState* const state_;
};

// Serves /metrics over HTTP in Prometheus' text format.
class MetricsServer {
 public:
  // `address` is host:port. Fails when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address,
                                                              core::Network* network,
                                                              const DurableState* state);

 private:
  std::shared_ptr<NetworkMetrics> metrics_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_METRICS_H_
