// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SENDING_OUTCOMES_H_
#define WIREPAS_GRPC_CORE_SENDING_OUTCOMES_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "core/directory/sink_scope.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::core {

// What came of a message at one of its sinks.
struct SinkOutcome {
  SinkPath sink;
  RequestOutcome outcome;
};

// Of sinks that all failed, one at least: the first of which it is least certain that nothing was
// carried out. What came of the message as a whole is no more certain than that.
size_t LeastCertain(const std::vector<SinkOutcome>& failed);

// The status of that one, whose message names the others too, the first few of them.
absl::Status StatusOfFailed(const std::vector<SinkOutcome>& failed, size_t least_certain);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SENDING_OUTCOMES_H_
