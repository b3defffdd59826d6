// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_STORAGE_JOURNAL_H_
#define WIREPAS_GRPC_CORE_STORAGE_JOURNAL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// Keeps records safe from the end of the process while they are on their way into the
// database: to append one costs a write to a file and nothing else, a fraction of what
// the database takes for each write. Of bounded size: two files take turns, and one is
// begun anew when all in it has been released.
//
// In a file records follow each other from its beginning on, each with a header:
//
//   bytes 0-3    CRC-32 of all that follows, as in zlib
//   bytes 4-7    length of the value
//   bytes 8-15   the turn: the same for all records since the file was begun anew
//   bytes 16-23  the record's number
//
// all little-endian. The first that is not whole, or of another turn, ends the file.
//
// Wants one thread at a time.
class Journal {
 public:
  struct Record {
    uint64_t number = 0;
    std::string value;
  };

  // What the last process to use the files left there and what is whole of it, by
  // ascending numbers. What was released may be among it.
  static std::vector<Record> Load(const std::string& path);

  // Begins anew with empty files, `path` with "-a" and "-b" behind it, of up to `bytes`
  // together. Null: they cannot be made.
  static std::unique_ptr<Journal> Create(const std::string& path, size_t bytes);
  // Whether a process left its files.
  static bool Exists(const std::string& path);
  // Removes the files.
  static void Remove(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Whether it is safe now. Not when there is no room, here or on the disk, or the disk
  // failed. `number` is above that of all records before.
  bool Append(uint64_t number, absl::string_view value);

  // Records up to this number need not be kept any longer.
  void Release(uint64_t number) { released_ = number; }

 private:
  struct File {
    int descriptor = -1;
    size_t size = 0;
    uint64_t last = 0;  // the number of its last record
  };

  explicit Journal(size_t file_bytes) : file_bytes_(file_bytes) {}
  bool FindRoom(size_t size);

  const size_t file_bytes_;
  std::array<File, 2> files_;
  size_t active_ = 0;
  uint64_t turn_ = 1;
  uint64_t released_ = 0;
  std::string record_;  // the one being appended
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_JOURNAL_H_
