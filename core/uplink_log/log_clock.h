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
#include "core/uplink_log/arrival_times.h"
#include "core/uplink_log/wall_times.h"

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
// set, by kTolerance or more, and when the machine was off. What is made of them: WallTimes.
//
// Thread-safe.
class LogClock {
 public:
  // The wall clock and the monotonic one, read one after the other, seem this far apart
  // without being so; steps below it are not worth a stretch.
  static constexpr absl::Duration kTolerance = absl::Milliseconds(10);
  // Above it, the one that differs least from the one before it is taken together with it.
  static constexpr size_t kMaxStretches = 256;

  // The machine, for what lies between two runs.
  struct Machine {
    std::string boot_id;  // see SameBoot()
    // Null: CLOCK_BOOTTIME. One that cannot be read is InfiniteDuration().
    std::function<absl::Duration()> since_boot;
  };

  // Begins at the wall clock's time. `scheduler` outlives the clock.
  explicit LogClock(Scheduler* scheduler);

  // Goes on from `state`, which Save() gave to an earlier run ("": none did), and not
  // before `last`, when the last entry came (nothing: there is none). False: `state` tells
  // nothing, so it is not known what was counted before; it goes on from `last`. `unsaved`:
  // what may have passed between `state` and the last entry, where `last` does not tell.
  bool Resume(absl::string_view state, std::optional<absl::Time> last, const Machine& machine,
              absl::Duration unsaved = absl::ZeroDuration());
  // What a later run needs to go on. Opaque; some 150 bytes, and 25 for each stretch.
  std::string Save(const Machine& machine) const;
  // Changes whenever Save() gives something that is not only later.
  size_t changes() const;

  // The time of this clock; notes on the way where the wall clock is.
  absl::Time Now();

  // The moment of this clock from which on to look for what came at a time of the wall clock
  // or later, and the last time that leads to a moment: see WallTimes.
  absl::Time Find(absl::Time wall);
  absl::Time Name(absl::Time moment);
  // What to call many moments, and the version of what it gives now.
  ArrivalTimes Names();
  uint64_t names_version();
  // What a wall clock that is right now would have shown at a moment of this run.
  absl::Time Shown(absl::Time moment) const;

  // Nobody looks for moments before that.
  void ForgetBefore(absl::Time moment);

 private:
  absl::Time NowLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Begins a stretch at `now`, unless the wall clock is where it is expected to be.
  void Note(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Begin(absl::Time begin, absl::Duration ahead, bool new_boot)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What a state tells: the stretches, and whether it was saved on this start of the machine.
  bool Parse(absl::string_view state, const Machine& machine, bool* same_boot)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Scheduler* const scheduler_;

  mutable Mutex mutex_;
  // It showed `anchor_` at `anchored_`.
  absl::Time anchor_ ABSL_GUARDED_BY(mutex_);
  Instant anchored_ ABSL_GUARDED_BY(mutex_);
  std::vector<WallStretch> stretches_ ABSL_GUARDED_BY(mutex_);
  size_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t version_ ABSL_GUARDED_BY(mutex_) = 1;               // of the stretches, see ArrivalTimes
  std::optional<ArrivalTimes> names_ ABSL_GUARDED_BY(mutex_);  // made last
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_LOG_CLOCK_H_
