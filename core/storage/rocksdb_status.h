// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: RocksDB's errors in the project's terms.
#ifndef WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_STATUS_H_
#define WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace wirepas_grpc::core {

inline rocksdb::Slice ToSlice(absl::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline absl::string_view ToView(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

// Whether the disk has no room for us: full, or a quota or limit of ours is reached.
bool IsDiskFull(const rocksdb::Status& status);

// Whether the files are not what they should be, so that repair may help.
bool IsDamage(const rocksdb::Status& status);

// Whether another process, or another object of this one, holds the lock file.
// `status` came from locking it.
bool IsLocked(const rocksdb::Status& status);

// The errors that Database documents. `context` names the folder.
absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view context);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_STATUS_H_
