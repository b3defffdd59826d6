// SPDX-License-Identifier: Apache-2.0
#include "core/storage/database.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "absl/strings/match.h"
#include "core/storage/database_impl.h"
#include "core/storage/database_opener.h"
#include "core/storage/folder.h"
#include "core/storage/rocksdb_status.h"
#include "core/storage/table_ends.h"
#include "rocksdb/convenience.h"
#include "rocksdb/write_batch.h"

namespace wirepas_grpc::core {
namespace {

rocksdb::WriteOptions MakeWriteOptions(Database::Durability durability) {
  rocksdb::WriteOptions options;
  options.sync = durability == Database::Durability::kMachine;
  options.no_slowdown = true;
  return options;
}

// The bounds of a user's range in a table, which has entries of its own at its ends.
absl::string_view Begin(absl::string_view begin) { return std::max(begin, kFirstKey); }
absl::string_view End(absl::string_view end) {
  return end.empty() || end > kTableEnd ? kTableEnd : end;
}

// What is written anew when the database is opened again, apart from its logs.
constexpr uint64_t kReopenBytes = 1 << 20;

}  // namespace

// A stretch in which RocksDB stays open.
class Database::Reading {
 public:
  explicit Reading(const Impl& impl) : impl_(impl), lock_(impl.gate) {}

  bool ok() const { return impl_.db != nullptr; }
  absl::Status status() const {
    return ok() ? absl::OkStatus() : impl_.Error(impl_.failures->failure());
  }

 private:
  const Impl& impl_;
  const std::shared_lock<std::shared_mutex> lock_;
};

// The same for a write, which does not wait for a database that is being opened again,
// and does not touch one that has failed.
class Database::Writing {
 public:
  explicit Writing(const Impl& impl) : impl_(impl), lock_(impl.gate, std::defer_lock) {
    ok_ = !impl.failures->failing() && lock_.try_lock() && impl.db != nullptr;
  }

  bool ok() const { return ok_; }
  absl::Status status() const {
    if (ok_) return absl::OkStatus();
    if (impl_.failures->failing()) return impl_.Error(impl_.failures->failure());
    return impl_.Error(rocksdb::Status::Busy("opened again at this moment"));
  }

 private:
  const Impl& impl_;
  std::shared_lock<std::shared_mutex> lock_;
  bool ok_;
};

void Database::Batch::Put(Table table, absl::string_view key, absl::string_view value) {
  operations_.push_back({table, false, key.size(), value.size()});
  bytes_.append(key.data(), key.size()).append(value.data(), value.size());
}

void Database::Batch::Delete(Table table, absl::string_view key) {
  operations_.push_back({table, true, key.size(), 0});
  bytes_.append(key.data(), key.size());
}

void Database::Batch::Clear() {
  operations_.clear();
  bytes_.clear();
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const Options& options,
                                                         const std::vector<std::string>& tables) {
  return DatabaseOpener(options, tables).Open();
}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Database::~Database() = default;

const Recovery& Database::recovery() const { return impl_->recovery; }

const std::string& Database::directory() const { return impl_->options.directory; }

Database::Table Database::table(absl::string_view name) const {
  const auto found = std::find(impl_->names.begin(), impl_->names.end(), name);
  return Table(found == impl_->names.end() ? 0 : found - impl_->names.begin());
}

absl::Status Database::Put(Table table, absl::string_view key, absl::string_view value,
                           Durability durability) {
  const Writing writing(*impl_);
  if (!writing.ok()) return writing.status();
  return impl_->Error(impl_->db->Put(MakeWriteOptions(durability), impl_->Handle(table),
                                     ToSlice(key), ToSlice(value)));
}

absl::Status Database::Delete(Table table, absl::string_view key, Durability durability) {
  const Writing writing(*impl_);
  if (!writing.ok()) return writing.status();
  return impl_->Error(
      impl_->db->Delete(MakeWriteOptions(durability), impl_->Handle(table), ToSlice(key)));
}

absl::Status Database::Write(const Batch& batch, Durability durability) {
  const Writing writing(*impl_);
  if (!writing.ok()) return writing.status();
  rocksdb::WriteBatch writes(batch.bytes_.size() + 16 * batch.operations_.size());
  const char* at = batch.bytes_.data();
  for (const Batch::Operation& operation : batch.operations_) {
    rocksdb::ColumnFamilyHandle* table = impl_->Handle(operation.table);
    const rocksdb::Slice key(at, operation.key_size);
    const rocksdb::Slice value(at + operation.key_size, operation.value_size);
    at = value.data() + value.size();
    const rocksdb::Status added =
        operation.is_delete ? writes.Delete(table, key) : writes.Put(table, key, value);
    if (!added.ok()) return impl_->Error(added);
  }
  return impl_->Error(impl_->db->Write(MakeWriteOptions(durability), &writes));
}

absl::Status Database::DropFiles(Table table, absl::string_view begin, absl::string_view end) {
  const Reading reading(*impl_);
  if (!reading.ok()) return reading.status();
  const rocksdb::Slice first = ToSlice(Begin(begin));
  const rocksdb::Slice last = ToSlice(End(end));
  return impl_->Error(rocksdb::DeleteFilesInRange(impl_->db.get(), impl_->Handle(table), &first,
                                                  &last,
                                                  /*include_end=*/false));
}

absl::StatusOr<std::string> Database::Get(Table table, absl::string_view key) const {
  const Reading reading(*impl_);
  if (!reading.ok()) return reading.status();
  std::string value;
  const rocksdb::Status status =
      impl_->db->Get(rocksdb::ReadOptions(), impl_->Handle(table), ToSlice(key), &value);
  if (!status.ok()) return impl_->Error(status);
  return value;
}

absl::Status Database::Scan(Table table, absl::string_view begin, absl::string_view end,
                            Visitor visit) const {
  const Reading reading(*impl_);
  if (!reading.ok()) return reading.status();
  const rocksdb::Slice bound = ToSlice(End(end));
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> entries(
      impl_->db->NewIterator(options, impl_->Handle(table)));
  for (entries->Seek(ToSlice(Begin(begin))); entries->Valid(); entries->Next()) {
    if (!visit(ToView(entries->key()), ToView(entries->value()))) break;
  }
  return impl_->Error(entries->status());
}

absl::Status Database::ScanBackward(Table table, absl::string_view begin, absl::string_view end,
                                    Visitor visit) const {
  const Reading reading(*impl_);
  if (!reading.ok()) return reading.status();
  const rocksdb::Slice lower = ToSlice(Begin(begin));
  const rocksdb::Slice upper = ToSlice(End(end));
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower;
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> entries(
      impl_->db->NewIterator(options, impl_->Handle(table)));
  for (entries->SeekToLast(); entries->Valid(); entries->Prev()) {
    if (!visit(ToView(entries->key()), ToView(entries->value()))) break;
  }
  return impl_->Error(entries->status());
}

absl::Status Database::Sync() {
  const Reading reading(*impl_);
  if (!reading.ok() || failing()) return impl_->Error(impl_->failures->failure());
  // Not by RocksDB: a write may fail at this moment, and version 7.8 ends the process
  // when it syncs a log that has failed. All that is in no log is in files that RocksDB
  // has synced.
  const absl::Status status = SyncFiles(directory(), ".log");
  if (!status.ok()) {
    // What the system could not write it may have forgotten: the logs are to be left.
    impl_->failures->Set(rocksdb::Status::IOError(std::string(status.message())));
  }
  return status;
}

absl::Status Database::Flush() {
  const Reading reading(*impl_);
  if (!reading.ok() || failing()) return impl_->Error(impl_->failures->failure());
  return impl_->Error(impl_->FlushTables(impl_->handles));
}

bool Database::failing() const { return impl_->failures->failing(); }

absl::Status Database::Resume() {
  if (!failing()) return absl::OkStatus();
  // While the disk is full the database stays open, so that it can be read. Opening it
  // again turns its logs into table files.
  uint64_t needed = kReopenBytes;
  for (const std::string& name : ListFiles(directory())) {
    if (absl::EndsWith(name, ".log")) needed += FileSize(PathIn(directory(), name));
  }
  const absl::Status room = CheckRoom(directory(), needed);
  if (!room.ok()) return room;
  const std::unique_lock<std::shared_mutex> alone(impl_->gate);
  if (!failing()) return absl::OkStatus();
  impl_->CloseDb();
  // Closing may have told of the failure once more.
  const rocksdb::Status status = impl_->OpenDb();
  if (status.ok()) {
    impl_->failures->Clear();
  } else {
    impl_->failures->Set(status);
  }
  return impl_->Error(status);
}

uint64_t Database::ApproximateSize(Table table, absl::string_view begin,
                                   absl::string_view end) const {
  const Reading reading(*impl_);
  if (!reading.ok()) return 0;
  const rocksdb::Range range(ToSlice(Begin(begin)), ToSlice(End(end)));
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  uint64_t size = 0;
  impl_->db->GetApproximateSizes(options, impl_->Handle(table), &range, 1, &size)
      .PermitUncheckedError();
  return size;
}

uint64_t Database::DiskBytes() const { return FolderSize(directory()); }

}  // namespace wirepas_grpc::core
