// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_TRAFFIC_GAP_H_
#define WIREPAS_GRPC_CORE_TRAFFIC_GAP_H_

#include <cstdint>
#include <optional>

namespace wirepas_grpc::core {

// Why entries are missing from what a reader of a log gets.
enum class GapReason {
  kSlowReader,          // the reader fell behind the oldest entry kept
  kCursorExpired,       // its start is older than the oldest entry kept
  kServiceRestarted,    // its cursor is from another run of the service
  kBrokerDisconnected,  // cut off from the broker, which kept nothing for us meanwhile
  kNotSubscribed,       // nobody wanted traffic, so none was taken from the broker
  kStorageLoss,         // the state on disk was damaged or lost its end, or had no room
  kLast = kStorageLoss,
};

struct Gap {
  GapReason reason = GapReason::kSlowReader;
  // Entries, whether or not the reader wanted them. 0: none; the marker only takes a
  // number in the log, and readers are not told.
  std::optional<uint64_t> lost;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_TRAFFIC_GAP_H_
