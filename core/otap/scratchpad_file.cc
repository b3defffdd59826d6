// SPDX-License-Identifier: Apache-2.0
#include "core/otap/scratchpad_file.h"

#include <array>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kTag[] = "SCR1\x9a\x93\x30\x82\xd9\xeb\x0a\xfc\x31\x21\xe3\x37";
constexpr size_t kTagSize = sizeof(kTag) - 1;
constexpr size_t kHeaderSize = 16;
constexpr size_t kContentStart = kTagSize + kHeaderSize;
static_assert(kTagSize == 16);

uint32_t LittleEndian(absl::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  }
  return value;
}

constexpr std::array<uint16_t, 256> MakeTable() {
  std::array<uint16_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte << 8;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 0x8000) != 0 ? value << 1 ^ 0x1021 : value << 1;
    }
    table[byte] = static_cast<uint16_t>(value);
  }
  return table;
}
constexpr std::array<uint16_t, 256> kCrcTable = MakeTable();

absl::Status Damaged(absl::string_view how) {
  return absl::InvalidArgumentError(absl::StrCat("the file is damaged: ", how));
}

}  // namespace

absl::StatusOr<ScratchpadFile> ReadScratchpadFile(absl::string_view bytes) {
  ScratchpadFile file;
  file.size = static_cast<uint32_t>(bytes.size());
  if (!absl::StartsWith(bytes, absl::string_view(kTag, kTagSize))) return file;
  if (bytes.size() < kContentStart) return Damaged("its header is cut");
  const uint32_t length = LittleEndian(bytes.substr(kTagSize, 4));
  const uint32_t crc = LittleEndian(bytes.substr(kTagSize + 4, 2));
  const absl::string_view content = bytes.substr(kContentStart);
  if (length != content.size()) {
    return Damaged(
        absl::StrCat("its header tells of ", length, " bytes, and ", content.size(), " follow it"));
  }
  if (crc != ScratchpadCrc(content)) return Damaged("its content has another checksum");
  file.crc = static_cast<uint16_t>(crc);
  return file;
}

uint16_t ScratchpadCrc(absl::string_view bytes) {
  uint16_t crc = 0xffff;
  for (const char c : bytes) {
    crc = static_cast<uint16_t>(crc << 8 ^ kCrcTable[(crc >> 8 ^ static_cast<uint8_t>(c)) & 0xff]);
  }
  return crc;
}

}  // namespace wirepas_grpc::core
