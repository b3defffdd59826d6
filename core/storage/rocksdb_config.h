// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: how RocksDB is set up.
#ifndef WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_CONFIG_H_
#define WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_CONFIG_H_

#include <atomic>
#include <memory>

#include "core/base/mutex.h"
#include "core/storage/database.h"
#include "rocksdb/listener.h"
#include "rocksdb/options.h"

namespace wirepas_grpc::core {

// Told by RocksDB of failures that keep it from writing. Keeps RocksDB from trying to
// go on by itself: version 7.8 then writes a log again that has failed, which ends the
// process. Database::Resume() opens the database anew instead. Thread-safe.
class FailureListener final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* automatic) override {
    *automatic = false;
  }

  bool failing() const { return failing_.load(std::memory_order_acquire); }
  rocksdb::Status failure() const;

  // Begins, or goes on with, a failure.
  void Set(const rocksdb::Status& error);
  void Clear();

 private:
  std::atomic<bool> failing_ = false;
  mutable Mutex mutex_;
  rocksdb::Status failure_ ABSL_GUARDED_BY(mutex_);
};

rocksdb::DBOptions MakeDbOptions(const Database::Options& options,
                                 std::shared_ptr<rocksdb::Logger> log,
                                 std::shared_ptr<rocksdb::EventListener> listener);

// `cache` is shared by all tables.
rocksdb::ColumnFamilyOptions MakeTableOptions(const Database::Options& options,
                                              std::shared_ptr<rocksdb::Cache> cache);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_CONFIG_H_
