// SPDX-License-Identifier: Apache-2.0
#include "core/storage/salvage.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/storage/folder.h"
#include "core/storage/rocksdb_status.h"
#include "core/storage/table_ends.h"
#include "rocksdb/metadata.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/write_batch.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kTableSuffix[] = ".sst";
constexpr uint32_t kBatchEntries = 256;

uint64_t InodeOf(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

// Puts the entries of one file into the database where it lacks them.
class FileImport {
 public:
  FileImport(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* table, Recovery* recovery)
      : recovery_(recovery), db_(db), table_(table) {}

  rocksdb::Status Run(rocksdb::Iterator* entries) {
    rocksdb::Status status;
    for (entries->SeekToFirst(); status.ok() && entries->Valid(); entries->Next()) {
      if (IsTableEnd(ToView(entries->key()))) continue;
      status = AddIfMissing(entries->key(), entries->value());
    }
    if (status.ok()) status = Flush();
    return status.ok() ? entries->status() : status;
  }

 private:
  rocksdb::Status AddIfMissing(const rocksdb::Slice& key, const rocksdb::Slice& value) {
    rocksdb::PinnableSlice present;
    const rocksdb::Status found = db_->Get(rocksdb::ReadOptions(), table_, key, &present);
    if (!found.IsNotFound()) return found;
    rocksdb::Status status = batch_.Put(table_, key, value);
    if (status.ok() && batch_.Count() >= kBatchEntries) status = Flush();
    return status;
  }

  rocksdb::Status Flush() {
    const rocksdb::Status status = db_->Write(rocksdb::WriteOptions(), &batch_);
    if (status.ok()) recovery_->entries_salvaged += batch_.Count();
    batch_.Clear();
    return status;
  }

  Recovery* const recovery_;
  rocksdb::DB* const db_;
  rocksdb::ColumnFamilyHandle* const table_;
  rocksdb::WriteBatch batch_;
};

// The inodes of the files that the database uses.
absl::flat_hash_set<uint64_t> UsedFiles(const std::string& folder, rocksdb::DB* db) {
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  absl::flat_hash_set<uint64_t> inodes;
  for (const rocksdb::LiveFileMetaData& file : files) {
    inodes.insert(InodeOf(PathIn(folder, file.relative_filename)));
  }
  return inodes;
}

}  // namespace

void LinkTableFiles(const std::string& folder) {
  const std::string target = PathIn(folder, kSalvageFolder);
  bool made = false;
  for (const std::string& name : ListFiles(folder)) {
    if (!absl::EndsWith(name, kTableSuffix)) continue;
    if (!made) mkdir(target.c_str(), 0700);
    made = true;
    const std::string source = PathIn(folder, name);
    // Two files may have the same name, one after the other.
    const std::string link_name =
        absl::StrCat(name.substr(0, name.size() - 4), "-", InodeOf(source), kTableSuffix);
    // A link that is there already is one of this file. A failure leaves this file
    // without the net, as on a file system without links.
    if (link(source.c_str(), PathIn(target, link_name).c_str()) != 0) continue;
  }
}

void SalvageUnknownFiles(Database::Impl* impl) {
  const std::string folder = PathIn(impl->options.directory, kSalvageFolder);
  std::vector<std::string> names = ListFiles(folder);
  // The newest first: a key that is in several files has its last value then.
  std::reverse(names.begin(), names.end());
  const absl::flat_hash_set<uint64_t> used = UsedFiles(impl->options.directory, impl->db.get());
  bool complete = true;
  for (const std::string& name : names) {
    const std::string path = PathIn(folder, name);
    if (used.contains(InodeOf(path))) continue;
    rocksdb::SstFileReader reader(impl->db->GetOptions());
    rocksdb::Status status = reader.Open(path);
    const uint64_t before = impl->recovery.entries_salvaged;
    if (status.ok()) {
      const std::string& table = reader.GetTableProperties()->column_family_name;
      const auto handle =
          std::find_if(impl->handles.begin(), impl->handles.end(),
                       [&](const auto* candidate) { return candidate->GetName() == table; });
      const std::vector<std::string>& salvaged = impl->options.salvaged;
      if (handle == impl->handles.end() ||
          std::find(salvaged.begin(), salvaged.end(), table) == salvaged.end()) {
        continue;
      }
      const std::unique_ptr<rocksdb::Iterator> entries(reader.NewIterator(rocksdb::ReadOptions()));
      status = FileImport(impl->db.get(), *handle, &impl->recovery).Run(entries.get());
    }
    if (IsDiskFull(status)) complete = false;
    const uint64_t salvaged = impl->recovery.entries_salvaged - before;
    if (!status.ok()) impl->recovery.bytes_dropped += FileSize(path);
    if ((salvaged > 0 || !status.ok()) && impl->recovery.details.size() < kMaxRecoveryDetails) {
      impl->recovery.details.push_back(
          absl::StrCat("read ", salvaged, " entries back from the unknown table file ", name,
                       status.ok() ? "" : absl::StrCat(": ", status.ToString())));
    }
  }
  // When the disk is full the rest is for the next time.
  if (complete) RemoveFolder(folder);
}

}  // namespace wirepas_grpc::core
