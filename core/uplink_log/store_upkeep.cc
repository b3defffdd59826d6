// SPDX-License-Identifier: Apache-2.0
//
// What the uplink log does on its own: sync, recover from a full disk, forget.
#include <algorithm>

#include "core/uplink_log/store.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

// In a row, that are kept although they are too old.
constexpr uint64_t kMostMarkers = 1000;

}  // namespace

void UplinkStore::Upkeep() {
  if (database_->failing()) {
    const absl::Status resumed = database_->Resume();
    if (resumed.ok()) spdlog::info("the uplink log can be written again");
  }
  const absl::Status drained = intake_->Drain();
  if (!drained.ok()) NoteUpkeepFailure(drained);
  SyncIfDue();
  const Instant now = scheduler_->MonotonicNow();
  if (!database_->failing()) SaveClockIfDue(now);
  if (now < retention_due_) return;
  retention_due_ = now + options_.retention_interval;
  const absl::Status status = ApplyRetention();
  if (!status.ok()) NoteUpkeepFailure(status);
  bytes_on_disk_ = database_->DiskBytes();
}

void UplinkStore::SyncIfDue() {
  if (options_.sync != SyncPolicy::kInterval || database_->failing()) return;
  std::optional<Instant> since;
  {
    MutexLock lock(&mutex_);
    since.swap(unsynced_since_);
  }
  if (!since.has_value()) return;
  const absl::Status synced = database_->Sync();
  if (synced.ok()) {
    syncs_.fetch_add(1, std::memory_order_relaxed);
    sync_delay_.Observe(scheduler_->MonotonicNow() - *since);
    return;
  }
  NoteUpkeepFailure(synced);
  sync_failures_.fetch_add(1, std::memory_order_relaxed);
  MutexLock lock(&mutex_);
  unsynced_since_ = since;
}

void UplinkStore::NoteUpkeepFailure(const absl::Status& status) {
  uint64_t suppressed;
  if (!upkeep_failures_logged_.Allow(scheduler_->MonotonicNow(), &suppressed)) return;
  spdlog::warn("upkeep of the uplink log failed: {} ({} more since the last line)",
               std::string(status.message()), suppressed);
}

absl::Status UplinkStore::ApplyRetention() {
  MutexLock lock(&retention_mutex_);
  const absl::StatusOr<Sequence> young_enough = FirstYoungEnough();
  if (!young_enough.ok()) return young_enough.status();
  const Sequence kept = WithMarkersBefore(std::max(*young_enough, FirstThatFits()));
  return kept > oldest() ? ForgetBefore(kept) : absl::OkStatus();
}

// Markers that tell nothing are kept with what follows them: whoever has read all that came
// before them misses nothing, and is not to be told of a gap.
UplinkStore::Sequence UplinkStore::WithMarkersBefore(Sequence sequence) const {
  Sequence first = sequence;
  const auto precedes = [&](absl::string_view key, absl::string_view value) {
    const std::optional<UplinkRecord> record = ParseUplinkRecord(value);
    const bool tells_nothing =
        record.has_value() && record->gap.has_value() && record->gap->lost == uint64_t{0};
    if (!tells_nothing || ParseUplinkKey(key) != first - 1) return false;
    return sequence - --first < kMostMarkers;
  };
  // What cannot be read is not kept.
  database_->ScanBackward(table_, UplinkKey(oldest()), UplinkKey(sequence), precedes).IgnoreError();
  return first;
}

absl::StatusOr<UplinkStore::Sequence> UplinkStore::FirstYoungEnough() {
  const absl::Time limit = clock_.Now() - options_.retention;
  return limit <= steady_since_ ? oldest() : SeekTime(limit);
}

// The oldest entry such that all from it on take at most max_bytes.
UplinkStore::Sequence UplinkStore::FirstThatFits() const {
  Sequence low = oldest();
  Sequence high = next();
  const auto fits = [this](Sequence first) {
    return database_->ApproximateSize(table_, UplinkKey(first), "") <= options_.max_bytes;
  };
  if (fits(low)) return low;
  while (low < high) {
    const Sequence middle = low + (high - low) / 2;
    if (fits(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

absl::Status UplinkStore::ForgetBefore(Sequence sequence) {
  // First the readers, then the mark that outlives a restart, then the files. Entries
  // before the mark in files that also hold later ones stay on disk, unseen.
  absl::Status status = FindOldest(sequence);
  if (!status.ok()) return status;
  status = database_->Put(database_->meta(), kOldestKey, UplinkKey(sequence));
  // Without the mark a restart brings some of them back. On a full disk that is better
  // than to keep the files that fill it.
  if (!status.ok() && !absl::IsResourceExhausted(status)) return status;
  status.Update(database_->DropFiles(table_, "", UplinkKey(sequence)));
  if (!status.ok()) return status;
  MutexLock lock(&runs_mutex_);
  return runs_.Forget(oldest());
}

// Sets the oldest entry to the first one at or after `from`.
absl::Status UplinkStore::FindOldest(Sequence from) {
  while (true) {
    const Sequence end = next();
    const absl::Status drained = intake_->Drain();
    if (!drained.ok()) return drained;
    const absl::StatusOr<std::optional<Entry>> first = FirstReadable(from, end);
    if (!first.ok()) return first.status();
    MutexLock lock(&mutex_);
    if (first->has_value()) {
      oldest_ = (*first)->sequence;
      oldest_time_ = (*first)->arrival;
      // Those from before were stamped by a clock that may have been wrong.
      if (oldest_ >= steady_from_) {
        clock_.ForgetBefore(*oldest_time_);
      } else {
        oldest_time_ = std::min(*oldest_time_, steady_since_);
      }
      return absl::OkStatus();
    }
    if (next_ != end) continue;  // something may have come meanwhile
    oldest_ = end;
    oldest_time_.reset();
    return absl::OkStatus();
  }
}

}  // namespace wirepas_grpc::core
