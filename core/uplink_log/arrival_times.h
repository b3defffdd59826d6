// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_ARRIVAL_TIMES_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_ARRIVAL_TIMES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "core/uplink_log/wall_times.h"

namespace wirepas_grpc::core {

// What to call the moments of the log's clock at which packets came, as the wall clock is known by
// now: for many of them, without a lock. A time that it gives leads to its packet when it is
// sought, see WallTimes::Name(). A value; cheap as long as the wall clock was not set.
class ArrivalTimes {
 public:
  // `version` is another one when the stretches are.
  ArrivalTimes(uint64_t version, const std::vector<WallStretch>& stretches, absl::Time now);

  // Two of the same version give the same times. Not 0.
  uint64_t version() const { return version_; }

  // In whole microseconds, from 1970 on.
  absl::Time Of(absl::Time moment) const;

 private:
  uint64_t version_;
  absl::Duration ahead_;             // of the only stretch
  std::optional<WallTimes> steps_;  // nothing: there is but one stretch
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_ARRIVAL_TIMES_H_
