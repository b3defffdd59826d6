// SPDX-License-Identifier: Apache-2.0
#include "core/storage/rocksdb_status.h"

#include <cerrno>
#include <initializer_list>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace wirepas_grpc::core {
namespace {

// RocksDB keeps the system's text of an error and not its number.
bool HasErrno(const rocksdb::Status& status, std::initializer_list<int> numbers) {
  if (!status.IsIOError()) return false;
  const char* state = status.getState();
  if (state == nullptr) return false;
  for (const int number : numbers) {
    if (absl::EndsWith(state, std::generic_category().message(number))) return true;
  }
  return false;
}

absl::StatusCode CodeOf(const rocksdb::Status& status) {
  if (status.IsNotFound()) return absl::StatusCode::kNotFound;
  if (IsDiskFull(status)) return absl::StatusCode::kResourceExhausted;
  if (HasErrno(status, {EACCES, EPERM, EROFS})) return absl::StatusCode::kPermissionDenied;
  if (status.IsCorruption()) return absl::StatusCode::kDataLoss;
  if (status.IsNotSupported()) return absl::StatusCode::kFailedPrecondition;
  if (status.IsInvalidArgument()) return absl::StatusCode::kInvalidArgument;
  return absl::StatusCode::kUnavailable;
}

}  // namespace

bool IsDiskFull(const rocksdb::Status& status) {
  return status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit ||
         HasErrno(status, {ENOSPC, EDQUOT, EFBIG});
}

bool IsDamage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound() ||
         status.IsInvalidArgument() || HasErrno(status, {ENOENT});
}

bool IsLocked(const rocksdb::Status& status) {
  if (!status.IsIOError() || status.getState() == nullptr) return false;
  return HasErrno(status, {EAGAIN}) || absl::StrContains(status.getState(), "lock hold by");
}

absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view context) {
  if (status.ok()) return absl::OkStatus();
  std::string cause = status.ToString();
  if (status.IsIncomplete()) cause = "the disk cannot follow the writes";
  return absl::Status(CodeOf(status), absl::StrReplaceAll(absl::StrCat(context, ": ", cause),
                                                          {{"\n", " "}, {"\r", " "}}));
}

}  // namespace wirepas_grpc::core
