// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_PROGRESS_INTERVAL_H_
#define WIREPAS_GRPC_API_CONVERT_PROGRESS_INTERVAL_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/call/errors.h"
#include "api/convert/time.h"

namespace wirepas_grpc::api {

inline constexpr absl::Duration kMinProgressInterval = absl::Seconds(1);
inline constexpr absl::Duration kMaxProgressInterval = absl::Hours(1);

// How long a stream may be quiet, of the field progress_interval that the requests of streams
// have. Infinite when it is unset. INVALID_ARGUMENT, naming the field.
template <typename Request>
absl::StatusOr<absl::Duration> ParseProgressInterval(const Request& request) {
  if (!request.has_progress_interval()) return absl::InfiniteDuration();
  const absl::StatusOr<absl::Duration> interval =
      FromProto("progress_interval", request.progress_interval());
  if (!interval.ok()) return interval.status();
  if (*interval >= kMinProgressInterval && *interval <= kMaxProgressInterval) return *interval;
  return InvalidField("progress_interval", "must be between 1 s and 1 hour");
}

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_PROGRESS_INTERVAL_H_
