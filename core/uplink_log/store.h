// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_STORE_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_STORE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/duration_histogram.h"
#include "core/base/executor.h"
#include "core/base/instant.h"
#include "core/base/log_limiter.h"
#include "core/base/mutex.h"
#include "core/base/periodic_task.h"
#include "core/base/scheduler.h"
#include "core/storage/database.h"
#include "core/traffic/gap.h"
#include "core/uplink_log/intake.h"
#include "core/uplink_log/last_end.h"
#include "core/uplink_log/log_clock.h"
#include "core/uplink_log/record.h"
#include "core/uplink_log/runs.h"
#include "core/uplink_log/sequence_mark.h"

namespace wirepas_grpc::core {

// The durable uplink log: packets as they came from the broker, and markers where
// packets are known to be missing, each under a number that is never used again.
//
// Numbers start at 1 and go on over restarts. They have holes: an entry that could
// not be stored leaves one, and after a loss the numbers jump, beyond any that may
// have been used by what was lost.
//
// Every opening starts a run. A cursor names the run it was given in, and Resolve()
// tells where it is now.
//
// When entries came is told by a clock of the log's own, which counts what time is known
// to have passed and nothing else: see LogClock. Their age is by that clock, so that the
// wall clock has no part in what is forgotten. Of entries from before there was such a
// clock, or from where it was lost, it is only known how long they have been here since:
// they count as come at that moment.
//
// The last number used outlives the process in a file of its own, so that what is
// missing at the end is told like any other hole.
//
// What an entry survives once Append() has returned OK: the end of the process,
// always; the end of the machine (power loss, kernel crash) with kEveryPacket, after
// at most a second or two with kInterval, and with kNever when the operating system
// has come round to writing it. Where it cannot be told how much is missing, because
// the machine ended before the log did or the file of the last number is damaged too,
// the next run begins with a marker of the reason kStorageLoss.
//
// Append() and AppendGap() want one thread at a time. They wait for the disk with
// kEveryPacket; otherwise only when it is behind by the whole journal, for the batch that
// is then being written. All else is thread-safe. Calls marked "waits" read or
// write files: they belong on a thread that may wait.
class UplinkStore {
 public:
  using Sequence = uint64_t;

  enum class SyncPolicy { kNever, kInterval, kEveryPacket };

  struct Options {
    SyncPolicy sync = SyncPolicy::kInterval;
    // Entries that came longer ago, as far as that is known, or lie before the last that
    // fit, are forgotten. The bytes are those of entries on disk; logs and the oldest file
    // take up to 42 MiB more.
    absl::Duration retention = absl::Hours(24 * 7);
    uint64_t max_bytes = uint64_t{1} << 30;
    absl::Duration upkeep_interval = absl::Seconds(1);      // syncs, and attempts to recover
    absl::Duration retention_interval = absl::Seconds(10);  // a multiple of it
    // Tells one start of the machine from another; read from the kernel when empty.
    std::string boot_id;
    // The time since then, the machine's sleep included; CLOCK_BOOTTIME when null. See LogClock.
    std::function<absl::Duration()> since_boot;
    // What may be on its way into the database; 0: each entry is written there at once,
    // as it always is with kEveryPacket.
    size_t journal_bytes = 2 << 20;
  };

  // The table to open the database with.
  static constexpr char kTable[] = "uplinks";

  // Opens the log in a database that was opened with kTable; waits. Upkeep runs on
  // `executor`, whose tasks may wait. All three outlive the store.
  static absl::StatusOr<std::unique_ptr<UplinkStore>> Open(const Options& options,
                                                           Database* database, Scheduler* scheduler,
                                                           Executor* executor);
  ~UplinkStore() { Close(); }
  UplinkStore(const UplinkStore&) = delete;
  UplinkStore& operator=(const UplinkStore&) = delete;

  // Ends upkeep and marks the log as cleanly ended; waits. Nothing may be appended
  // after that. Reading goes on.
  void Close();

  // Names the current run in cursors.
  uint64_t run_id() const { return run_id_; }

  // What `arrival` is told by. Thread-safe.
  LogClock& clock() { return clock_; }

  // Whether this run began with a kStorageLoss marker.
  bool began_with_loss() const { return began_with_loss_; }

  // Stores an entry under `sequence`, next() or beyond. It counts as used whether or
  // not storing succeeds. RESOURCE_EXHAUSTED: the disk is full. UNAVAILABLE: it cannot
  // follow, or failed in another way. INVALID_ARGUMENT: the number was used. An entry
  // that was stored in the journal may still turn out to have no room in the database:
  // it is then counted, logged and missing like the others. `arrival`: by clock(), not
  // before that of the entry before.
  absl::Status Append(Sequence sequence, absl::Time arrival, absl::string_view topic,
                      absl::string_view payload);
  absl::Status AppendGap(Sequence sequence, absl::Time arrival, const Gap& gap);

  // The number the next entry will have.
  Sequence next() const;
  // The oldest entry kept; next() when there is none.
  Sequence oldest() const;
  // When it came; nothing when there is none.
  std::optional<absl::Time> oldest_time() const;

  // What reading meets, in order. False ends the read; the entry is not consumed.
  class Visitor {
   public:
    virtual ~Visitor() = default;
    // The views are valid during the call.
    virtual bool OnPacket(Sequence sequence, absl::Time arrival, absl::string_view topic,
                          absl::string_view payload) = 0;
    // A marker at `sequence`, or entries from `sequence` on that are not there although
    // they were given numbers (kStorageLoss).
    virtual bool OnGap(Sequence sequence, const Gap& gap) = 0;
  };

  struct ReadLimits {
    size_t max_entries = 1024;
    size_t max_bytes = 1 << 20;  // of topics and payloads; one entry is read whatever its size
    Sequence end = std::numeric_limits<Sequence>::max();  // exclusive
  };

  struct ReadResult {
    Sequence next = 0;  // where to read on
    // The start is older than the oldest entry kept: what was visited begins there. It
    // is not told to the visitor.
    bool expired = false;
    std::optional<uint64_t> expired_entries;  // how many are gone, when that is known
  };

  // Visits entries from `from` on, as of the moment of the call; waits. Entries that
  // cannot be read are told as missing.
  absl::StatusOr<ReadResult> Read(Sequence from, const ReadLimits& limits, Visitor* visitor) const;

  // Visits packets before `end`, the newest first, until the visit returns false; waits. What
  // cannot be read is left out. Gives the last number that it has passed: the oldest kept, when
  // there is nothing more before it.
  absl::StatusOr<Sequence> ReadBackward(
      Sequence end, const ReadLimits& limits,
      absl::FunctionRef<bool(Sequence sequence, absl::string_view topic, absl::string_view payload)>
          visit) const;

  // The first entry that came at `time` or later, by clock(); next() when there is none;
  // waits. Among entries from before there was such a clock it is one that came at `time`
  // or later with an earlier one before it.
  absl::StatusOr<Sequence> SeekTime(absl::Time time) const;

  // Visits the newest packets, at most `count` of them, the newest last; waits. What
  // cannot be read is left out.
  absl::Status VisitRecent(
      size_t count,
      absl::FunctionRef<void(absl::string_view topic, absl::string_view payload)> visit) const;

  // Where a cursor is that was given in the run `run_id` with `next` as the first entry
  // not delivered. Nothing: the run is unknown.
  std::optional<UplinkRuns::Place> Resolve(uint64_t run_id, Sequence next) const;

  // Forgets what is too old or too much; waits. Upkeep does it.
  absl::Status ApplyRetention();

  struct Statistics {
    uint64_t appended = 0;       // entries, in this run
    uint64_t failed = 0;         // entries that could not be stored
    uint64_t syncs = 0;          // of the interval
    uint64_t sync_failures = 0;  // likewise
    uint64_t bytes_on_disk = 0;  // all files of the database, at the last upkeep
  };
  Statistics statistics() const;
  // From the taking of an entry until it was in the table: of the first of each batch. And from
  // there until a sync of the interval was done; with kEveryPacket how long each took.
  const DurationHistogram& journal_delay() const { return intake_->delay(); }
  const DurationHistogram& sync_delay() const { return sync_delay_; }
  const Options& options() const { return options_; }

 private:
  // In the "meta" table: the number that entries are kept from.
  static constexpr char kOldestKey[] = "uplink/oldest";

  UplinkStore(const Options& options, Database* database, Scheduler* scheduler);

  absl::Status Start(Executor* executor);
  // From the "meta" table; "": there is no such key.
  absl::StatusOr<std::string> GetMeta(absl::string_view key) const;
  absl::StatusOr<LastEnd> GatherLastEnd(absl::string_view boot_id, bool journaled);
  absl::Status StartRun(const LastEnd& last, absl::string_view boot_id);
  // Goes on with the clock of the run before, and has what it is to go on with next time
  // written with `batch`. `first` is the number of the next entry.
  absl::Status ResumeClock(const UplinkRun& run, Database::Batch* batch);
  std::string ClockState(uint64_t run_id) const;
  void SaveClock();
  void SaveClockIfDue(Instant now);
  absl::StatusOr<std::optional<Sequence>> FindStoredEnd() const;
  absl::Status CheckSequence(Sequence sequence) const;
  absl::Status Store(Sequence sequence, absl::Time arrival);
  void NoteStored(const absl::Status& status, uint64_t count);
  void NoteUpkeepFailure(const absl::Status& status);
  void Upkeep();
  void SyncIfDue();
  absl::Status ForgetBefore(Sequence sequence);
  absl::Status FindOldest(Sequence from);
  absl::StatusOr<Sequence> FirstYoungEnough();
  Sequence FirstThatFits() const;
  Sequence WithMarkersBefore(Sequence sequence) const;

  struct Entry {
    Sequence sequence;
    absl::Time arrival;
  };
  // The first whole entry in [from, end); nothing when there is none. DATA_LOSS: it
  // cannot be read.
  absl::StatusOr<std::optional<Entry>> FirstEntry(Sequence from, Sequence end) const;
  // The same, passing over what cannot be read.
  absl::StatusOr<std::optional<Entry>> FirstReadable(Sequence from, Sequence end) const;

  Mutex retention_mutex_;  // one at a time; held while files are read and dropped
  const Options options_;
  Database* const database_;
  Scheduler* const scheduler_;
  const Database::Table table_;

  LogClock clock_;
  LogClock::Machine machine_;  // set by Start()
  Sequence steady_from_ = 1;   // the first entry whose time is by clock_; set by Start()
  absl::Time steady_since_;    // when those before it count as come; likewise
  size_t clock_changes_ = 0;   // upkeep's own, as saved last
  Instant clock_due_;          // likewise: when to save it again
  Instant clock_change_due_;   // likewise: not before that because of a step

  uint64_t run_id_ = 0;
  bool began_with_loss_ = false;
  std::unique_ptr<SequenceMark> mark_;  // may be null
  std::string value_;                   // of the entry being appended
  LogLimiter failures_logged_;
  LogLimiter upkeep_failures_logged_;
  Instant retention_due_;  // upkeep's own

  std::atomic<uint64_t> appended_ = 0;
  std::atomic<uint64_t> failed_ = 0;
  std::atomic<uint64_t> syncs_ = 0;
  std::atomic<uint64_t> sync_failures_ = 0;
  std::atomic<uint64_t> bytes_on_disk_ = 0;
  DurationHistogram sync_delay_;

  mutable Mutex mutex_;
  // When the first entry came into the table that no sync was for.
  std::optional<Instant> unsynced_since_ ABSL_GUARDED_BY(mutex_);
  Sequence next_ ABSL_GUARDED_BY(mutex_) = 1;
  Sequence oldest_ ABSL_GUARDED_BY(mutex_) = 1;
  std::optional<absl::Time> oldest_time_ ABSL_GUARDED_BY(mutex_);  // none: the log is empty
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;

  mutable Mutex runs_mutex_;  // held while runs are written, which appending does not wait for
  UplinkRuns runs_ ABSL_GUARDED_BY(runs_mutex_);

  std::unique_ptr<UplinkIntake> intake_;  // set by Start()
  std::unique_ptr<PeriodicTask> upkeep_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_STORE_H_
