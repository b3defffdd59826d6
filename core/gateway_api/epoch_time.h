// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_GATEWAY_API_EPOCH_TIME_H_
#define WIREPAS_GRPC_CORE_GATEWAY_API_EPOCH_TIME_H_

#include <cstdint>

#include "absl/time/time.h"

namespace wirepas_grpc::core {

// The last moment that a Timestamp can tell, 9999-12-31T23:59:59Z, in milliseconds since 1970.
inline constexpr uint64_t kMaxEpochMs = 253402300799000;

// A moment in the header of a message, in milliseconds since 1970. InfinitePast: 0, which is not
// told, or more than a Timestamp can tell.
inline absl::Time TimeOfEpochMs(uint64_t time_ms) {
  if (time_ms == 0 || time_ms > kMaxEpochMs) return absl::InfinitePast();
  return absl::FromUnixMillis(static_cast<int64_t>(time_ms));
}

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_GATEWAY_API_EPOCH_TIME_H_
