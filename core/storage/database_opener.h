// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: opening a database, whatever state its files are in.
#ifndef WIREPAS_GRPC_CORE_STORAGE_DATABASE_OPENER_H_
#define WIREPAS_GRPC_CORE_STORAGE_DATABASE_OPENER_H_

#include <memory>
#include <string>
#include <vector>

#include "core/storage/database_impl.h"

namespace wirepas_grpc::core {

// Opens one database, once. Tries in this order, each step only when the one before
// met damage: RocksDB as it is, which reads every whole record of its logs; RocksDB's
// repair; an empty database, with the files of the old one moved aside.
class DatabaseOpener {
 public:
  DatabaseOpener(const Database::Options& options, const std::vector<std::string>& tables);

  absl::StatusOr<std::unique_ptr<Database>> Open();

 private:
  absl::Status Prepare();
  void NoteTornLogs();
  absl::Status OpenWhatever();
  rocksdb::Status TryRepair();
  absl::Status SetAside(const rocksdb::Status& cause);
  void NoteFormat();
  absl::Status WriteTableEnds();
  void Detail(std::string line);

  const std::string directory_;
  const std::string program_version_;
  std::unique_ptr<Database::Impl> impl_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_DATABASE_OPENER_H_
