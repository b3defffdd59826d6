// SPDX-License-Identifier: Apache-2.0
#include "core/storage/log_tail.h"

#include <array>
#include <fstream>

#include "core/storage/folder.h"

namespace wirepas_grpc::core {
namespace {

// The form of a log: blocks of this size, each a row of fragments. A fragment begins
// with a checksum of 4 bytes, its length in 2 and its type in 1: 1 a whole record, 2
// the first part of one, 3 a middle part, 4 the last. No fragment begins where less
// than a header fits into the block.
constexpr uint64_t kBlock = 32768;
constexpr uint64_t kRecordHeader = 7;
enum FragmentType : uint8_t { kUnused = 0, kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

}  // namespace

uint64_t TornTailBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const uint64_t size = FileSize(path);
  uint64_t at = 0;
  uint64_t record = 0;  // where the record begins that is being read
  bool in_record = false;
  while (at < size) {
    const uint64_t left_in_block = kBlock - at % kBlock;
    if (left_in_block < kRecordHeader) {
      at += left_in_block;
      continue;
    }
    if (!in_record) record = at;
    if (size - at < kRecordHeader) return size - record;
    std::array<uint8_t, kRecordHeader> header;
    file.seekg(static_cast<std::streamoff>(at));
    if (!file.read(reinterpret_cast<char*>(header.data()), header.size())) return 0;
    const uint64_t length = header[4] | header[5] << 8;
    const uint8_t type = header[6];
    // Another form, or damage that RocksDB tells of itself.
    if (type == kUnused || type > kLast || kRecordHeader + length > left_in_block) return 0;
    if (kRecordHeader + length > size - at) return size - record;
    in_record = type == kFirst || type == kMiddle;
    at += kRecordHeader + length;
  }
  return in_record ? size - record : 0;
}

}  // namespace wirepas_grpc::core
