// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_GATEWAY_METRICS_H_
#define WIREPAS_GRPC_SERVICE_GATEWAY_METRICS_H_

#include "core/network/network.h"
#include "service/metric_families.h"

namespace wirepas_grpc::service {

// What is known of gateways and networks, in all and one by one. Those beyond
// --metrics_max_gateways are one, whose label is "other".
void AddGatewayMetrics(core::Network* network, MetricFamilies* families);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_GATEWAY_METRICS_H_
