// SPDX-License-Identifier: Apache-2.0
#include "core/storage/database.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
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

absl::Status Named(const rocksdb::Status& status, const std::string& directory) {
  if (status.ok()) return absl::OkStatus();
  return FromRocksDb(status, absl::StrCat("state folder ", directory));
}

}  // namespace

Database::Batch::Batch() = default;
Database::Batch::~Batch() = default;

void Database::Batch::Put(Table table, absl::string_view key, absl::string_view value) {
  operations_.push_back({table, false, std::string(key), std::string(value)});
}

void Database::Batch::Delete(Table table, absl::string_view key) {
  operations_.push_back({table, true, std::string(key), {}});
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
  return Named(impl_->db->Put(MakeWriteOptions(durability), impl_->Handle(table), ToSlice(key),
                              ToSlice(value)),
               directory());
}

absl::Status Database::Delete(Table table, absl::string_view key, Durability durability) {
  return Named(impl_->db->Delete(MakeWriteOptions(durability), impl_->Handle(table), ToSlice(key)),
               directory());
}

absl::Status Database::Write(const Batch& batch, Durability durability) {
  rocksdb::WriteBatch writes;
  for (const Batch::Operation& operation : batch.operations_) {
    rocksdb::ColumnFamilyHandle* table = impl_->Handle(operation.table);
    const rocksdb::Status added = operation.is_delete
                                      ? writes.Delete(table, operation.key)
                                      : writes.Put(table, operation.key, operation.value);
    if (!added.ok()) return Named(added, directory());
  }
  return Named(impl_->db->Write(MakeWriteOptions(durability), &writes), directory());
}

absl::Status Database::DeleteRange(Table table, absl::string_view begin, absl::string_view end) {
  return Named(impl_->db->DeleteRange(MakeWriteOptions(Durability::kProcess), impl_->Handle(table),
                                      ToSlice(Begin(begin)), ToSlice(End(end))),
               directory());
}

absl::Status Database::DropFiles(Table table, absl::string_view begin, absl::string_view end) {
  const rocksdb::Slice first = ToSlice(Begin(begin));
  const rocksdb::Slice last = ToSlice(End(end));
  return Named(rocksdb::DeleteFilesInRange(impl_->db.get(), impl_->Handle(table), &first, &last,
                                           /*include_end=*/false),
               directory());
}

absl::StatusOr<std::string> Database::Get(Table table, absl::string_view key) const {
  std::string value;
  const rocksdb::Status status =
      impl_->db->Get(rocksdb::ReadOptions(), impl_->Handle(table), ToSlice(key), &value);
  if (!status.ok()) return Named(status, directory());
  return value;
}

absl::Status Database::Scan(Table table, absl::string_view begin, absl::string_view end,
                            Visitor visit) const {
  const rocksdb::Slice bound = ToSlice(End(end));
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> entries(
      impl_->db->NewIterator(options, impl_->Handle(table)));
  for (entries->Seek(ToSlice(Begin(begin))); entries->Valid(); entries->Next()) {
    if (!visit(ToView(entries->key()), ToView(entries->value()))) break;
  }
  return Named(entries->status(), directory());
}

absl::Status Database::ScanBackward(Table table, absl::string_view begin, absl::string_view end,
                                    Visitor visit) const {
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
  return Named(entries->status(), directory());
}

absl::Status Database::Sync() { return Named(impl_->db->SyncWAL(), directory()); }

absl::Status Database::Flush() {
  return Named(impl_->db->Flush(rocksdb::FlushOptions(), impl_->handles), directory());
}

bool Database::failing() const { return impl_->failures->failing(); }

absl::Status Database::Resume() {
  if (!failing()) return absl::OkStatus();
  const rocksdb::Status status = impl_->db->Resume();
  if (status.ok()) impl_->failures->Clear();
  return Named(status, directory());
}

uint64_t Database::ApproximateSize(Table table, absl::string_view begin,
                                   absl::string_view end) const {
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
