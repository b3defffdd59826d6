// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: what stands behind Database.
#ifndef WIREPAS_GRPC_CORE_STORAGE_DATABASE_IMPL_H_
#define WIREPAS_GRPC_CORE_STORAGE_DATABASE_IMPL_H_

#include <memory>
#include <string>
#include <vector>

#include "core/storage/database.h"
#include "core/storage/rocksdb_config.h"
#include "rocksdb/db.h"

namespace wirepas_grpc::core {

struct Database::Impl {
  ~Impl() { CloseDb(); }

  void CloseDb() {
    if (db == nullptr) return;
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
      db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
    handles.clear();
    db->Close().PermitUncheckedError();
    db.reset();
  }

  rocksdb::ColumnFamilyHandle* Handle(Table table) const { return handles[table.index_]; }

  Options options;
  std::vector<std::string> names;  // of the tables; the first is "meta"
  std::shared_ptr<FailureListener> failures;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // as `names`, then unknown ones
  Recovery recovery;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_DATABASE_IMPL_H_
