// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_STORAGE_DATABASE_H_
#define WIREPAS_GRPC_CORE_STORAGE_DATABASE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// What opening a database met that a whole one does not have.
struct Recovery {
  uint64_t bytes_dropped = 0;        // of files whose content could not be read
  uint64_t torn_bytes = 0;           // of records at the end of logs whose rest is missing
  uint64_t entries_salvaged = 0;     // read back from files the database had lost track of
  bool repaired = false;             // its table of contents was made anew from what was left
  std::string set_aside;             // the folder that holds what could not be used; or empty
  std::vector<std::string> details;  // lines for the log, at most kMaxRecoveryDetails

  // Whether something may be missing that was once written, and not only because the end of
  // the process or of the machine came before it was. A torn record alone is no sign of more.
  bool Damaged() const {
    return bytes_dropped > 0 || entries_salvaged > 0 || repaired || !set_aside.empty();
  }
};
inline constexpr size_t kMaxRecoveryDetails = 20;

// State on disk: tables of ordered byte keys and values, in one folder that one
// process uses at a time. A thin layer on RocksDB.
//
// A write is in the operating system's hands when it returns: it survives the end
// of this process, however it ends. Sync() makes all writes so far survive the end
// of the machine. A cut off or missing file costs what it held, never the database.
//
// Keys are not empty and at most kMaxKeySize long, with a first byte other than
// 0xff. Thread-safe. All calls but Put() and Write() without sync may wait for the
// disk.
//
// Errors of reads and writes:
//   RESOURCE_EXHAUSTED  the disk is full. Lasts until Resume() succeeds; what was
//                       written before can be read all the time.
//   UNAVAILABLE         the disk cannot follow for the moment, or failed in another
//                       way. The latter lasts until Resume() succeeds.
//   DATA_LOSS           what is stored there cannot be read.
class Database {
 public:
  struct Options {
    std::string directory;  // created, for its owner alone, in a parent that exists
    // Each table keeps this much before it writes a file, and at most eight times as
    // much while the disk is behind; beyond that writes fail.
    size_t write_buffer_bytes = 4 << 20;
    size_t block_cache_bytes = 8 << 20;  // for all tables: blocks and indexes read
    int max_open_files = 64;
    // Tables whose keys are never deleted one by one: what a damaged folder has lost
    // track of is read back into them. In others a deleted key might come back with it.
    std::vector<std::string> salvaged;
    std::string program_version = "?";  // of this program, left in the folder for people
  };

  // One of the tables that Open() named. Valid as long as the database.
  class Table {
   public:
    Table() = default;

   private:
    friend class Database;
    explicit Table(size_t index) : index_(index) {}
    size_t index_ = 0;
  };

  // Writes that happen together or not at all. Cheap to make; not thread-safe.
  class Batch {
   public:
    void Put(Table table, absl::string_view key, absl::string_view value);
    void Delete(Table table, absl::string_view key);
    bool empty() const { return operations_.empty(); }
    // Empties it; its memory is used again.
    void Clear();

   private:
    friend class Database;
    struct Operation {
      Table table;
      bool is_delete = false;
      size_t key_size = 0;
      size_t value_size = 0;
    };
    std::vector<Operation> operations_;
    std::string bytes_;  // their keys and values, one behind the other
  };

  enum class Durability {
    kProcess,  // survives the end of the process
    kMachine,  // survives the end of the machine; waits for the disk
  };

  // Visits an entry; false ends the scan. The views are valid during the call.
  using Visitor = absl::FunctionRef<bool(absl::string_view key, absl::string_view value)>;

  static constexpr size_t kMaxKeySize = 1024;

  // Opens the database in options.directory with these tables, new ones empty.
  // There is a table "meta" besides, for what describes the others. What was damaged
  // is repaired as far as it goes; recovery() tells.
  //
  // FAILED_PRECONDITION: another process uses the folder, or a newer version of this
  //                      program wrote it, or it is no folder.
  // PERMISSION_DENIED:   the folder may not be made, read or written.
  // NOT_FOUND:           the folder's parent does not exist.
  // RESOURCE_EXHAUSTED:  the disk is full.
  // DATA_LOSS:           damaged, and could neither be repaired nor set aside.
  // UNAVAILABLE:         the disk failed, or too many files are open.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const Options& options,
                                                        const std::vector<std::string>& tables);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const Recovery& recovery() const;

  // `name` was given to Open().
  Table table(absl::string_view name) const;
  Table meta() const { return Table(0); }

  // Writes never wait for a disk that is behind, unless told to by `durability`.
  absl::Status Put(Table table, absl::string_view key, absl::string_view value,
                   Durability durability = Durability::kProcess);
  absl::Status Delete(Table table, absl::string_view key,
                      Durability durability = Durability::kProcess);
  absl::Status Write(const Batch& batch, Durability durability = Durability::kProcess);

  // Gives back the space of files that hold nothing but keys in [begin, end). Keys in
  // other files stay. A scan that is under way is not disturbed.
  absl::Status DropFiles(Table table, absl::string_view begin, absl::string_view end);

  // NOT_FOUND: there is no such key.
  absl::StatusOr<std::string> Get(Table table, absl::string_view key) const;

  // Visits the entries with keys in [begin, end) in order, as of the moment of the
  // call. An empty `end` is the end of the table.
  absl::Status Scan(Table table, absl::string_view begin, absl::string_view end,
                    Visitor visit) const;

  // The same from the last one on.
  absl::Status ScanBackward(Table table, absl::string_view begin, absl::string_view end,
                            Visitor visit) const;

  // Makes all writes so far survive the end of the machine. Writes go on meanwhile.
  absl::Status Sync();

  // Writes what is in memory to table files; waits. Nothing may be written meanwhile.
  absl::Status Flush();

  // Whether a failure of the disk keeps writes from succeeding.
  bool failing() const;

  // Tries to write again after such a failure: when the disk has room it closes the
  // files and opens them again, for which other calls but writes wait; writes fail at
  // once meanwhile. OK when there was no failure.
  absl::Status Resume();

  // What the keys in [begin, end) take on disk and in write buffers, about.
  uint64_t ApproximateSize(Table table, absl::string_view begin, absl::string_view end) const;

  // The size of all files of the folder.
  uint64_t DiskBytes() const;

  const std::string& directory() const;

 private:
  struct Impl;
  friend class DatabaseOpener;
  friend void SalvageUnknownFiles(Impl* impl);
  class Reading;
  class Writing;
  explicit Database(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_DATABASE_H_
