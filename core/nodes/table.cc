// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/table.h"

#include "absl/strings/str_cat.h"
#include "core/uplink_log/record.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {

NodeTable::NodeTable(absl::string_view name, Database* database, Scheduler* scheduler)
    : name_(name),
      position_key_(absl::StrCat(name, "/position")),
      database_(database),
      scheduler_(scheduler),
      table_(database->table(name)) {}

absl::Status NodeTable::Load(absl::FunctionRef<void(NodeKey, absl::string_view)> visit) const {
  return database_->Scan(table_, "", "", [visit](absl::string_view key, absl::string_view row) {
    const std::optional<NodeKey> node = DecodeNodeKey(key);
    if (node.has_value()) visit(*node, row);
    return true;
  });
}

absl::StatusOr<std::optional<uint64_t>> NodeTable::Position() const {
  const absl::StatusOr<std::string> position = database_->Get(database_->meta(), position_key_);
  if (position.ok()) return ParseUplinkKey(*position);
  if (absl::IsNotFound(position.status())) return std::nullopt;
  return position.status();
}

absl::Status NodeTable::Save(const Changes& changes) {
  Database::Batch batch;
  for (const std::string& key : changes.gone) batch.Delete(table_, key);
  for (const auto& [key, row] : changes.rows) batch.Put(table_, key, row);
  if (changes.position.has_value()) {
    batch.Put(database_->meta(), position_key_, UplinkKey(*changes.position));
  }
  const absl::Status status = database_->Write(batch);
  if (status.ok()) return status;
  failures_.fetch_add(1, std::memory_order_relaxed);
  uint64_t suppressed;
  if (failures_logged_.Allow(scheduler_->MonotonicNow(), &suppressed)) {
    spdlog::error(
        "{}: {} rows could not be stored and stay in memory until they can: {} ({} more such "
        "failures since the last line)",
        name_, changes.rows.size() + changes.gone.size(), std::string(status.message()),
        suppressed);
  }
  return status;
}

}  // namespace wirepas_grpc::core
