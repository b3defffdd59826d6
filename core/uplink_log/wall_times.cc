// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/wall_times.h"

#include <algorithm>
#include <optional>

namespace wirepas_grpc::core {

WallTimes::WallTimes(const std::vector<WallStretch>& stretches, absl::Time now) : now_(now) {
  for (const WallStretch& stretch : stretches) {
    shown_.push_back({stretch.begin, stretch.high, stretch.new_boot});
    Add(shown_.back());
  }
}

bool WallTimes::LeaptAhead() const {
  return runs_.size() > 1 && runs_.back().ahead > runs_[runs_.size() - 2].ahead;
}

bool WallTimes::FellBehind() const {
  return runs_.size() > 1 && runs_.back().ahead < runs_[runs_.size() - 2].ahead;
}

void WallTimes::Add(Run next) {
  // Put back on one start of the machine: it was ahead for a while.
  while (!next.new_boot && LeaptAhead() && next.ahead < runs_.back().ahead) {
    Run& last = runs_.back();
    if (last.new_boot || next.ahead >= runs_[runs_.size() - 2].ahead) {
      last.ahead = next.ahead;
      return;
    }
    runs_.pop_back();
  }
  // Put forward: it was behind for a while.
  while (FellBehind() && next.ahead > runs_.back().ahead) {
    const Run last = runs_.back();
    runs_.pop_back();
    // Of a start of the machine that is over, in which the wall clock fell back: which of the
    // two was right is not known, and the earlier one errs early.
    if (next.new_boot && !last.new_boot) continue;
    next.begin = last.begin;
    next.new_boot = last.new_boot;
  }
  runs_.push_back(next);
}

absl::Time WallTimes::End(size_t run) const {
  const absl::Time end = run + 1 < runs_.size() ? runs_[run + 1].begin : now_;
  return end + runs_[run].ahead;
}

absl::Time WallTimes::Find(absl::Time wall) const {
  return std::min(FindCorrected(wall), ShownSince(wall));
}

absl::Time WallTimes::ShownSince(absl::Time wall) const {
  size_t i = shown_.size() - 1;
  while (i > 0 && shown_[i].begin + shown_[i].ahead >= wall) --i;
  const absl::Time moment = wall - shown_[i].ahead;
  return i + 1 < shown_.size() ? std::min(moment, shown_[i + 1].begin) : moment;
}

absl::Time WallTimes::FindCorrected(absl::Time wall) const {
  for (size_t i = 0; i < runs_.size(); ++i) {
    if (Begin(i) <= wall && wall < End(i)) return wall - runs_[i].ahead;
  }
  for (size_t i = 1; i < runs_.size(); ++i) {
    if (End(i - 1) <= wall && wall < Begin(i)) return LeaptOver(i, wall);
  }
  if (wall >= End(runs_.size() - 1)) return NotShownYet(wall);
  return wall - runs_.front().ahead;
}

absl::Time WallTimes::LeaptOver(size_t run, absl::Time wall) const {
  if (runs_[run].new_boot) return runs_[run].begin;
  const absl::Time moment = wall - runs_[run].ahead;
  size_t boot = run;
  while (boot > 0 && !runs_[boot].new_boot) --boot;
  return boot == 0 ? moment : std::max(moment, runs_[boot].begin);
}

absl::Time WallTimes::NotShownYet(absl::Time wall) const {
  const size_t last = runs_.size() - 1;
  absl::Time first = wall - runs_[last].ahead;
  for (size_t i = 0; i < last; ++i) {
    if (End(i) <= End(last) || End(i) > wall || Begin(i + 1) >= End(i)) continue;
    // It fell behind the end of this one, and may be wrong since.
    const absl::Time begin = runs_[i + 1].begin;
    first = std::min(first, runs_[i + 1].new_boot ? begin : std::max(begin, wall - runs_[i].ahead));
  }
  return first;
}

absl::Time WallTimes::Name(absl::Time moment) const {
  std::optional<absl::Time> exact;
  std::optional<absl::Time> early;
  for (const Run& run : runs_) {
    const absl::Time wall = moment + run.ahead;
    const absl::Time found = Find(wall);
    if (found == moment) exact = std::max(exact.value_or(wall), wall);
    if (found <= moment) early = std::max(early.value_or(wall), wall);
  }
  if (exact.has_value()) return *exact;
  return early.value_or(moment + runs_.front().ahead);
}

}  // namespace wirepas_grpc::core
