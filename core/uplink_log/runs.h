// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_RUNS_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_RUNS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/storage/database.h"

namespace wirepas_grpc::core {

// A stretch of the uplink log that one opening of it wrote, from `first` up to `end`.
struct UplinkRun {
  uint64_t ordinal = 0;  // 1, 2, 3, ...
  uint64_t id = 0;       // random; what cursors name
  uint64_t first = 0;
  uint64_t end = 0;               // 0 while it goes on, and after an end that was not clean
  bool clean = false;             // it was ended by Close()
  bool every_synced = false;      // each of its entries was on the disk when it was told stored
  bool begins_with_loss = false;  // `first` is a marker that entries before it are lost
};

// The runs of the uplink log, in the "meta" table. Bounded: the oldest ones are
// forgotten when nothing of theirs is left, or when there are kMaxRuns.
// Not thread-safe.
class UplinkRuns {
 public:
  static constexpr size_t kMaxRuns = 1024;

  // `database` outlives the runs.
  explicit UplinkRuns(Database* database) : database_(database) {}

  // Reads them. Malformed ones count as missing.
  absl::Status Load();

  bool empty() const { return runs_.empty(); }
  const UplinkRun& last() const { return runs_.back(); }
  size_t size() const { return runs_.size(); }

  // Ends the last run, if there is one, at `end`, and starts a new one, in one write
  // that is on the disk when this returns. `batch` may hold more for the same write.
  absl::Status Start(uint64_t end, const UplinkRun& run, Database::Batch* batch);

  // Marks the last run as cleanly ended. On the disk when this returns.
  absl::Status EndCleanly(uint64_t end);

  // Forgets runs that ended before `oldest`: no cursor of theirs can still be served.
  absl::Status Forget(uint64_t oldest);

  // Where a cursor of the run `id` at `next` is now.
  struct Place {
    uint64_t sequence = 0;
    bool exact = false;  // false: entries that its reader may not have had are lost
  };
  // Nothing: the run is unknown. `log_next` is the number the next entry will have.
  std::optional<Place> Resolve(uint64_t id, uint64_t next, uint64_t log_next) const;

 private:
  absl::Status DropOldest(size_t count);

  Database* const database_;
  std::vector<UplinkRun> runs_;  // in their order
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_RUNS_H_
