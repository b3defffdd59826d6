// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_BROKER_H_
#define WIREPAS_GRPC_API_CONVERT_BROKER_H_

#include "api/call/namespaces.h"
#include "core/network/broker_monitor.h"
#include "wirepas/mesh/v1/broker.pb.h"

namespace wirepas_grpc::api {

mesh::BrokerState ToProto(const core::BrokerState& state);

// With the first of the subscriptions that are impaired, as many as the API has.
mesh::BrokerState ToProto(const core::BrokerMonitor::Versioned& current);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_BROKER_H_
