// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_OPERATOR_PAGES_H_
#define WIREPAS_GRPC_SERVICE_OPERATOR_PAGES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/liveness.h"
#include "service/metrics.h"
#include "service/page_server.h"

namespace wirepas_grpc::service {

// What operators and their machines look at over HTTP:
//   /metrics  in Prometheus' text format
//   /livez    200 while the process works, whatever its broker does: see Liveness
//   /readyz   200 while it is of use: the broker is connected and it does not shut down
// The last two name each check in a line and answer 503 when one fails. Whoever connects and does
// nothing, or does it slowly, delays nobody: see PageServer.
class OperatorPages {
 public:
  struct Check {
    std::string name;
    std::string failure;  // empty: it is well
  };

  struct Sources {
    MetricsSources metrics;
    const Liveness* liveness = nullptr;
    std::function<std::vector<Check>()> readiness;  // thread-safe
  };

  // `address` is host:port; port 0 picks a free one. Fails when it cannot listen there. What the
  // sources name outlives the pages.
  static absl::StatusOr<std::unique_ptr<OperatorPages>> Start(const std::string& address,
                                                              const Sources& sources);

  // Where it listens, with the port that was picked.
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::unique_ptr<PageServer> server_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_OPERATOR_PAGES_H_
