// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CORE_OPTIONS_H_
#define WIREPAS_GRPC_SERVICE_CORE_OPTIONS_H_

#include <memory>

#include "core/base/scheduler.h"
#include "core/mqtt/broker_client.h"
#include "core/mqtt/broker_options.h"
#include "core/network/network.h"
#include "core/nodes/collector.h"
#include "core/otap/node_status_collector.h"
#include "service/durable_state.h"
#include "service/options.h"

namespace wirepas_grpc::service {

// What the service's options mean for core. `state` is null without durable state, and outlives
// what is made with it, as all that is given does.

// Not connected yet. `faults` gets what goes wrong with the broker.
std::unique_ptr<core::BrokerClient> MakeBrokerClient(const ServiceOptions& options,
                                                     const DurableState* state,
                                                     core::Scheduler* scheduler,
                                                     core::BrokerFaults* faults);

core::Network::Options NetworkOptionsOf(const ServiceOptions& options, DurableState* state);
core::NodeCollector::Options NodeOptionsOf(const ServiceOptions& options);
core::NodeStatusCollector::Options NodeStatusOptionsOf(const ServiceOptions& options);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CORE_OPTIONS_H_
