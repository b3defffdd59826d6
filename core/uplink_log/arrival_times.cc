// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/arrival_times.h"

#include <algorithm>

namespace wirepas_grpc::core {

ArrivalTimes::ArrivalTimes(uint64_t version, const std::vector<WallStretch>& stretches,
                           absl::Time now)
    : version_(version), ahead_(stretches.front().high) {
  if (stretches.size() > 1) steps_.emplace(stretches, now);
}

absl::Time ArrivalTimes::Of(absl::Time moment) const {
  const absl::Time wall = steps_.has_value() ? steps_->Name(moment) : moment + ahead_;
  return absl::FromUnixMicros(std::max<int64_t>(absl::ToUnixMicros(wall), 0));
}

}  // namespace wirepas_grpc::core
