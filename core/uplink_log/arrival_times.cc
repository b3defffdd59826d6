// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/arrival_times.h"

#include <algorithm>

namespace wirepas_grpc::core {

ArrivalTimes::ArrivalTimes(uint64_t version, const std::vector<WallStretch>& stretches)
    : version_(version), ahead_(stretches.back().ahead) {
  if (stretches.size() == 1) return;
  // What the wall clock may have been ahead at most is for finding moments, not for naming them:
  // a time is then found up to as much too early.
  std::vector<WallStretch> named = stretches;
  for (WallStretch& stretch : named) stretch.high = stretch.ahead;
  // How late it is does not matter for moments that are over.
  steps_ = std::make_shared<const WallTimes>(named, absl::InfiniteFuture());
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
