// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: the files of a database as the file system sees them.
#ifndef WIREPAS_GRPC_CORE_STORAGE_FOLDER_H_
#define WIREPAS_GRPC_CORE_STORAGE_FOLDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// "<folder>/<name>"
std::string PathIn(absl::string_view folder, absl::string_view name);

// Makes `folder` for its owner alone unless it is there, and checks that it may be
// used. The errors are those of Database::Open().
absl::Status PrepareFolder(const std::string& folder);

// The names of its regular files; of its folders too with `folders`. Empty when it
// cannot be read.
std::vector<std::string> ListFiles(const std::string& folder, bool folders = false);

uint64_t FileSize(const std::string& path);  // 0 when there is none

// The size of all regular files of the folder and of the folders in it.
uint64_t FolderSize(const std::string& folder);

// Makes the files of the folder whose names end in `suffix` survive the end of the
// machine as they are now. Files may be removed meanwhile.
absl::Status SyncFiles(const std::string& folder, absl::string_view suffix);

// Whether `bytes` can be written to the folder now: writes, and removes, a file of
// that size.
absl::Status CheckRoom(const std::string& folder, uint64_t bytes);

// A name for what is moved out of the way now: "damaged-<time>", one that is free.
std::string DamagedName(const std::string& folder);

// Moves RocksDB's files of `folder`, all but the lock file, into a new folder `name`
// in it.
absl::Status MoveDatabaseFiles(const std::string& folder, const std::string& name);

// Removes all damaged-* folders but the newest `keep`: they must not fill the disk.
void TrimDamaged(const std::string& folder, size_t keep);

// Removes a folder and all in it, if it is there.
void RemoveFolder(const std::string& path);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_FOLDER_H_
