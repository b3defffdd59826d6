// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kBootKey[] = "uplink/boot";

std::string KernelBootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

// CLOCK_BOOTTIME may be another one in another time namespace.
std::string ClockBootId(const std::string& boot_id) {
  if (boot_id.empty()) return boot_id;
  std::ifstream file("/proc/self/timens_offsets");
  return boot_id + std::string(std::istreambuf_iterator<char>(file), {});
}

// After a loss numbers go on so far beyond the last one known that none is used again. No
// clock is asked: a wrong one would make numbers repeat. They last for 16 million losses.
uint64_t NumberBeyondLoss(uint64_t end) { return end + kMostMissing; }

std::string MarkPath(const Database& database) {
  return absl::StrCat(database.directory(), "/uplink-next");
}

// Put there by whoever restored the folder from a backup: see docs/operating.md.
std::string RestoredPath(const Database& database) {
  return absl::StrCat(database.directory(), "/restored");
}

}  // namespace

UplinkStore::UplinkStore(const Options& options, Database* database, Scheduler* scheduler)
    : options_(options),
      database_(database),
      scheduler_(scheduler),
      table_(database->table(kTable)),
      clock_(scheduler),
      runs_(database) {}

absl::StatusOr<std::unique_ptr<UplinkStore>> UplinkStore::Open(const Options& options,
                                                               Database* database,
                                                               Scheduler* scheduler,
                                                               Executor* executor) {
  std::unique_ptr<UplinkStore> store(new UplinkStore(options, database, scheduler));
  const absl::Status status = store->Start(executor);
  if (!status.ok()) {
    MutexLock lock(&store->mutex_);
    store->closed_ = true;  // there is no run to end
    return status;
  }
  store->upkeep_ = std::make_unique<PeriodicTask>(executor, scheduler, options.upkeep_interval,
                                                  [store = store.get()] { store->Upkeep(); });
  return store;
}

absl::Status UplinkStore::Start(Executor* executor) {
  const absl::StatusOr<std::string> oldest = GetMeta(kOldestKey);
  if (!oldest.ok()) return oldest.status();
  const absl::StatusOr<bool> journaled =
      UplinkIntake::Recover(database_, table_, ParseUplinkKey(*oldest).value_or(1));
  if (!journaled.ok()) return journaled.status();
  intake_ = std::make_unique<UplinkIntake>(
      database_, table_, options_.sync == SyncPolicy::kEveryPacket ? 0 : options_.journal_bytes,
      scheduler_, executor,
      [this](const absl::Status& status, uint64_t count) { NoteStored(status, count); });
  const std::string boot_id = options_.boot_id.empty() ? KernelBootId() : options_.boot_id;
  machine_ = {ClockBootId(boot_id), options_.since_boot};
  const absl::StatusOr<LastEnd> last = GatherLastEnd(boot_id, *journaled);
  return last.ok() ? StartRun(*last, boot_id) : last.status();
}

absl::StatusOr<std::string> UplinkStore::GetMeta(absl::string_view key) const {
  absl::StatusOr<std::string> value = database_->Get(database_->meta(), key);
  if (absl::IsNotFound(value.status())) return std::string();
  return value;
}

absl::StatusOr<LastEnd> UplinkStore::GatherLastEnd(absl::string_view boot_id, bool journaled) {
  const absl::StatusOr<std::string> last_boot_id = GetMeta(kBootKey);
  if (!last_boot_id.ok()) return last_boot_id.status();
  const absl::StatusOr<std::optional<Sequence>> stored = FindStoredEnd();
  if (!stored.ok()) return stored.status();
  EndEvidence evidence;
  {
    MutexLock lock(&runs_mutex_);
    const absl::Status status = runs_.Load();
    if (!status.ok()) return status;
    if (!runs_.empty()) evidence.run = runs_.last();
  }
  evidence.stored = *stored;
  evidence.mark = SequenceMark::Last(MarkPath(*database_));
  evidence.same_boot = SameBoot(*last_boot_id, boot_id);
  evidence.journal_left = journaled;
  evidence.torn = database_->recovery().torn_bytes > 0;
  evidence.damaged = database_->recovery().Damaged();
  std::error_code ignored;
  evidence.restored = std::filesystem::exists(RestoredPath(*database_), ignored);
  if (evidence.restored)
    spdlog::warn("the state was restored from a backup: what came since is told as a gap");
  const LastEnd last = FindLastEnd(evidence);
  if (last.missing > 0) spdlog::warn("the uplink log lost {} entries at its end", last.missing);
  return last;
}

absl::Status UplinkStore::StartRun(const LastEnd& last, absl::string_view boot_id) {
  UplinkRun run;
  run.id = absl::Uniform<uint64_t>(absl::BitGen());
  run.first = last.lost ? NumberBeyondLoss(last.end) : last.end;
  run.every_synced = options_.sync == SyncPolicy::kEveryPacket;
  run.begins_with_loss = last.lost;
  Database::Batch batch;
  batch.Put(database_->meta(), kBootKey, boot_id);
  absl::Status status = ResumeClock(run, &batch);
  if (!status.ok()) return status;
  {
    MutexLock lock(&runs_mutex_);
    status = runs_.Start(last.end, run, &batch);
    if (!status.ok()) return status;
  }
  std::error_code error;
  if (!std::filesystem::remove(RestoredPath(*database_), error) && error) {
    spdlog::warn("{} cannot be removed: the next start tells a gap again",
                 RestoredPath(*database_));
  }
  mark_ = SequenceMark::Create(MarkPath(*database_), run.first);
  if (mark_ == nullptr) {
    spdlog::warn(
        "the state folder {} takes no mapped file: after an unclean end it may not be "
        "told how much is missing",
        database_->directory());
  }
  run_id_ = run.id;
  began_with_loss_ = last.lost;
  {
    MutexLock lock(&mutex_);
    next_ = run.first;
  }
  const absl::StatusOr<std::string> oldest = GetMeta(kOldestKey);
  if (!oldest.ok()) return oldest.status();
  status = FindOldest(ParseUplinkKey(*oldest).value_or(1));
  if (status.ok() && last.lost) {
    status = AppendGap(run.first, clock_.Now(), Gap{GapReason::kStorageLoss, std::nullopt});
  }
  bytes_on_disk_ = database_->DiskBytes();
  retention_due_ = scheduler_->MonotonicNow();
  return status;
}

// One beyond the last entry there is or was; nothing when that cannot be read.
absl::StatusOr<std::optional<UplinkStore::Sequence>> UplinkStore::FindStoredEnd() const {
  const absl::StatusOr<std::string> oldest = GetMeta(kOldestKey);
  if (!oldest.ok()) return oldest.status();
  Sequence end = ParseUplinkKey(*oldest).value_or(1);
  const absl::Status status =
      database_->ScanBackward(table_, "", "", [&end](absl::string_view key, absl::string_view) {
        const std::optional<Sequence> last = ParseUplinkKey(key);
        if (last.has_value()) end = std::max(end, *last + 1);
        return !last.has_value();
      });
  if (absl::IsDataLoss(status)) return std::optional<Sequence>();
  if (!status.ok()) return status;
  return std::optional<Sequence>(end);
}

void UplinkStore::Close() {
  {
    MutexLock lock(&mutex_);
    if (closed_) return;
    closed_ = true;
  }
  upkeep_.reset();
  const Sequence end = next();
  const absl::Status drained = intake_->Drain();
  intake_->Stop();
  if (!drained.ok()) NoteUpkeepFailure(drained);
  SaveClock();
  MutexLock lock(&runs_mutex_);
  const absl::Status status = runs_.EndCleanly(end);
  if (!status.ok()) {
    spdlog::warn("the uplink log could not be marked as cleanly ended: {}",
                 std::string(status.message()));
  }
}

absl::Status UplinkStore::CheckSequence(Sequence sequence) const {
  MutexLock lock(&mutex_);
  if (closed_) return absl::FailedPreconditionError("the uplink log is closed");
  if (sequence >= next_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the number ", sequence, " was used; the next one is ", next_));
}

absl::Status UplinkStore::Append(Sequence sequence, absl::Time arrival, absl::string_view topic,
                                 absl::string_view payload) {
  const absl::Status status = CheckSequence(sequence);
  if (!status.ok()) return status;
  EncodePacketRecord(arrival, topic, payload, &value_);
  return Store(sequence, arrival);
}

absl::Status UplinkStore::AppendGap(Sequence sequence, absl::Time arrival, const Gap& gap) {
  const absl::Status status = CheckSequence(sequence);
  if (!status.ok()) return status;
  EncodeGapRecord(arrival, gap, &value_);
  return Store(sequence, arrival);
}

absl::Status UplinkStore::Store(Sequence sequence, absl::Time arrival) {
  bool taken = intake_->Add(sequence, value_);
  // When the journal is full it is emptied here: entries come into the table in order, so
  // that its files never overlap.
  if (!taken && intake_->MakeRoom()) taken = intake_->Add(sequence, value_);
  absl::Status status;
  const Instant begin = scheduler_->MonotonicNow();
  if (!taken) {
    status =
        database_->Put(table_, UplinkKey(sequence), value_,
                       options_.sync == SyncPolicy::kEveryPacket ? Database::Durability::kMachine
                                                                 : Database::Durability::kProcess);
  }
  if (!taken && status.ok() && options_.sync == SyncPolicy::kEveryPacket) {
    sync_delay_.Observe(scheduler_->MonotonicNow() - begin);
  }
  if (mark_ != nullptr) mark_->Set(sequence + 1);
  {
    MutexLock lock(&mutex_);
    next_ = sequence + 1;
    if (status.ok() && !oldest_time_.has_value()) {
      oldest_ = sequence;
      oldest_time_ = arrival;
    }
  }
  if (!taken) NoteStored(status, 1);
  return status;
}

// Entries have come into the table, or have not.
void UplinkStore::NoteStored(const absl::Status& status, uint64_t count) {
  if (status.ok()) {
    appended_.fetch_add(count, std::memory_order_relaxed);
    MutexLock lock(&mutex_);
    if (!unsynced_since_.has_value()) unsynced_since_ = scheduler_->MonotonicNow();
    return;
  }
  failed_.fetch_add(count, std::memory_order_relaxed);
  uint64_t suppressed;
  if (!failures_logged_.Allow(scheduler_->MonotonicNow(), &suppressed)) return;
  spdlog::error(
      "entries of the uplink log could not be stored: {} ({} more times since the last line)",
      std::string(status.message()), suppressed);
}

UplinkStore::Sequence UplinkStore::next() const {
  MutexLock lock(&mutex_);
  return next_;
}

UplinkStore::Sequence UplinkStore::oldest() const {
  MutexLock lock(&mutex_);
  return oldest_time_.has_value() ? oldest_ : next_;
}

std::optional<absl::Time> UplinkStore::oldest_time() const {
  MutexLock lock(&mutex_);
  return oldest_time_;
}

std::optional<UplinkRuns::Place> UplinkStore::Resolve(uint64_t run_id, Sequence next) const {
  const Sequence log_next = this->next();
  MutexLock lock(&runs_mutex_);
  return runs_.Resolve(run_id, next, log_next);
}

UplinkStore::Statistics UplinkStore::statistics() const {
  Statistics statistics;
  statistics.appended = appended_.load(std::memory_order_relaxed);
  statistics.failed = failed_.load(std::memory_order_relaxed);
  statistics.syncs = syncs_.load(std::memory_order_relaxed);
  statistics.sync_failures = sync_failures_.load(std::memory_order_relaxed);
  statistics.bytes_on_disk = bytes_on_disk_.load(std::memory_order_relaxed);
  return statistics;
}

}  // namespace wirepas_grpc::core
