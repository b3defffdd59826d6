// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: what stands behind Database.
#ifndef WIREPAS_GRPC_CORE_STORAGE_DATABASE_IMPL_H_
#define WIREPAS_GRPC_CORE_STORAGE_DATABASE_IMPL_H_

#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "core/storage/database.h"
#include "core/storage/rocksdb_config.h"
#include "core/storage/rocksdb_log.h"
#include "rocksdb/db.h"

namespace wirepas_grpc::core {

struct Database::Impl {
  Impl(const Options& database_options, const std::vector<std::string>& tables);
  ~Impl() { CloseDb(); }

  // Opens RocksDB with all tables, those that are not named too. Reads the whole "meta"
  // table, which is small and which nothing can do without.
  rocksdb::Status OpenDb();
  void CloseDb();

  // Writes what tables have in memory to files; waits. Nothing else may be written
  // meanwhile.
  rocksdb::Status FlushTables(const std::vector<rocksdb::ColumnFamilyHandle*>& tables);

  // `status` in the project's terms, with the folder's name.
  absl::Status Error(const rocksdb::Status& status) const;

  rocksdb::ColumnFamilyHandle* Handle(Table table) const { return handles[table.index_]; }

  const Options options;
  std::vector<std::string> names;  // of the tables; the first is "meta"
  const std::shared_ptr<RocksDbLog> log;
  const std::shared_ptr<FailureListener> failures;
  const rocksdb::DBOptions db_options;
  const rocksdb::ColumnFamilyOptions table_options;
  Recovery recovery;

  // Held shared by whoever uses `db`, alone by who closes or opens it. Not the project's
  // own lock, which cannot be shared.
  mutable std::shared_mutex gate;
  std::unique_ptr<rocksdb::DB> db;                    // null when it could not be opened again
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // as `names`, then unnamed ones
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_DATABASE_IMPL_H_
