// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_ARRIVAL_TIMES_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_ARRIVAL_TIMES_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "core/uplink_log/wall_times.h"

namespace wirepas_grpc::core {

// What to call the moments of the log's clock at which packets came, as the wall clock is known by
// now, within kTolerance: for many of them, without a lock. A time that it gives leads to
// its packet, or to what came up to that tolerance before it, when it is sought. A value, cheap to
// copy; for one thread at a time.
class ArrivalTimes {
 public:
  // `version` is another one when the stretches are.
  ArrivalTimes(uint64_t version, const std::vector<WallStretch>& stretches);

  // Two of the same version tell the same. Not 0.
  uint64_t version() const { return version_; }

  // In whole microseconds, from 1970 on. For one moment after the other it costs less.
  absl::Time Of(absl::Time moment) const;

 private:
  // As LogClock's.
  static constexpr absl::Duration kTolerance = absl::Milliseconds(10);

  // Whether `moment`, or one up to the tolerance before it, is found by `wall`.
  bool LeadsTo(absl::Time moment, absl::Time wall) const;

  uint64_t version_;
  std::shared_ptr<const WallTimes> shown_;  // gives names; null: there is but one stretch
  std::shared_ptr<const WallTimes> found_;  // finds what they mean; likewise
  mutable absl::Duration ahead_;            // of that stretch, or of the moment before
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_ARRIVAL_TIMES_H_
