// SPDX-License-Identifier: Apache-2.0
#include "core/storage/database_opener.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/storage/folder.h"
#include "core/storage/format_file.h"
#include "core/storage/log_tail.h"
#include "core/storage/rocksdb_status.h"
#include "core/storage/salvage.h"
#include "core/storage/table_ends.h"
#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

// See format_file.h for when it is raised.
constexpr int kFormat = 1;

// Kept of what was moved aside, for a person to look at.
constexpr size_t kDamagedKept = 2;

// RocksDB's repair moves what it cannot use, or has used up, to this subfolder.
constexpr char kRepairLeftovers[] = "lost";

}  // namespace

DatabaseOpener::DatabaseOpener(const Database::Options& options,
                               const std::vector<std::string>& tables)
    : directory_(options.directory),
      program_version_(options.program_version),
      impl_(std::make_unique<Database::Impl>(options, tables)) {}

absl::StatusOr<std::unique_ptr<Database>> DatabaseOpener::Open() {
  absl::Status status = Prepare();
  if (status.ok()) status = OpenWhatever();
  if (!status.ok()) return status;
  NoteFormat();
  SalvageUnknownFiles(impl_.get());
  status = WriteTableEnds();
  if (!status.ok()) return status;
  impl_->log->TakeDamage(&impl_->recovery);
  TrimDamaged(directory_, kDamagedKept);
  return std::unique_ptr<Database>(new Database(std::move(impl_)));
}

// Before anything is touched: the folder is usable and ours.
absl::Status DatabaseOpener::Prepare() {
  const absl::Status status = PrepareFolder(directory_);
  if (!status.ok()) return status;
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status locked = impl_->db_options.env->LockFile(PathIn(directory_, "LOCK"), &lock);
  if (IsLocked(locked)) {
    return absl::FailedPreconditionError(
        absl::StrCat("state folder ", directory_, ": in use by another process"));
  }
  if (!locked.ok()) return impl_->Error(locked);
  const absl::Status known = CheckFormatFile(directory_, kFormat, program_version_);
  if (known.ok()) {
    NoteTornLogs();
    LinkTableFiles(directory_);
  }
  const rocksdb::Status unlocked = impl_->db_options.env->UnlockFile(lock);
  return known.ok() ? impl_->Error(unlocked) : known;
}

void DatabaseOpener::NoteTornLogs() {
  for (const std::string& name : ListFiles(directory_)) {
    if (!absl::EndsWith(name, ".log")) continue;
    const uint64_t torn = TornTailBytes(PathIn(directory_, name));
    if (torn == 0) continue;
    impl_->recovery.torn_bytes += torn;
    Detail(absl::StrCat("the log ", name, " ends in the middle of a record: dropped ", torn,
                        " bytes"));
  }
}

absl::Status DatabaseOpener::OpenWhatever() {
  const rocksdb::Status first = impl_->OpenDb();
  if (first.ok()) return absl::OkStatus();
  if (!IsDamage(first)) return impl_->Error(first);
  Detail(absl::StrCat("could not be opened as it is: ", first.ToString()));

  rocksdb::Status status = TryRepair();
  if (status.ok()) {
    impl_->recovery.repaired = true;
    status = impl_->OpenDb();
    if (status.ok()) return absl::OkStatus();
  }
  if (!IsDamage(status)) return impl_->Error(status);
  return SetAside(status);
}

rocksdb::Status DatabaseOpener::TryRepair() {
  std::vector<rocksdb::ColumnFamilyDescriptor> tables = {
      {rocksdb::kDefaultColumnFamilyName, impl_->table_options}};
  rocksdb::DBOptions options = impl_->db_options;
  options.listeners.clear();
  const rocksdb::Status status =
      rocksdb::RepairDB(directory_, options, tables, /*unknown_cf_opts=*/impl_->table_options);
  const std::string leftovers = PathIn(directory_, kRepairLeftovers);
  for (const std::string& name : ListFiles(leftovers)) {
    if (!absl::EndsWith(name, ".sst")) continue;
    const uint64_t size = FileSize(PathIn(leftovers, name));
    impl_->recovery.bytes_dropped += size;
    Detail(absl::StrCat("dropped the damaged table file ", name, " of ", size, " bytes"));
  }
  const std::string name = DamagedName(directory_);
  if (rename(leftovers.c_str(), PathIn(directory_, name).c_str()) == 0) {
    Detail(absl::StrCat("what repair could not use is in ", PathIn(directory_, name)));
  }
  return status;
}

absl::Status DatabaseOpener::SetAside(const rocksdb::Status& cause) {
  Detail(absl::StrCat("could not be repaired: ", cause.ToString()));
  // Repair may have made table files of the logs.
  LinkTableFiles(directory_);
  const std::string name = DamagedName(directory_);
  const absl::Status moved = MoveDatabaseFiles(directory_, name);
  if (!moved.ok()) {
    return absl::DataLossError(absl::StrCat(
        "state folder ", directory_, ": damaged, and could not be moved aside: ", moved.message()));
  }
  impl_->recovery.set_aside = PathIn(directory_, name);
  const rocksdb::Status status = impl_->OpenDb();
  return IsDamage(status) ? absl::DataLossError(impl_->Error(status).message())
                          : impl_->Error(status);
}

// Of no consequence if it fails, as long as there is one format only.
void DatabaseOpener::NoteFormat() {
  const absl::Status status = WriteFormatFile(directory_, kFormat, program_version_);
  if (!status.ok()) spdlog::warn("state: {}", std::string(status.message()));
}

absl::Status DatabaseOpener::WriteTableEnds() {
  for (size_t i = 1; i < impl_->names.size(); ++i) {
    rocksdb::ColumnFamilyHandle* table = impl_->handles[i];
    for (const absl::string_view key : {kTableBegin, kTableEnd}) {
      std::string ignored;
      rocksdb::Status status =
          impl_->db->Get(rocksdb::ReadOptions(), table, ToSlice(key), &ignored);
      // One in a file that went bad is left alone: to write it anew would only have the
      // files merged, and so the bad one read.
      if (!status.IsNotFound()) continue;
      status = impl_->db->Put(rocksdb::WriteOptions(), table, ToSlice(key), rocksdb::Slice());
      if (status.ok()) status = impl_->FlushTables({table});
      if (!status.ok()) return impl_->Error(status);
    }
  }
  return absl::OkStatus();
}

void DatabaseOpener::Detail(std::string line) {
  if (impl_->recovery.details.size() < kMaxRecoveryDetails) {
    impl_->recovery.details.push_back(std::move(line));
  }
}

}  // namespace wirepas_grpc::core
