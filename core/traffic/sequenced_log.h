// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_TRAFFIC_SEQUENCED_LOG_H_
#define WIREPAS_GRPC_CORE_TRAFFIC_SEQUENCED_LOG_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/wait_list.h"
#include "core/traffic/gap.h"

namespace wirepas_grpc::core {

// A bounded, sequenced, in-memory log of immutable entries, written by one source
// and read by any number of cursors. Memory is bounded by the log whatever the
// readers do: the oldest entries go first, and a reader that falls behind them is
// told of its gap. Appending costs the same for one reader or a thousand.
//
// Entries get the numbers first, first + 1, ...; a gap marker (entries that never came)
// takes a number too. Entries live in segments of a bounded count and size. A reader
// holds on to one segment while it looks at it, without a lock, and to none between
// reads.
//
// Thread-safe, but Append() and AppendGap() want one writer at a time. `T` is
// read by many threads at once. Which clock tells when entries come is the writer's
// affair, as long as it never goes backwards.
template <typename T>
class SequencedLog {
 public:
  using Sequence = uint64_t;

  struct Options {
    // Bound on the sum of the entries' sizes. The newest entry is kept whatever its size.
    size_t max_bytes = 64 << 20;
    // Entries are forgotten a segment at a time: this many, or as many as take a
    // fourth of max_bytes.
    size_t segment_entries = 256;
    absl::Duration min_wake_interval;  // see WaitList
    absl::Duration max_wake_interval;  // likewise
    Sequence first = 1;                // the number of the first entry
    // What is forgotten here can be had elsewhere: see ReadResult::forgotten.
    bool kept_elsewhere = false;
  };

  SequencedLog(const Options& options, Executor* executor, Scheduler* scheduler)
      : options_(options),
        waiters_(executor, scheduler, options.min_wake_interval, options.max_wake_interval),
        next_(options.first) {}

  // `bytes` is what the entry takes in memory, all told. `time` is when it came; no one
  // who never seeks a time needs it. `key` is for readers to tell entries by without
  // looking at them, see Read().
  Sequence Append(std::unique_ptr<const T> value, size_t bytes,
                  absl::Time time = absl::InfinitePast(), uint32_t key = 0) {
    Item item;
    item.value = std::move(value);
    item.time = time;
    item.key = key;
    return AppendItem(std::move(item), bytes);
  }

  // Records that entries are missing here.
  Sequence AppendGap(const Gap& gap, absl::Time time = absl::InfinitePast()) {
    Item item;
    item.gap = gap;
    item.time = time;
    return AppendItem(std::move(item), 0);
  }

  // The number the next entry will have: a reader that starts there gets what
  // comes from now on.
  Sequence next() const {
    MutexLock lock(&mutex_);
    return next_;
  }

  // The number of the oldest entry kept; next() when there is none.
  Sequence oldest() const {
    MutexLock lock(&mutex_);
    return OldestLocked();
  }

  // When the oldest entry kept came; nothing when there is none.
  std::optional<absl::Time> oldest_time() const {
    MutexLock lock(&mutex_);
    if (segments_.empty()) return std::nullopt;
    return segments_.front()->items[0].time;
  }

  // When an entry came; nothing when it is not here.
  std::optional<absl::Time> TimeOf(Sequence sequence) const {
    MutexLock lock(&mutex_);
    if (sequence >= next_ || sequence < OldestLocked()) return std::nullopt;
    const Segment& segment = **std::prev(AfterLocked(sequence));
    return segment.items[sequence - segment.first].time;
  }

  // The first entry that came at `time` or later; next() when there is none yet.
  Sequence SeekTime(absl::Time time) const {
    MutexLock lock(&mutex_);
    for (const auto& segment : segments_) {
      const size_t count = segment->count.load(std::memory_order_relaxed);
      if (segment->items[count - 1].time < time) continue;
      for (size_t i = 0; i < count; ++i) {
        if (segment->items[i].time >= time) return segment->first + i;
      }
    }
    return next_;
  }

  // What a Read() met.
  struct ReadResult {
    Sequence next = 0;       // where to read on
    std::optional<Gap> gap;  // entries before the visited ones are missing
    bool forgotten = false;  // nothing was visited: the first one is to be had elsewhere
  };

  // Visits entries from `from` on, at most `max_scan` of them, in order, until
  // `visit` (bool(const T&) or bool(Sequence, const T&)) returns false; the entry it
  // returned false for is not consumed. A gap is reported alone: the visited entries come after it.
  template <typename Visitor>
  ReadResult Read(Sequence from, size_t max_scan, Visitor&& visit) const {
    return Read(
        from, max_scan, [](uint32_t) { return true; }, std::forward<Visitor>(visit));
  }

  // The same, passing over entries whose key `may_match` (bool(uint32_t)) refuses: a
  // thousand readers can look for a few entries each without touching all of them.
  template <typename KeyFilter, typename Visitor>
  ReadResult Read(Sequence from, size_t max_scan, KeyFilter&& may_match, Visitor&& visit) const {
    ReadResult result;
    result.next = std::max<Sequence>(from, 1);
    size_t scanned = 0;
    while (scanned < max_scan) {
      const std::shared_ptr<const Segment> segment = FindSegment(&result, scanned > 0);
      if (segment == nullptr) return result;
      const size_t count = segment->count.load(std::memory_order_acquire);
      for (size_t i = result.next - segment->first; i < count && scanned < max_scan; ++i) {
        const Item& item = segment->items[i];
        if (item.gap.has_value() && item.gap->lost == uint64_t{0}) {
          // Nothing is missing.
        } else if (item.gap.has_value()) {
          if (scanned > 0 || result.gap.has_value()) return result;
          result.gap = item.gap;
        } else if (may_match(item.key) && !Visit(visit, result.next, *item.value)) {
          return result;
        }
        ++result.next;
        ++scanned;
      }
    }
    return result;
  }

  // Visits entries before `end`, at most `max_scan` of them, the newest first, passing over gap
  // markers and over entries whose key `may_match` refuses, until `visit` (bool(Sequence, const
  // T&)) returns false. Gives the last one that it has passed; `end` when there is none before
  // that.
  template <typename KeyFilter, typename Visitor>
  Sequence ReadBackward(Sequence end, size_t max_scan, KeyFilter&& may_match,
                        Visitor&& visit) const {
    size_t scanned = 0;
    while (scanned < max_scan) {
      const std::shared_ptr<const Segment> segment = SegmentBefore(end);
      if (segment == nullptr) return end;
      for (; end > segment->first && scanned < max_scan; ++scanned) {
        const Item& item = segment->items[--end - segment->first];
        if (item.value != nullptr && may_match(item.key) && !visit(end, *item.value)) return end;
      }
    }
    return end;
  }

  // Calls `callback` once, on the executor, when there is something at or after
  // `from`. Nothing: there is already, `callback` will not be called.
  std::optional<WaitId> Wait(Sequence from, absl::AnyInvocable<void()> callback) {
    const WaitId id = waiters_.Add(std::move(callback));
    if (next() > from && waiters_.Remove(id)) return std::nullopt;
    return id;
  }
  bool CancelWait(WaitId id) { return waiters_.Remove(id); }

  size_t bytes() const {
    MutexLock lock(&mutex_);
    return bytes_;
  }

 private:
  struct Item {
    std::unique_ptr<const T> value;  // null for a gap marker
    std::optional<Gap> gap;
    uint32_t key = 0;
    absl::Time time;
  };

  struct Segment {
    Segment(Sequence first_sequence, size_t entries) : first(first_sequence), items(entries) {}
    const Sequence first;
    std::vector<Item> items;        // [0, count) are written and never change
    std::atomic<size_t> count = 0;  // published with release
    size_t bytes = 0;               // of the entries; guarded by the log's lock
  };

  template <typename Visitor>
  static bool Visit(Visitor& visit, Sequence sequence, const T& value) {
    if constexpr (std::is_invocable_v<Visitor&, Sequence, const T&>) {
      return visit(sequence, value);
    } else {
      return visit(value);
    }
  }

  Sequence AppendItem(Item item, size_t bytes) {
    std::deque<std::shared_ptr<Segment>> forgotten;  // freed after the lock is released
    Sequence sequence;
    {
      MutexLock lock(&mutex_);
      if (segments_.empty() || IsFull(*segments_.back())) {
        segments_.push_back(std::make_shared<Segment>(next_, options_.segment_entries));
        bytes_ += SegmentOverhead();
      }
      Segment& segment = *segments_.back();
      const size_t index = segment.count.load(std::memory_order_relaxed);
      segment.items[index] = std::move(item);
      segment.count.store(index + 1, std::memory_order_release);
      segment.bytes += bytes;
      bytes_ += bytes;
      sequence = next_++;
      while (bytes_ > options_.max_bytes && segments_.size() > 1) {
        bytes_ -= segments_.front()->bytes + SegmentOverhead();
        forgotten.push_back(std::move(segments_.front()));
        segments_.pop_front();
      }
    }
    waiters_.WakeAll();
    return sequence;
  }

  // A segment of few large entries is closed early, so that forgetting it does not
  // forget nearly everything, and keeping one does not break the bound.
  bool IsFull(const Segment& segment) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return segment.count.load(std::memory_order_relaxed) == options_.segment_entries ||
           segment.bytes >= options_.max_bytes / 4;
  }

  size_t SegmentOverhead() const { return options_.segment_entries * sizeof(Item); }

  Sequence OldestLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return segments_.empty() ? next_ : segments_.front()->first;
  }

  // The segment that holds result->next; null at the end of the log. When that
  // entry is gone: moves on to the oldest kept and sets the gap, or sets `forgotten` and
  // returns null, or, in the middle
  // of a read, returns null, so that the next one reports it.
  std::shared_ptr<const Segment> FindSegment(ReadResult* result, bool mid_read) const {
    MutexLock lock(&mutex_);
    if (result->next >= next_) return nullptr;
    const Sequence oldest = OldestLocked();
    if (result->next < oldest) {
      if (mid_read) return nullptr;
      if (options_.kept_elsewhere) {
        result->forgotten = true;
        return nullptr;
      }
      result->gap = Gap{GapReason::kSlowReader, oldest - result->next};
      result->next = oldest;
    }
    return *std::prev(AfterLocked(result->next));
  }

  // The segment that holds the entry before `end`; null when that is not kept.
  std::shared_ptr<const Segment> SegmentBefore(Sequence end) const {
    MutexLock lock(&mutex_);
    if (end > next_ || end <= OldestLocked()) return nullptr;
    return *std::prev(AfterLocked(end - 1));
  }

  // The segment behind the one that holds an entry that is kept.
  auto AfterLocked(Sequence sequence) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return std::upper_bound(segments_.begin(), segments_.end(), sequence,
                            [](Sequence at, const auto& segment) { return at < segment->first; });
  }

  const Options options_;
  WaitList waiters_;

  mutable Mutex mutex_;
  std::deque<std::shared_ptr<Segment>> segments_ ABSL_GUARDED_BY(mutex_);
  Sequence next_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_TRAFFIC_SEQUENCED_LOG_H_
