// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_PROCESS_METRICS_H_
#define WIREPAS_GRPC_SERVICE_PROCESS_METRICS_H_

#include "service/metric_families.h"

namespace wirepas_grpc::service {

// What the system says of this process, under the names that Prometheus' client libraries have in
// common, and the build. Reads /proc: what cannot be read, as without descriptors, is left out.
void AddProcessMetrics(MetricFamilies* families);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_PROCESS_METRICS_H_
