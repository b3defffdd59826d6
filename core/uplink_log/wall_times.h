// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_WALL_TIMES_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_WALL_TIMES_H_

#include <cstddef>
#include <vector>

#include "absl/time/time.h"

namespace wirepas_grpc::core {

// From a moment of the log's clock on the wall clock was so far ahead of it.
struct WallStretch {
  absl::Time begin;
  absl::Duration ahead;   // at its begin
  absl::Duration high;    // the most that it may have been since
  bool new_boot = false;  // the machine was off before; for how long is not known
};

// What times of the wall clock mean, now that it is known how it went on. A wall clock may
// have been wrong, and only later does it show:
//
//  - ahead for a while and put back, not behind where it was before: it takes the later
//    offset, as if nothing had been;
//  - behind where it had been already, and later put forward: likewise. So of a machine that
//    starts in 1970 and learns the time later;
//  - anything else stays as it was shown.
//
// What is in doubt is taken so that a moment is found too early, never too late: nor is it
// found after the moment since which the wall clock has not been before the time. A value.
class WallTimes {
 public:
  // Stretches in their order, one at least; the first one also stands for all before it.
  WallTimes(const std::vector<WallStretch>& stretches, absl::Time now);

  // The moment from which on to look for what came at `wall` or later. Of a time that was
  // shown more than once, the first; of one that was leapt over, what it would have been,
  // had the wall clock been put forward earlier, but not before the machine's start; one
  // that is still to come is a moment still to come, unless the wall clock has fallen back
  // behind what it showed before.
  absl::Time Find(absl::Time wall) const;
  // The last time of the wall clock of which Find() makes this moment; when there is none,
  // one of which it makes an earlier one.
  absl::Time Name(absl::Time moment) const;

 private:
  struct Run {
    absl::Time begin;
    absl::Duration ahead;
    bool new_boot;
  };

  void Add(Run next);
  // Whether the last run went ahead of, or fell behind, the one before it.
  bool LeaptAhead() const;
  bool FellBehind() const;
  absl::Time Begin(size_t run) const { return runs_[run].begin + runs_[run].ahead; }
  absl::Time End(size_t run) const;  // by the wall clock, exclusive
  // Since when it has not been before `wall`, as it was shown.
  absl::Time ShownSince(absl::Time wall) const;
  absl::Time FindCorrected(absl::Time wall) const;
  absl::Time LeaptOver(size_t run, absl::Time wall) const;
  absl::Time NotShownYet(absl::Time wall) const;

  const absl::Time now_;
  std::vector<Run> shown_;
  std::vector<Run> runs_;  // what they come to
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_WALL_TIMES_H_
