// SPDX-License-Identifier: Apache-2.0
//
// The uplink log's clock over restarts.
#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/uplink_log/store.h"

namespace wirepas_grpc::core {
namespace {

// The run, 8 bytes, and what LogClock::Save() gave in it. A run of a version of this
// program that knows of no such clock leaves the one of the run before.
constexpr char kClockKey[] = "uplink/clock";
constexpr size_t kRunIdSize = 8;

// Two numbers of 8 bytes, big-endian: the first entry whose time is by that clock, and the
// time at which those before it count as come, in microseconds.
constexpr char kSteadyKey[] = "uplink/steady";

// How often it is saved how late it is: so much of it the end of the machine may cost.
constexpr absl::Duration kSaveInterval = absl::Minutes(1);

// How often at most because the wall clock was set.
constexpr absl::Duration kLeastSaveInterval = absl::Seconds(10);

}  // namespace

absl::Status UplinkStore::ResumeClock(const UplinkRun& run, Database::Batch* batch) {
  const absl::StatusOr<std::string> saved = GetMeta(kClockKey);
  if (!saved.ok()) return saved.status();
  const absl::StatusOr<std::string> steady = GetMeta(kSteadyKey);
  if (!steady.ok()) return steady.status();
  std::optional<absl::Time> last;
  const absl::Status status =
      database_->ScanBackward(table_, "", "", [&last](absl::string_view, absl::string_view value) {
        const std::optional<UplinkRecord> record = ParseUplinkRecord(value);
        if (record.has_value()) last = record->arrival;
        return !last.has_value();
      });
  if (!status.ok() && !absl::IsDataLoss(status)) return status;

  const absl::string_view state = *saved;
  const std::optional<uint64_t> from = ParseUplinkKey(steady->substr(0, 8));
  const std::optional<uint64_t> since =
      ParseUplinkKey(steady->substr(std::min<size_t>(8, steady->size())));
  bool whole = from.has_value() && since.has_value();
  {
    MutexLock lock(&runs_mutex_);
    whole =
        whole && !runs_.empty() && ParseUplinkKey(state.substr(0, kRunIdSize)) == runs_.last().id;
  }
  // Where the end cannot be read, entries may be later than what was saved.
  const absl::Duration unsaved =
      status.ok() || last.has_value() ? absl::ZeroDuration() : 2 * kSaveInterval;
  if (clock_.Resume(whole ? state.substr(kRunIdSize) : "", last, machine_, unsaved)) {
    steady_from_ = *from;
    steady_since_ = absl::FromUnixMicros(static_cast<int64_t>(*since));
  } else {
    steady_from_ = run.first;
    steady_since_ = clock_.Now();
    const UplinkKey from_bytes(steady_from_);
    const UplinkKey since_bytes(static_cast<uint64_t>(absl::ToUnixMicros(steady_since_)));
    batch->Put(database_->meta(), kSteadyKey,
               absl::StrCat(absl::string_view(from_bytes), absl::string_view(since_bytes)));
  }
  batch->Put(database_->meta(), kClockKey, ClockState(run.id));
  clock_changes_ = clock_.changes();
  clock_due_ = scheduler_->MonotonicNow() + kSaveInterval;
  return absl::OkStatus();
}

std::string UplinkStore::ClockState(uint64_t run_id) const {
  return absl::StrCat(absl::string_view(UplinkKey(run_id)), clock_.Save(machine_));
}

void UplinkStore::SaveClock() {
  const size_t changes = clock_.changes();
  const absl::Status saved = database_->Put(database_->meta(), kClockKey, ClockState(run_id_));
  if (!saved.ok()) return NoteUpkeepFailure(saved);
  clock_changes_ = changes;
}

void UplinkStore::SaveClockIfDue(Instant now) {
  clock_.Now();  // which looks at the wall clock, also when nothing comes
  const bool changed = clock_.changes() != clock_changes_ && now >= clock_change_due_;
  if (now < clock_due_ && !changed) return;
  clock_due_ = now + kSaveInterval;
  if (changed) clock_change_due_ = now + kLeastSaveInterval;
  SaveClock();
}

}  // namespace wirepas_grpc::core
