// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/log_clock.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "core/uplink_log/last_end.h"
#include "core/uplink_log/record.h"

namespace wirepas_grpc::core {
namespace {

// Save(): byte 0: 2, the version of this form; then numbers of 8 bytes, big-endian, times
// in microseconds: this clock's time, the time since the boot, how many stretches there
// are; of each its begin, how far ahead the wall clock was, at its begin and at most, and a
// byte: 1 when the machine was off before; the rest is the boot id.
constexpr char kClockVersion = 2;

// As fine as entries are stamped on disk.
constexpr absl::Duration kGrain = absl::Microseconds(1);

// Of a thread that is put aside between two looks at clocks.
constexpr int kMostLooks = 5;

absl::Duration SinceBoot() {
  struct timespec time;
  if (clock_gettime(CLOCK_BOOTTIME, &time) != 0) return absl::InfiniteDuration();
  return absl::DurationFromTimespec(time);
}

absl::Duration SinceBootOf(const LogClock::Machine& machine) {
  return machine.since_boot != nullptr ? machine.since_boot() : SinceBoot();
}

void AppendNumber(int64_t number, std::string* out) {
  const UplinkKey bytes(static_cast<uint64_t>(number));
  out->append(absl::string_view(bytes).data(), absl::string_view(bytes).size());
}

// Takes a number from the front. False: there is none.
bool TakeNumber(absl::string_view* bytes, int64_t* number) {
  const std::optional<uint64_t> taken = ParseUplinkKey(bytes->substr(0, 8));
  if (!taken.has_value()) return false;
  bytes->remove_prefix(8);
  *number = static_cast<int64_t>(*taken);
  return true;
}

}  // namespace

LogClock::LogClock(Scheduler* scheduler)
    : scheduler_(scheduler), anchor_(scheduler->Now()), anchored_(scheduler->MonotonicNow()) {
  stretches_.push_back({anchor_, absl::ZeroDuration(), absl::ZeroDuration()});
}

bool LogClock::Resume(absl::string_view state, std::optional<absl::Time> last,
                      const Machine& machine, absl::Duration unsaved) {
  MutexLock lock(&mutex_);
  anchored_ = scheduler_->MonotonicNow();
  bool same_boot = false;
  const bool known = Parse(state, machine, &same_boot);
  if (!known) anchor_ = last.has_value() ? *last : scheduler_->Now();
  if (known && !same_boot) anchor_ += unsaved;
  // A grain later, so that the last entry is not of the stretch that begins now.
  if (last.has_value()) anchor_ = std::max(anchor_, *last + kGrain);
  // Entries from before are taken as stamped by the wall clock.
  if (!known) stretches_ = {{anchor_, absl::ZeroDuration(), absl::ZeroDuration()}};
  ++version_;
  if (same_boot || (!known && !last.has_value())) {
    Note(anchor_);
  } else {
    Begin(anchor_, scheduler_->Now() - anchor_, /*new_boot=*/true);
  }
  return known;
}

bool LogClock::Parse(absl::string_view state, const Machine& machine, bool* same_boot) {
  if (state.empty() || state.front() != kClockVersion) return false;
  state.remove_prefix(1);
  int64_t now;
  int64_t since_boot;
  int64_t count;
  if (!TakeNumber(&state, &now) || !TakeNumber(&state, &since_boot) || !TakeNumber(&state, &count))
    return false;
  if (count < 1 || count > static_cast<int64_t>(kMaxStretches)) return false;
  std::vector<WallStretch> stretches;
  for (int64_t i = 0; i < count; ++i) {
    int64_t begin;
    int64_t ahead;
    int64_t high;
    if (!TakeNumber(&state, &begin) || !TakeNumber(&state, &ahead) || !TakeNumber(&state, &high) ||
        state.empty())
      return false;
    stretches.push_back({absl::FromUnixMicros(begin), absl::Microseconds(ahead),
                         absl::Microseconds(high), state.front() == 1});
    state.remove_prefix(1);
  }
  stretches_ = std::move(stretches);
  anchor_ = absl::FromUnixMicros(now);
  const absl::Duration present = SinceBootOf(machine);
  *same_boot = SameBoot(state, machine.boot_id) && present < absl::InfiniteDuration() &&
               present >= absl::Microseconds(since_boot);
  if (!*same_boot) return true;
  // The wall clock may have been set at any moment since.
  const absl::Time saved =
      std::exchange(anchor_, anchor_ + (present - absl::Microseconds(since_boot)));
  const absl::Duration ahead = scheduler_->Now() - anchor_;
  if (absl::AbsDuration(ahead - stretches_.back().ahead) >= kTolerance) {
    Begin(saved, ahead, /*new_boot=*/false);
  }
  return true;
}

std::string LogClock::Save(const Machine& machine) const {
  MutexLock lock(&mutex_);
  const absl::Duration since_boot = SinceBootOf(machine);
  const bool known = since_boot < absl::InfiniteDuration();
  std::string state(1, kClockVersion);
  AppendNumber(absl::ToUnixMicros(NowLocked()), &state);
  AppendNumber(known ? absl::ToInt64Microseconds(since_boot) : 0, &state);
  AppendNumber(static_cast<int64_t>(stretches_.size()), &state);
  for (const WallStretch& stretch : stretches_) {
    AppendNumber(absl::ToUnixMicros(stretch.begin), &state);
    AppendNumber(absl::ToInt64Microseconds(stretch.ahead), &state);
    AppendNumber(absl::ToInt64Microseconds(stretch.high + kGrain - absl::Nanoseconds(1)), &state);
    state.push_back(stretch.new_boot ? 1 : 0);
  }
  // Without the time since the boot it tells no more than that of another one.
  if (known) state += machine.boot_id;
  return state;
}

size_t LogClock::changes() const {
  MutexLock lock(&mutex_);
  return changes_;
}

absl::Time LogClock::Now() {
  MutexLock lock(&mutex_);
  const absl::Time now = NowLocked();
  Note(now);
  return now;
}

absl::Time LogClock::NowLocked() const {
  const absl::Time now = anchor_ + (scheduler_->MonotonicNow() - anchored_);
  return absl::FromUnixMicros(absl::ToUnixMicros(now));
}

void LogClock::Note(absl::Time now) {
  WallStretch& last = stretches_.back();
  const absl::Duration seen = scheduler_->Now() - now;
  if (absl::AbsDuration(seen - last.ahead) < kTolerance) {
    // Steps that are none may add up to so much.
    if (seen > last.ahead + kGrain) last.high = std::max(last.high, last.ahead + kTolerance);
    return;
  }
  // Unless this thread had to wait between the two clocks. If it always has, the next look
  // tells.
  for (int look = 0; look < kMostLooks; ++look) {
    const absl::Time before = NowLocked();
    const absl::Duration ahead = scheduler_->Now() - before;
    if (NowLocked() - before >= kTolerance / 2) continue;
    // From `now` on, which is what an entry that comes now is stamped with.
    if (absl::AbsDuration(ahead - last.ahead) >= kTolerance) Begin(now, ahead, false);
    return;
  }
}

void LogClock::Begin(absl::Time begin, absl::Duration ahead, bool new_boot) {
  ++changes_;
  ++version_;
  stretches_.push_back({begin, ahead, ahead, new_boot});
  if (stretches_.size() <= kMaxStretches) return;
  // Where the machine was off stays known as long as there is anything else.
  const auto step = [](auto of) {
    return std::make_pair(of->new_boot, absl::AbsDuration(of->ahead - (of - 1)->ahead));
  };
  auto least = stretches_.begin() + 1;
  for (auto stretch = least; stretch + 1 != stretches_.end(); ++stretch) {
    if (step(stretch) < step(least)) least = stretch;
  }
  (least - 1)->high = std::max((least - 1)->high, least->high);
  stretches_.erase(least);
}

absl::Time LogClock::Find(absl::Time wall) {
  MutexLock lock(&mutex_);
  const absl::Time now = NowLocked();
  Note(now);
  return WallTimes(stretches_, now).Find(wall);
}

absl::Time LogClock::Name(absl::Time moment) {
  MutexLock lock(&mutex_);
  const absl::Time now = NowLocked();
  Note(now);
  return WallTimes(stretches_, now).Name(moment);
}

ArrivalTimes LogClock::Names() {
  MutexLock lock(&mutex_);
  Note(NowLocked());
  if (!names_.has_value() || names_->version() != version_) names_.emplace(version_, stretches_);
  return *names_;
}

uint64_t LogClock::names_version() {
  MutexLock lock(&mutex_);
  Note(NowLocked());
  return version_;
}

absl::Time LogClock::Shown(absl::Time moment) const {
  MutexLock lock(&mutex_);
  return moment + stretches_.back().ahead;
}

void LogClock::ForgetBefore(absl::Time moment) {
  MutexLock lock(&mutex_);
  size_t ended = 0;
  while (ended + 1 < stretches_.size() && stretches_[ended + 1].begin <= moment) ++ended;
  if (ended == 0) return;
  ++version_;
  stretches_.erase(stretches_.begin(), stretches_.begin() + static_cast<ptrdiff_t>(ended));
}

}  // namespace wirepas_grpc::core
