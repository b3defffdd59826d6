// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_LOG_CLOCK_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_LOG_CLOCK_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"

namespace wirepas_grpc::core {

// The clock of the uplink log: when entries came, and so how old they are. It counts the
// time that is known to have passed, and nothing else:
//
//  - within a run, what the monotonic clock counts;
//  - between two runs on one start of the machine, what the machine's own clock counted
//    (CLOCK_BOOTTIME, which goes on while it sleeps);
//  - of the time while the machine was off, nothing: only the wall clock tells how long
//    that was, and it may be wrong.
//
// So it never goes backwards and never jumps, whatever the wall clock does. A new log
// begins with the wall clock's time; from there on the two differ more and more, by what
// was not counted and by every step of the wall clock.
//
// People name times by the wall clock. To find these the clock keeps stretches: from which
// moment of its own on the wall clock was how far ahead. One ends when the wall clock is
// set, by kTolerance or more, and when the machine was off. The rule for a time that
// somebody names: the moment since which the wall clock has not been before it. So of a
// wall clock that was ahead for a while and was put right nothing stays: times before and
// after are found as if it had not been.
//
// Thread-safe.
class LogClock {
 public:
  // The wall clock and the monotonic one, read one after the other, seem this far apart
  // without being so; steps below it are not worth a stretch.
  static constexpr absl::Duration kTolerance = absl::Milliseconds(10);
  // Above it, the stretch goes that differs least from the one before it.
  static constexpr size_t kMaxStretches = 256;

  // The machine, for what lies between two runs.
  struct Machine {
    std::string boot_id;                         // see SameBoot()
    std::function<absl::Duration()> since_boot;  // null: CLOCK_BOOTTIME
  };

  // Begins at the wall clock's time. `scheduler` outlives the clock.
  explicit LogClock(Scheduler* scheduler);

  // Goes on from `state`, which Save() gave to an earlier run ("": none did), and not
  // before `last`, when the last entry came (nothing: there is none). False: `state` tells
  // nothing, so it is not known what was counted before; it goes on from `last`.
  bool Resume(absl::string_view state, std::optional<absl::Time> last, const Machine& machine);
  // What a later run needs to go on. Opaque; some 50 bytes, and 16 for each stretch.
  std::string Save(const Machine& machine) const;
  // Changes whenever Save() gives something that is not only later.
  size_t changes() const;

  // The time of this clock; notes on the way where the wall clock is.
  absl::Time Now();

  // The first moment of this clock from which on the wall clock was never before `wall`
  // again. One that is still to come if it is before that now.
  absl::Time Find(absl::Time wall);
  // What the wall clock showed at a moment of this clock.
  absl::Time WallTime(absl::Time moment) const;

  // Nobody looks for moments before that.
  void ForgetBefore(absl::Time moment);

 private:
  struct Stretch {
    absl::Time begin;      // by this clock
    absl::Duration ahead;  // the wall clock
  };

  absl::Time NowLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Begins a stretch, unless the wall clock is where it is expected to be.
  void Note(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Begin(absl::Time begin, absl::Duration ahead) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Parse(absl::string_view state, const Machine& machine) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Scheduler* const scheduler_;

  mutable Mutex mutex_;
  // It showed `anchor_` at `anchored_`.
  absl::Time anchor_ ABSL_GUARDED_BY(mutex_);
  Instant anchored_ ABSL_GUARDED_BY(mutex_);
  // In their order, one at least; the first one also stands for all before it.
  std::vector<Stretch> stretches_ ABSL_GUARDED_BY(mutex_);
  size_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_LOG_CLOCK_H_
