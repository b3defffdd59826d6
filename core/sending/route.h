// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SENDING_ROUTE_H_
#define WIREPAS_GRPC_CORE_SENDING_ROUTE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/nodes/sink_names.h"
#include "core/sending/network_sinks.h"

namespace wirepas_grpc::core {

// The most sinks that one message goes through: there is a result of each in its response.
inline constexpr size_t kMaxRouteSinks = 1000;

// Where a message goes that is for a network, not for a sink.
struct Destination {
  uint32_t network_address = 0;
  uint32_t address = 0;         // of a node, a multicast group, any sink, or every node
  bool all_if_unheard = false;  // through all sinks when none heard the node
};

// Whether the address is not one node's: such a message goes through all sinks.
bool IsForMany(uint32_t address);

// What was heard of a node.
struct HeardBy {
  std::vector<SinkNamePtr> sinks;  // that heard it, the last first
  // Since when all packets of the network are heard. Nothing: they have not been asked for, or the
  // broker has not granted it.
  std::optional<absl::Time> since;
};

// Through which sinks the message goes: the one that heard the node last, of those whose gateway is
// not offline and which have not changed to another network; for a sink's own address that sink;
// for many all sinks of the network whose gateway is not offline.
//   NOT_FOUND            no such sink heard the node, or the network has no sink that is known
//   UNAVAILABLE          the gateways of all its sinks are offline, or that of the sink whose own
//                        address it is
//   RESOURCE_EXHAUSTED   all sinks are more than kMaxRouteSinks
// Each has its reason, and the network and the node as facts.
absl::StatusOr<Route> FindRoute(const Destination& destination, const NetworkSinks& sinks,
                                const HeardBy& heard);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SENDING_ROUTE_H_
