// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/arrival_times.h"

#include <algorithm>

namespace wirepas_grpc::core {

ArrivalTimes::ArrivalTimes(uint64_t version, const std::vector<WallStretch>& stretches)
    : version_(version), ahead_(stretches.back().high) {
  // How late it is does not matter for moments that are over.
  if (stretches.size() > 1) {
    steps_ = std::make_shared<const WallTimes>(stretches, absl::InfiniteFuture());
  }
}

absl::Time ArrivalTimes::Of(absl::Time moment) const {
  absl::Time wall = moment + ahead_;
  if (steps_ != nullptr && steps_->Find(wall) != moment) {
    wall = steps_->Name(moment);
    ahead_ = wall - moment;
  }
  return absl::FromUnixMicros(std::max<int64_t>(absl::ToUnixMicros(wall), 0));
}

}  // namespace wirepas_grpc::core
