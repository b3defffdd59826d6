// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/intake.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/mutex.h"
#include "core/storage/journal.h"
#include "core/uplink_log/record.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

constexpr uint64_t kNone = std::numeric_limits<uint64_t>::max();

std::string JournalPath(const Database& database) {
  return absl::StrCat(database.directory(), "/uplink-journal");
}

}  // namespace

// Outlives the intake in tasks that come too late.
struct UplinkIntake::State {
  struct Gathered {
    Database::Batch batch;
    uint64_t first = kNone;
    uint64_t last = 0;
    uint64_t count = 0;
    Instant begin;  // when the first one came
  };

  Database* database = nullptr;
  Database::Table table;
  Scheduler* scheduler = nullptr;
  Executor* executor = nullptr;
  DurationHistogram delay;

  Mutex drain_mutex;  // held while a batch is written; before `mutex`
  Written written ABSL_GUARDED_BY(drain_mutex);
  bool stopped ABSL_GUARDED_BY(drain_mutex) = false;

  Mutex mutex;
  std::unique_ptr<Journal> journal ABSL_GUARDED_BY(mutex);
  Gathered filling ABSL_GUARDED_BY(mutex);
  Gathered writing ABSL_GUARDED_BY(mutex);  // its content by who holds `drain_mutex`
  bool scheduled ABSL_GUARDED_BY(mutex) = false;
  bool behind ABSL_GUARDED_BY(mutex) = false;  // the database did not take `writing`
};

absl::StatusOr<bool> UplinkIntake::Recover(Database* database, Database::Table table,
                                           uint64_t oldest) {
  const std::string path = JournalPath(*database);
  if (!Journal::Exists(path)) return false;
  Database::Batch batch;
  for (const Journal::Record& record : Journal::Load(path)) {
    if (record.number >= oldest) batch.Put(table, UplinkKey(record.number), record.value);
  }
  if (batch.empty()) return true;
  // The journal, which the disk may have by now, is begun anew after this.
  const absl::Status status = database->Write(batch, Database::Durability::kMachine);
  if (!status.ok()) return status;
  return true;
}

UplinkIntake::UplinkIntake(Database* database, Database::Table table, size_t journal_bytes,
                           Scheduler* scheduler, Executor* executor, Written written)
    : state_(std::make_shared<State>()) {
  state_->database = database;
  state_->table = table;
  state_->scheduler = scheduler;
  state_->executor = executor;
  {
    MutexLock lock(&state_->drain_mutex);
    state_->written = std::move(written);
  }
  const std::string path = JournalPath(*database);
  if (journal_bytes == 0) {
    Journal::Remove(path);
    return;
  }
  std::unique_ptr<Journal> journal = Journal::Create(path, journal_bytes);
  if (journal == nullptr) {
    spdlog::warn("the state folder {} takes no journal: storing uplinks will cost more",
                 database->directory());
  }
  MutexLock lock(&state_->mutex);
  state_->journal = std::move(journal);
}

bool UplinkIntake::Add(uint64_t sequence, absl::string_view value) {
  State* const state = state_.get();
  if (state->database->failing()) return false;
  {
    MutexLock lock(&state->mutex);
    if (state->journal == nullptr || !state->journal->Append(sequence, value)) return false;
    State::Gathered& filling = state->filling;
    filling.batch.Put(state->table, UplinkKey(sequence), value);
    filling.first = std::min(filling.first, sequence);
    filling.last = sequence;
    if (++filling.count == 1) filling.begin = state->scheduler->MonotonicNow();
    if (std::exchange(state->scheduled, true)) return true;
  }
  state->scheduler->RunAfter(kGather, [shared = state_] {
    shared->executor->Post([shared] {
      {
        MutexLock lock(&shared->mutex);
        shared->scheduled = false;
      }
      // What fails is tried again by the upkeep, if not by the next entry.
      Drain(shared.get()).IgnoreError();
    });
  });
  return true;
}

const DurationHistogram& UplinkIntake::delay() const { return state_->delay; }

absl::Status UplinkIntake::Drain() { return Drain(state_.get()); }

absl::Status UplinkIntake::Drain(State* state) {
  MutexLock drain_lock(&state->drain_mutex);
  if (state->stopped) return absl::OkStatus();
  // Once more for what came while an earlier batch was tried again.
  for (int turn = 0; turn < 2; ++turn) {
    const State::Gathered* writing;
    {
      MutexLock lock(&state->mutex);
      if (state->writing.count == 0) std::swap(state->writing, state->filling);
      writing = &state->writing;
      if (writing->count == 0) return absl::OkStatus();
    }
    const absl::Status status = state->database->Write(writing->batch);
    // The database cannot follow just now; the entries are safe.
    const bool behind = !status.ok() && !state->database->failing();
    if (!behind) state->written(status, writing->count);
    if (status.ok()) state->delay.Observe(state->scheduler->MonotonicNow() - writing->begin);
    MutexLock lock(&state->mutex);
    state->behind = behind;
    if (behind) return status;
    state->journal->Release(writing->last);
    state->writing.batch.Clear();
    state->writing.first = kNone;
    state->writing.count = 0;
  }
  return absl::OkStatus();
}

bool UplinkIntake::MakeRoom() {
  {
    MutexLock lock(&state_->mutex);
    if (state_->behind) return false;
  }
  return Drain().ok();
}

uint64_t UplinkIntake::first() const {
  MutexLock lock(&state_->mutex);
  return std::min(state_->writing.first, state_->filling.first);
}

void UplinkIntake::Stop() {
  MutexLock drain_lock(&state_->drain_mutex);
  if (std::exchange(state_->stopped, true)) return;
  MutexLock lock(&state_->mutex);
  state_->journal.reset();
  if (state_->writing.count + state_->filling.count == 0) {
    Journal::Remove(JournalPath(*state_->database));
  }
}

}  // namespace wirepas_grpc::core
