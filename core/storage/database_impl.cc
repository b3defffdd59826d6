// SPDX-License-Identifier: Apache-2.0
#include "core/storage/database_impl.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/storage/rocksdb_status.h"
#include "rocksdb/cache.h"

namespace wirepas_grpc::core {
namespace {

rocksdb::Status ReadAll(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* table) {
  const std::unique_ptr<rocksdb::Iterator> entries(db->NewIterator(rocksdb::ReadOptions(), table));
  entries->SeekToFirst();
  while (entries->Valid()) entries->Next();
  return entries->status();
}

}  // namespace

Database::Impl::Impl(const Options& database_options, const std::vector<std::string>& tables)
    : options(database_options),
      names({"meta"}),
      log(std::make_shared<RocksDbLog>()),
      failures(std::make_shared<FailureListener>()),
      db_options(MakeDbOptions(options, log, failures)),
      table_options(MakeTableOptions(
          options, rocksdb::NewLRUCache(options.block_cache_bytes, /*num_shard_bits=*/0))) {
  names.insert(names.end(), tables.begin(), tables.end());
}

rocksdb::Status Database::Impl::OpenDb() {
  std::vector<rocksdb::ColumnFamilyDescriptor> tables = {
      {rocksdb::kDefaultColumnFamilyName, table_options}};
  for (size_t i = 1; i < names.size(); ++i) tables.emplace_back(names[i], table_options);
  // Tables of a version that had more are opened too: RocksDB insists.
  std::vector<std::string> present;
  if (rocksdb::DB::ListColumnFamilies(db_options, options.directory, &present).ok()) {
    for (const std::string& name : present) {
      const bool named = std::any_of(tables.begin(), tables.end(),
                                     [&](const auto& table) { return table.name == name; });
      if (!named) tables.emplace_back(name, table_options);
    }
  }
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status =
      rocksdb::DB::Open(db_options, options.directory, tables, &handles, &opened);
  db.reset(opened);
  if (status.ok()) status = ReadAll(db.get(), handles[0]);
  if (!status.ok()) CloseDb();
  return status;
}

void Database::Impl::CloseDb() {
  if (db == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  handles.clear();
  db->Close().PermitUncheckedError();
  db.reset();
}

// Version 7.8 ends the process when a flush is asked for while one that it has asked for
// by itself has not begun.
rocksdb::Status Database::Impl::FlushTables(
    const std::vector<rocksdb::ColumnFamilyHandle*>& tables) {
  const auto flushing = [this](rocksdb::ColumnFamilyHandle* table) {
    uint64_t pending = 0;
    uint64_t running = 0;
    return (db->GetIntProperty(table, rocksdb::DB::Properties::kMemTableFlushPending, &pending) &&
            pending > 0) ||
           (db->GetIntProperty(table, rocksdb::DB::Properties::kNumRunningFlushes, &running) &&
            running > 0);
  };
  while (!failures->failing() && std::any_of(handles.begin(), handles.end(), flushing)) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  return db->Flush(rocksdb::FlushOptions(), tables);
}

absl::Status Database::Impl::Error(const rocksdb::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  return FromRocksDb(status, absl::StrCat("state folder ", options.directory));
}

}  // namespace wirepas_grpc::core
