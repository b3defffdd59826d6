// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NODES_TABLE_H_
#define WIREPAS_GRPC_CORE_NODES_TABLE_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/log_limiter.h"
#include "core/base/scheduler.h"
#include "core/nodes/key.h"
#include "core/storage/database.h"

namespace wirepas_grpc::core {

// Rows about nodes on disk, with the place in the uplink log that they were made up to:
// both are written together, so that a reader of the log who goes on at that place
// after any end of the process misses nothing. All calls wait, but they are for one
// thread at a time; failures() is thread-safe.
class NodeTable {
 public:
  // `name` was given to Database::Open(), and names the rows in log lines. All outlive
  // the table.
  NodeTable(absl::string_view name, Database* database, Scheduler* scheduler);

  // Visits all rows, by ascending key.
  absl::Status Load(absl::FunctionRef<void(NodeKey key, absl::string_view row)> visit) const;

  // The place that was saved last. Nothing: none was.
  absl::StatusOr<std::optional<uint64_t>> Position() const;

  struct Changes {
    std::vector<std::pair<std::string, std::string>> rows;  // encoded keys and rows
    std::vector<std::string> gone;                          // encoded keys
    std::optional<uint64_t> position;
  };
  // Writes all together, or fails; failures are counted and logged at a bounded rate.
  absl::Status Save(const Changes& changes);

  uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

 private:
  const std::string name_;
  const std::string position_key_;  // in the "meta" table
  Database* const database_;
  Scheduler* const scheduler_;
  const Database::Table table_;
  LogLimiter failures_logged_;
  std::atomic<uint64_t> failures_ = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NODES_TABLE_H_
