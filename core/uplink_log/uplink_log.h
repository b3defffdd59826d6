// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_UPLINK_LOG_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_UPLINK_LOG_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/traffic/cursor.h"
#include "core/traffic/filter.h"
#include "core/traffic/sequenced_log.h"
#include "core/traffic/uplink.h"
#include "core/uplink_log/arrival_times.h"
#include "core/uplink_log/log_clock.h"
#include "core/uplink_log/store.h"

namespace wirepas_grpc::core {

// The uplinks that came from the broker, in order, each under a number. The newest
// are in memory; with a store, all that it keeps are on disk too, under the same
// numbers, so that a reader passes from the one to the other without a seam:
//
//   disk    1 2 3 4 5 6 7 8 9
//   memory            6 7 8 9
//
// A packet is stored before Append() returns, and only then shown to readers. What
// could not be stored is in memory all the same.
//
// When packets came is kept by a clock of the log's own, which steps of the wall clock do
// not touch; times that are given and told here are the wall clock's all the same. See
// LogClock.
//
// Thread-safe. Calls marked "waits" may read files: with a store they belong on
// disk_executor().
class UplinkLog {
 public:
  using Memory = SequencedLog<Uplink>;
  using Sequence = Memory::Sequence;
  using Options = Memory::Options;

  // The durable part. All outlive the log. The tasks of the executors may wait.
  struct Durable {
    UplinkStore* store = nullptr;  // null: there is none
    Executor* readers = nullptr;   // for those who read what is stored
    Executor* writers = nullptr;   // for those who store, who do not queue behind them
  };

  UplinkLog(const Options& options, Durable durable, Executor* executor, Scheduler* scheduler);

  // Which run of the service cursors are given in.
  uint64_t run_id() const { return run_id_; }
  bool durable() const { return store_ != nullptr; }
  // Run tasks that wait, those that read and those that write; null without a store.
  Executor* disk_executor() { return disk_executor_; }
  Executor* disk_writer() { return disk_writer_; }

  // `topic` and `payload` are what `uplink` was decoded from. Sets its moment. Waits for the
  // disk when the store syncs every packet.
  Sequence Append(std::unique_ptr<Uplink> uplink, absl::string_view topic,
                  absl::string_view payload);

  // Records that packets are missing here.
  Sequence AppendGap(const Gap& gap);

  // The number the next entry will have.
  Sequence next() const { return memory_.next(); }
  // The oldest entry kept, be it in memory or on disk; next() when there is none.
  Sequence oldest() const;
  // The oldest that is in memory.
  Sequence oldest_in_memory() const { return memory_.oldest(); }
  // The last time which that and all after it are found by, see LogClock; nothing when there
  // is none.
  std::optional<absl::Time> oldest_time() const;

  // Where a cursor is now. Nothing: it is from a run that is not known, or too long ago.
  std::optional<UplinkRuns::Place> Resolve(const Cursor& cursor) const;

  // For how long the entry has been here, or the first kept behind it; nothing when there is none.
  // Waits.
  std::optional<absl::Duration> AgeOf(Sequence sequence) const;

  // The present moment by the log's own clock, and what to call such a moment of this run.
  absl::Time Moment() const { return clock_->Now(); }
  absl::Time Shown(absl::Time moment) const {
    clock_->Now();  // which looks at the wall clock
    return clock_->Shown(moment);
  }

  // What to call the moments of uplinks, as of now, and its version.
  ArrivalTimes arrival_times() const { return clock_->Names(); }
  uint64_t arrival_times_version() const { return clock_->names_version(); }

  // The first entry from which on to look for what came at `time` or later, next() when
  // there is none yet. Waits.
  absl::StatusOr<Sequence> SeekTime(absl::Time time) const;
  // Whether what came at `time` or later is all kept. While nothing has been forgotten,
  // that is all since this log began, however long ago its first packet came.
  bool Reaches(absl::Time time) const;

  // Reads what is in memory, see SequencedLog::Read(). With a store, `forgotten` tells
  // that `from` is not in memory any more, and ReadStored() is to be called.
  using ReadResult = Memory::ReadResult;
  template <typename Visitor>
  ReadResult Read(Sequence from, size_t max_scan, Visitor&& visit) const {
    return memory_.Read(from, max_scan, std::forward<Visitor>(visit));
  }
  // The same, without those that no gateway of `keys` sent.
  template <typename Visitor>
  ReadResult Read(Sequence from, size_t max_scan, const GatewayKeys& keys, Visitor&& visit) const {
    return memory_.Read(
        from, max_scan, [&keys](uint32_t key) { return keys.MayMatch(key); },
        std::forward<Visitor>(visit));
  }

  // The same from the disk, needs a store. Waits.
  absl::StatusOr<ReadResult> ReadStored(
      Sequence from, size_t max_scan,
      absl::FunctionRef<bool(Sequence sequence, const Uplink& uplink)> visit) const;

  // From the newest on: see SequencedLog::ReadBackward(). `may_match` is for keys of gateways.
  template <typename KeyFilter, typename Visitor>
  Sequence ReadBackward(Sequence end, size_t max_scan, KeyFilter&& may_match,
                        Visitor&& visit) const {
    return memory_.ReadBackward(end, max_scan, std::forward<KeyFilter>(may_match),
                                std::forward<Visitor>(visit));
  }
  // The same from the disk, of packets as they came; needs a store. Waits. Gives oldest() when
  // there is nothing more.
  absl::StatusOr<Sequence> ReadStoredBackward(
      Sequence end, size_t max_scan,
      absl::FunctionRef<bool(Sequence sequence, absl::string_view topic, absl::string_view payload)>
          visit) const;

  // See SequencedLog.
  std::optional<WaitId> Wait(Sequence from, absl::AnyInvocable<void()> callback) {
    return memory_.Wait(from, std::move(callback));
  }
  bool CancelWait(WaitId id) { return memory_.CancelWait(id); }

  size_t memory_bytes() const { return memory_.bytes(); }

 private:
  // By the log's clock.
  std::optional<absl::Time> OldestMoment() const;

  UplinkStore* const store_;
  Executor* const disk_executor_;
  Executor* const disk_writer_;
  const std::unique_ptr<LogClock> own_clock_;  // null with a store
  LogClock* const clock_;
  const absl::Time begin_;  // by it
  const uint64_t run_id_;
  Mutex append_mutex_;  // keeps the numbers of both the same, and times in order
  Memory memory_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_UPLINK_LOG_H_
