// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SINKS_CHANGE_RUN_H_
#define WIREPAS_GRPC_CORE_SINKS_CHANGE_RUN_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "core/network/network.h"
#include "core/sinks/change.h"
#include "core/sinks/fan_out.h"

namespace wirepas_grpc::core {

// How long each sink has by default to take a change, as network_service.proto states it.
inline constexpr absl::Duration kChangeLimit = absl::Seconds(5);
// How many sinks are changed at a time by default.
inline constexpr size_t kChangedAtOnce = 16;

struct PlannedChange {
  ScopedSink sink;  // whose status is OK
  SinkRequest request;
};

struct ChangeOptions {
  size_t max_concurrent = kChangedAtOnce;
  absl::Duration sink_limit = kChangeLimit;         // of each sink, from its turn on
  absl::Duration limit = absl::InfiniteDuration();  // of all of it
  AskerPtr asker = nullptr;                         // see RequestLimit
};

// Sends changes, in their order and some at a time. One that fails does not keep the others from
// being sent. `result` gets the outcome of each, by its index, and then `end` is called, both on
// the executor, `result` perhaps on several threads at once. Sinks whose turn did not come before
// SinkFanOut::Stop() or Network::EndRequests() fail with CANCELLED or UNAVAILABLE.
SinkFanOut::Ptr SendChanges(Network* network, std::vector<PlannedChange> changes,
                            const ChangeOptions& options,
                            std::function<void(size_t index, const RequestOutcome&)> result,
                            std::function<void()> end);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SINKS_CHANGE_RUN_H_
