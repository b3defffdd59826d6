// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: write-ahead logs that end in the middle of a record.
#ifndef WIREPAS_GRPC_CORE_STORAGE_LOG_TAIL_H_
#define WIREPAS_GRPC_CORE_STORAGE_LOG_TAIL_H_

#include <cstdint>
#include <string>

namespace wirepas_grpc::core {

// The bytes at the end of a RocksDB log that are the beginning of a record whose rest
// is missing; 0 for a whole one. RocksDB drops them without a word, as the end of the
// process may leave them. Reads the whole file.
uint64_t TornTailBytes(const std::string& path);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_LOG_TAIL_H_
