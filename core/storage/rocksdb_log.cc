// SPDX-License-Identifier: Apache-2.0
#include "core/storage/rocksdb_log.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {

uint64_t DroppedBytes(absl::string_view line) {
  constexpr absl::string_view kBefore = "dropping ";
  const size_t at = line.find(kBefore);
  if (at == absl::string_view::npos) return 0;
  const absl::string_view rest = line.substr(at + kBefore.size());
  const size_t digits =
      std::find_if_not(rest.begin(), rest.end(), absl::ascii_isdigit) - rest.begin();
  uint64_t bytes = 0;
  if (rest.substr(digits, 6) != " bytes" || !absl::SimpleAtoi(rest.substr(0, digits), &bytes)) {
    return 0;
  }
  return bytes;
}

RocksDbLog::RocksDbLog() : rocksdb::Logger(rocksdb::InfoLogLevel::INFO_LEVEL) {}

void RocksDbLog::Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) {
  const bool notable = level == rocksdb::WARN_LEVEL || level == rocksdb::ERROR_LEVEL ||
                       level == rocksdb::FATAL_LEVEL;
  // Most lines are of the other kind and wanted by nobody: not even formatted then.
  if (!notable && !spdlog::should_log(spdlog::level::trace)) return;
  std::array<char, 1024> buffer;
  std::vsnprintf(buffer.data(), buffer.size(), format, arguments);
  const std::string line = absl::StrReplaceAll(
      absl::StripAsciiWhitespace(absl::string_view(buffer.data())), {{"\n", " "}, {"\r", " "}});
  // Closing interrupts what runs in the background, which it reports as an error.
  if (!notable || absl::StrContains(line, "Shutdown in progress")) {
    spdlog::trace("rocksdb: {}", line);
    return;
  }
  Watch(level, line);
  uint64_t suppressed;
  if (!limiter_.Allow(Instant::Now(), &suppressed)) return;
  spdlog::warn("rocksdb: {} ({} more since the last line)", line, suppressed);
}

void RocksDbLog::Watch(rocksdb::InfoLogLevel level, absl::string_view line) {
  MutexLock lock(&mutex_);
  if (!watching_) return;
  const uint64_t dropped = DroppedBytes(line);
  dropped_ += dropped;
  if ((dropped > 0 || level != rocksdb::WARN_LEVEL) && details_.size() < kMaxRecoveryDetails) {
    details_.emplace_back(line);
  }
}

void RocksDbLog::TakeDamage(Recovery* recovery) {
  MutexLock lock(&mutex_);
  watching_ = false;
  recovery->bytes_dropped += dropped_;
  for (std::string& detail : details_) {
    if (recovery->details.size() < kMaxRecoveryDetails) {
      recovery->details.push_back(std::move(detail));
    }
  }
  details_.clear();
}

}  // namespace wirepas_grpc::core
