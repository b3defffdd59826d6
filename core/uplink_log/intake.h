// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_INTAKE_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_INTAKE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/duration_histogram.h"
#include "core/base/executor.h"
#include "core/base/scheduler.h"
#include "core/storage/database.h"

namespace wirepas_grpc::core {

// The way of entries into the uplink log's table, in batches: an entry that was added
// survives the end of the process at once, by a journal beside the database, and is in
// the table a little later. The broker's thread is thereby spared the database.
//
// At most one batch is being written and one being filled, both within the journal's
// bound. Thread-safe, but for Add().
class UplinkIntake {
 public:
  // How many entries were written, or why that many could not be.
  using Written = absl::AnyInvocable<void(const absl::Status&, uint64_t count)>;

  // How long entries are gathered for.
  static constexpr absl::Duration kGather = absl::Milliseconds(10);

  // Writes to the table what the last process left in the journal, of the entries from
  // `oldest` on; waits. False: it left none. What it left may have been damaged since.
  static absl::StatusOr<bool> Recover(Database* database, Database::Table table, uint64_t oldest);

  // With an empty journal of up to `journal_bytes`; 0: Add() takes nothing. `written` is
  // called after each batch, by one thread at a time. All outlive the intake. Batches
  // are written on `executor`, whose tasks may wait.
  UplinkIntake(Database* database, Database::Table table, size_t journal_bytes,
               Scheduler* scheduler, Executor* executor, Written written);
  ~UplinkIntake() { Stop(); }

  // False: it was not taken, for want of room or because the disk fails. One thread at a
  // time, with ascending numbers. Does not wait.
  bool Add(uint64_t sequence, absl::string_view value);

  // Writes all that was added before the call to the table; waits. OK: it is there, or
  // `written` was told why not. An error: it is still on its way, in the journal.
  absl::Status Drain();

  // Drains, so that the journal has room again. False: there is none, as the database
  // could not follow when it was last tried; it is not tried again here, at every entry.
  bool MakeRoom();

  // The first entry that is on its way; the largest number when there is none.
  uint64_t first() const;

  // From the taking of the first entry of a batch until the batch is in the table.
  const DurationHistogram& delay() const;

  // Nothing is written after that; waits for what is being written. The journal stays
  // only if something in it is not in the table.
  void Stop();

 private:
  struct State;

  static absl::Status Drain(State* state);

  const std::shared_ptr<State> state_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_INTAKE_H_
