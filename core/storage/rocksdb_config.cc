// SPDX-License-Identifier: Apache-2.0
#include "core/storage/rocksdb_config.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "rocksdb/cache.h"
#include "rocksdb/table.h"

namespace wirepas_grpc::core {
namespace {

// How many write buffers a table may have: one is written to, the others wait for the
// disk. When all are full writes fail.
constexpr int kWriteBuffers = 8;

}  // namespace

void FailureListener::OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                                        rocksdb::Status* error) {
  if (error->IsShutdownInProgress()) return;
  if (reason == rocksdb::BackgroundErrorReason::kCompaction) {
    // Files could not be merged: one of them went bad, or there is no room. They stay as
    // they are, and what is written now does not depend on it.
    *error = rocksdb::Status::OK();
    return;
  }
  Set(*error);
}

rocksdb::Status FailureListener::failure() const {
  MutexLock lock(&mutex_);
  return failure_;
}

void FailureListener::Set(const rocksdb::Status& error) {
  MutexLock lock(&mutex_);
  failure_ = error;
  failing_.store(true, std::memory_order_release);
}

void FailureListener::Clear() {
  MutexLock lock(&mutex_);
  failing_.store(false, std::memory_order_release);
}

rocksdb::DBOptions MakeDbOptions(const Database::Options& options,
                                 std::shared_ptr<rocksdb::Logger> log,
                                 std::shared_ptr<rocksdb::EventListener> listener) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  // Every whole record counts, those after a damaged one too: what we store are entries
  // that do not build on one another.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  // All tables move on together, so that a damaged log never leaves one table ahead of
  // another, which RocksDB would refuse to open.
  db.atomic_flush = true;
  // So a table that is seldom written does not keep the logs of all others, and logs need
  // no bound beside that of the write buffers. Version 7.8 ends the process when both
  // bounds are reached at the same time.
  db.max_total_wal_size = std::numeric_limits<uint64_t>::max();
  db.max_background_jobs = 2;
  // There is one writer at a time, nearly always; what serves many costs it.
  db.allow_concurrent_memtable_write = false;
  db.enable_write_thread_adaptive_yield = false;
  db.max_open_files = options.max_open_files;
  db.max_file_opening_threads = 1;
  db.table_cache_numshardbits = 2;
  db.manifest_preallocation_size = 64 << 10;
  db.max_manifest_file_size = 16 << 20;
  db.max_bgerror_resume_count = 0;
  // Statistics would wake an idle process.
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.info_log = std::move(log);
  if (listener != nullptr) db.listeners = {std::move(listener)};
  return db;
}

rocksdb::ColumnFamilyOptions MakeTableOptions(const Database::Options& options,
                                              std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = std::move(cache);
  // Indexes count against the cache's bound too.
  blocks.cache_index_and_filter_blocks = true;
  blocks.block_size = 16 << 10;
  blocks.format_version = 5;

  rocksdb::ColumnFamilyOptions table;
  table.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  table.write_buffer_size = options.write_buffer_bytes;
  table.max_write_buffer_number = kWriteBuffers;
  table.arena_block_size = std::min<size_t>(options.write_buffer_bytes / 8, 256 << 10);
  // Payloads are short and binary, often encrypted: only topics would shrink. Not worth
  // the processor time beside the feed.
  table.compression = rocksdb::kNoCompression;
  // Files of keys that only grow go down the levels without being rewritten, and only
  // from level 1 on can they be dropped whole.
  table.level0_file_num_compaction_trigger = 2;
  // The number of files never stops writes: after a repair all are in level 0.
  table.level0_slowdown_writes_trigger = std::numeric_limits<int>::max();
  table.level0_stop_writes_trigger = std::numeric_limits<int>::max();
  table.soft_pending_compaction_bytes_limit = 0;
  table.hard_pending_compaction_bytes_limit = 0;
  table.target_file_size_base = 4 * options.write_buffer_bytes;
  return table;
}

}  // namespace wirepas_grpc::core
