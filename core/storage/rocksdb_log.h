// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: where RocksDB's own log lines go.
#ifndef WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_LOG_H_
#define WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_LOG_H_

#include <cstdarg>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/base/log_limiter.h"
#include "core/base/mutex.h"
#include "core/storage/database.h"
#include "rocksdb/env.h"

namespace wirepas_grpc::core {

// The number of bytes that a line of RocksDB's says were dropped from a damaged
// file; 0 for any other line.
uint64_t DroppedBytes(absl::string_view line);

// Hands RocksDB's lines to the service's log, warnings and errors at a bounded rate,
// instead of to a file that grows. While a database is being opened it also keeps
// what they tell of damage: RocksDB has no other way to say it. Thread-safe.
class RocksDbLog final : public rocksdb::Logger {
 public:
  RocksDbLog();

  using rocksdb::Logger::Logv;
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override;

  // Ends the watch for damage and adds what was seen to `recovery`.
  void TakeDamage(Recovery* recovery);

 private:
  void Watch(rocksdb::InfoLogLevel level, absl::string_view line);

  LogLimiter limiter_;
  Mutex mutex_;
  bool watching_ ABSL_GUARDED_BY(mutex_) = true;
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> details_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_ROCKSDB_LOG_H_
