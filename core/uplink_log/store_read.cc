// SPDX-License-Identifier: Apache-2.0
//
// Reading the uplink log.
#include <algorithm>

#include "core/uplink_log/store.h"

namespace wirepas_grpc::core {
namespace {

// No count of that size is one of entries: it is a jump after a loss.
std::optional<uint64_t> CountOf(uint64_t from, uint64_t to) {
  if (to - from >= kMostMissing) return std::nullopt;
  return to - from;
}

// One Read(): what was visited so far and whether there may be more.
class Reading {
 public:
  Reading(uint64_t from, const UplinkStore::ReadLimits& limits, UplinkStore::Visitor* visitor)
      : expected_(from), limits_(limits), visitor_(visitor) {}

  uint64_t expected() const { return expected_; }
  // Nothing was visited yet.
  bool untouched() const { return entries_ == 0; }
  void StartAt(uint64_t sequence) { expected_ = sequence; }
  bool done() const { return done_; }

  // False ends the scan.
  bool Take(uint64_t sequence, absl::string_view value) {
    const std::optional<UplinkRecord> record = ParseUplinkRecord(value);
    if (!record.has_value()) return true;  // missing: the next entry, or the end, tells
    const bool after_loss =
        record->gap.has_value() && record->gap->reason == GapReason::kStorageLoss;
    if (after_loss) {
      expected_ = sequence;  // the marker tells of what is missing before it
    } else if (!TakeMissing(sequence)) {
      return false;
    }
    const size_t size = record->topic.size() + record->payload.size();
    if (entries_ > 0 && bytes_ + size > limits_.max_bytes) return Done();
    const bool consumed =
        record->gap.has_value()
            ? visitor_->OnGap(sequence, *record->gap)
            : visitor_->OnPacket(sequence, record->arrival, record->topic, record->payload);
    return Count(consumed, sequence + 1, size);
  }

  // Nothing is there up to `end`. False: that was the last that may be visited.
  bool TakeMissing(uint64_t end) {
    if (expected_ >= end) return !done_;
    const Gap gap{GapReason::kStorageLoss, CountOf(expected_, end)};
    return Count(visitor_->OnGap(expected_, gap), end, 0);
  }

 private:
  bool Done() {
    done_ = true;
    return false;
  }

  bool Count(bool consumed, uint64_t next, size_t size) {
    if (!consumed) return Done();
    expected_ = next;
    bytes_ += size;
    return ++entries_ < limits_.max_entries || Done();
  }

  uint64_t expected_;
  const UplinkStore::ReadLimits& limits_;
  UplinkStore::Visitor* const visitor_;
  size_t entries_ = 0;
  size_t bytes_ = 0;
  bool done_ = false;
};

}  // namespace

absl::StatusOr<UplinkStore::ReadResult> UplinkStore::Read(Sequence from, const ReadLimits& limits,
                                                          Visitor* visitor) const {
  ReadResult result;
  Sequence end = std::min(limits.end, next());
  if (!intake_->Drain().ok()) end = std::min(end, intake_->first());
  Reading reading(from, limits, visitor);
  // What is not there up to `next` may have been forgotten, even since this began.
  const auto pass_over_forgotten = [&](Sequence next) {
    if (!reading.untouched()) return;
    const Sequence start = std::min(next, oldest());
    if (start <= reading.expected()) return;
    reading.StartAt(start);
    result.expired = true;
    result.expired_entries = CountOf(from, start);
  };
  pass_over_forgotten(end);
  while (!reading.done() && reading.expected() < end && limits.max_entries > 0) {
    const absl::Status status =
        database_->Scan(table_, UplinkKey(reading.expected()), UplinkKey(end),
                        [&](absl::string_view key, absl::string_view value) {
                          const std::optional<Sequence> sequence = ParseUplinkKey(key);
                          if (!sequence.has_value()) return true;
                          pass_over_forgotten(*sequence);
                          return reading.Take(*sequence, value);
                        });
    if (reading.done()) break;
    if (status.ok()) {
      pass_over_forgotten(end);
      reading.TakeMissing(end);
    } else if (absl::IsDataLoss(status)) {
      const auto readable = FirstReadable(reading.expected(), end);
      if (!readable.ok()) return readable.status();
      reading.TakeMissing(readable->has_value() ? (*readable)->sequence : end);
    } else {
      return status;
    }
  }
  result.next = std::max(reading.expected(), from);
  return result;
}

// Behind what cannot be read it looks ever farther away, so it may pass over about as
// much again.
absl::StatusOr<std::optional<UplinkStore::Entry>> UplinkStore::FirstReadable(Sequence from,
                                                                             Sequence end) const {
  absl::StatusOr<std::optional<Entry>> entry = FirstEntry(from, end);
  for (Sequence step = 1; absl::IsDataLoss(entry.status()); step *= 2) {
    if (end <= from || step >= end - from) return std::optional<Entry>();
    entry = FirstEntry(from + step, end);
  }
  return entry;
}

absl::StatusOr<std::optional<UplinkStore::Entry>> UplinkStore::FirstEntry(Sequence from,
                                                                          Sequence end) const {
  std::optional<Entry> found;
  const absl::Status status = database_->Scan(
      table_, UplinkKey(from), UplinkKey(end), [&](absl::string_view key, absl::string_view value) {
        const std::optional<Sequence> sequence = ParseUplinkKey(key);
        const std::optional<UplinkRecord> record = ParseUplinkRecord(value);
        if (sequence.has_value() && record.has_value()) found = Entry{*sequence, record->arrival};
        return !found.has_value();
      });
  if (!status.ok()) return status;
  return found;
}

absl::StatusOr<UplinkStore::Sequence> UplinkStore::SeekTime(absl::Time time) const {
  Sequence low = oldest();
  if (time > steady_since_) low = std::max(low, steady_from_);
  const Sequence end = next();
  const absl::Status drained = intake_->Drain();
  if (!drained.ok()) return drained;
  Sequence high = end;
  // All before `low` came earlier; the first entry from `high` on came at `time` or later.
  while (low < high) {
    const Sequence middle = low + (high - low) / 2;
    const absl::StatusOr<std::optional<Entry>> entry = FirstEntry(middle, high);
    if (absl::IsDataLoss(entry.status())) {
      low = middle + 1;  // as if what cannot be read were old
      continue;
    }
    if (!entry.ok()) return entry.status();
    if (!entry->has_value() || (*entry)->arrival >= time) {
      high = middle;
    } else {
      low = (*entry)->sequence + 1;
    }
  }
  const absl::StatusOr<std::optional<Entry>> entry = FirstReadable(low, end);
  if (!entry.ok()) return entry.status();
  return entry->has_value() ? (*entry)->sequence : end;
}

absl::Status UplinkStore::VisitRecent(
    size_t count,
    absl::FunctionRef<void(absl::string_view topic, absl::string_view payload)> visit) const {
  if (count == 0) return absl::OkStatus();
  absl::Status status = intake_->Drain();
  if (!status.ok()) return status;
  const UplinkKey oldest_key(oldest());
  Sequence first = next();
  size_t found = 0;
  status = database_->ScanBackward(
      table_, oldest_key, UplinkKey(first), [&](absl::string_view key, absl::string_view value) {
        const std::optional<UplinkRecord> record = ParseUplinkRecord(value);
        if (!record.has_value() || record->gap.has_value()) return true;
        first = ParseUplinkKey(key).value_or(first);
        return ++found < count;
      });
  // What lies beyond something unreadable is too old to matter.
  if (!status.ok() && !absl::IsDataLoss(status)) return status;
  status = database_->Scan(table_, UplinkKey(first), "",
                           [&](absl::string_view, absl::string_view value) {
                             const std::optional<UplinkRecord> record = ParseUplinkRecord(value);
                             if (record.has_value() && !record->gap.has_value()) {
                               visit(record->topic, record->payload);
                             }
                             return true;
                           });
  return absl::IsDataLoss(status) ? absl::OkStatus() : status;
}

}  // namespace wirepas_grpc::core
