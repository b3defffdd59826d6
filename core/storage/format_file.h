// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: which format a state folder is of.
#ifndef WIREPAS_GRPC_CORE_STORAGE_FORMAT_FILE_H_
#define WIREPAS_GRPC_CORE_STORAGE_FORMAT_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace wirepas_grpc::core {

// A format is all that is in a folder: RocksDB's files, the tables, their rows and the files beside
// them. A version raises it when the one before could not go on with what it writes, also where
// that is for RocksDB's sake: a library that meets files of a later one takes them for damaged.
//
// It stands in the file "format" of the folder, twice, and with it the version of this program that
// has written the folder last, for people:
//
//   format 1
//   format 1
//   version 0.2.0
//
// A folder without the file is of format 1, and so is one whose file is damaged: the two differ.

// FAILED_PRECONDITION: the folder is of a format above `known`. To be called before anything in it
// is touched: it is left as it is. `version` is that of this program.
absl::Status CheckFormatFile(const std::string& folder, int known, const std::string& version);

// Makes the file say so, and survive the end of the machine, if it does not yet.
absl::Status WriteFormatFile(const std::string& folder, int format, const std::string& version);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_FORMAT_FILE_H_
