// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/arrival_times.h"

#include <algorithm>

namespace wirepas_grpc::core {
namespace {

// How late it is does not matter for moments that are over.
std::shared_ptr<const WallTimes> TimesOf(const std::vector<WallStretch>& stretches) {
  return std::make_shared<const WallTimes>(stretches, absl::InfiniteFuture());
}

// As the wall clock showed them, without what it may have been ahead besides.
std::vector<WallStretch> AsShown(std::vector<WallStretch> stretches) {
  for (WallStretch& stretch : stretches) stretch.high = stretch.ahead;
  return stretches;
}

}  // namespace

ArrivalTimes::ArrivalTimes(uint64_t version, const std::vector<WallStretch>& stretches)
    : version_(version), ahead_(stretches.back().ahead) {
  if (stretches.size() == 1) return;
  shown_ = TimesOf(AsShown(stretches));
  found_ = TimesOf(stretches);
}

absl::Time ArrivalTimes::Of(absl::Time moment) const {
  if (found_ != nullptr && !LeadsTo(moment, moment + ahead_)) {
    absl::Time wall = shown_->Name(moment);
    if (found_->Find(wall) > moment) wall = found_->Name(moment);
    ahead_ = wall - moment;
  }
  return absl::FromUnixMicros(std::max<int64_t>(absl::ToUnixMicros(moment + ahead_), 0));
}

bool ArrivalTimes::LeadsTo(absl::Time moment, absl::Time wall) const {
  const absl::Time found = found_->Find(wall);
  return found <= moment && found >= moment - kTolerance;
}

}  // namespace wirepas_grpc::core
