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

// Save(): byte 0: 1, the version of this form; then numbers of 8 bytes, big-endian, times
// in microseconds: this clock's time, the time since the boot, how many stretches there
// are, of each its begin and how far ahead the wall clock was; the rest is the boot id.
constexpr char kClockVersion = 1;

// As fine as entries are stamped on disk.
constexpr absl::Duration kGrain = absl::Microseconds(1);

absl::Duration SinceBoot() {
  struct timespec time;
  if (clock_gettime(CLOCK_BOOTTIME, &time) != 0) return absl::ZeroDuration();
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
  stretches_.push_back({anchor_, absl::ZeroDuration()});
}

bool LogClock::Resume(absl::string_view state, std::optional<absl::Time> last,
                      const Machine& machine) {
  MutexLock lock(&mutex_);
  anchored_ = scheduler_->MonotonicNow();
  const bool known = Parse(state, machine);
  if (!known) anchor_ = last.has_value() ? *last : scheduler_->Now();
  // A grain later, so that the last entry is not of the stretch that begins now.
  if (last.has_value()) anchor_ = std::max(anchor_, *last + kGrain);
  // Entries from before are taken as stamped by the wall clock.
  if (!known) stretches_ = {{anchor_, absl::ZeroDuration()}};
  Note(anchor_);
  return known;
}

bool LogClock::Parse(absl::string_view state, const Machine& machine) {
  if (state.empty() || state.front() != kClockVersion) return false;
  state.remove_prefix(1);
  int64_t now;
  int64_t since_boot;
  int64_t count;
  if (!TakeNumber(&state, &now) || !TakeNumber(&state, &since_boot) || !TakeNumber(&state, &count))
    return false;
  if (count < 1 || count > static_cast<int64_t>(kMaxStretches)) return false;
  std::vector<Stretch> stretches;
  for (int64_t i = 0; i < count; ++i) {
    int64_t begin;
    int64_t ahead;
    if (!TakeNumber(&state, &begin) || !TakeNumber(&state, &ahead)) return false;
    stretches.push_back({absl::FromUnixMicros(begin), absl::Microseconds(ahead)});
  }
  stretches_ = std::move(stretches);
  anchor_ = absl::FromUnixMicros(now);
  if (!SameBoot(state, machine.boot_id)) return true;
  const absl::Duration passed = SinceBootOf(machine) - absl::Microseconds(since_boot);
  if (passed <= absl::ZeroDuration()) return true;
  // The wall clock may have been set at any moment since.
  const absl::Time saved = std::exchange(anchor_, anchor_ + passed);
  const absl::Duration ahead = scheduler_->Now() - anchor_;
  if (absl::AbsDuration(ahead - stretches_.back().ahead) >= kTolerance) Begin(saved, ahead);
  return true;
}

std::string LogClock::Save(const Machine& machine) const {
  MutexLock lock(&mutex_);
  std::string state(1, kClockVersion);
  AppendNumber(absl::ToUnixMicros(NowLocked()), &state);
  AppendNumber(absl::ToInt64Microseconds(SinceBootOf(machine)), &state);
  AppendNumber(static_cast<int64_t>(stretches_.size()), &state);
  for (const Stretch& stretch : stretches_) {
    AppendNumber(absl::ToUnixMicros(stretch.begin), &state);
    AppendNumber(absl::ToInt64Microseconds(stretch.ahead), &state);
  }
  state += machine.boot_id;
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
  const absl::Duration expected = stretches_.back().ahead;
  if (absl::AbsDuration(scheduler_->Now() - now - expected) < kTolerance) return;
  // Unless this thread had to wait between the two clocks. If it always has, the next look
  // tells.
  const absl::Time before = NowLocked();
  const absl::Duration ahead = scheduler_->Now() - before;
  if (NowLocked() - before >= kTolerance / 2) return;
  if (absl::AbsDuration(ahead - expected) >= kTolerance) Begin(before, ahead);
}

void LogClock::Begin(absl::Time begin, absl::Duration ahead) {
  ++changes_;
  stretches_.push_back({begin, ahead});
  if (stretches_.size() <= kMaxStretches) return;
  auto least = stretches_.begin() + 1;
  for (auto stretch = least; stretch + 1 != stretches_.end(); ++stretch) {
    const auto step = [](auto of) { return absl::AbsDuration(of->ahead - (of - 1)->ahead); };
    if (step(stretch) < step(least)) least = stretch;
  }
  stretches_.erase(least);
}

absl::Time LogClock::Find(absl::Time wall) {
  MutexLock lock(&mutex_);
  Note(NowLocked());
  size_t i = stretches_.size() - 1;
  while (i > 0 && stretches_[i].begin + stretches_[i].ahead >= wall) --i;
  const absl::Time moment = wall - stretches_[i].ahead;
  return i + 1 < stretches_.size() ? std::min(moment, stretches_[i + 1].begin) : moment;
}

absl::Time LogClock::WallTime(absl::Time moment) const {
  MutexLock lock(&mutex_);
  size_t i = stretches_.size() - 1;
  while (i > 0 && stretches_[i].begin > moment) --i;
  return moment + stretches_[i].ahead;
}

void LogClock::ForgetBefore(absl::Time moment) {
  MutexLock lock(&mutex_);
  size_t ended = 0;
  while (ended + 1 < stretches_.size() && stretches_[ended + 1].begin <= moment) ++ended;
  stretches_.erase(stretches_.begin(), stretches_.begin() + static_cast<ptrdiff_t>(ended));
}

}  // namespace wirepas_grpc::core
