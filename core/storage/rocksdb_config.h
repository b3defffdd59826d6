// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: how RocksDB is set up.
#ifndef WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_CONFIG_H_
#define WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_CONFIG_H_

#include <atomic>
#include <memory>

#include "core/storage/database.h"
#include "rocksdb/listener.h"
#include "rocksdb/options.h"

namespace wirepas_grpc::core {

// Told by RocksDB of failures that stop its writes. It sees to it that each can be
// resumed from, and that only Database::Resume() does so: RocksDB's own attempts
// know a full disk only and keep others from trying. Thread-safe.
class FailureListener final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* automatic) override {
    *automatic = false;
  }

  bool failing() const { return failing_.load(std::memory_order_relaxed); }
  void Clear() { failing_.store(false, std::memory_order_relaxed); }

 private:
  std::atomic<bool> failing_ = false;
};

rocksdb::DBOptions MakeDbOptions(const Database::Options& options,
                                 std::shared_ptr<rocksdb::Logger> log,
                                 std::shared_ptr<rocksdb::EventListener> listener);

// `cache` is shared by all tables.
rocksdb::ColumnFamilyOptions MakeTableOptions(const Database::Options& options,
                                              std::shared_ptr<rocksdb::Cache> cache);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_CONFIG_H_
