// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/scratchpad_header.h"

#include <array>
#include <cstddef>

#include "tests/simulator/crc16.h"

namespace wirepas_grpc::sim {
namespace {

constexpr std::array<uint8_t, 16> kTag = {'S',  'C',  'R',  '1',  0x9a, 0x93, 0x30, 0x82,
                                          0xd9, 0xeb, 0x0a, 0xfc, 0x31, 0x21, 0xe3, 0x37};
// Behind the tag, little-endian: length of the content (4 bytes), its checksum (2),
// sequence, padding (1 each), type, status (4 each).
constexpr size_t kHeaderSize = 16;
constexpr size_t kContentStart = kTag.size() + kHeaderSize;

uint32_t Number(std::string_view bytes, size_t start, size_t size) {
  uint32_t number = 0;
  for (size_t i = 0; i < size; ++i) {
    number |= uint32_t{static_cast<uint8_t>(bytes[start + i])} << (8 * i);
  }
  return number;
}

void AppendNumber(uint32_t number, size_t size, std::string* bytes) {
  for (size_t i = 0; i < size; ++i) bytes->push_back(static_cast<char>(number >> (8 * i)));
}

std::string_view Tag() {
  return std::string_view(reinterpret_cast<const char*>(kTag.data()), kTag.size());
}

}  // namespace

std::optional<uint16_t> ReportedCrc(std::string_view scratchpad) {
  if (!scratchpad.starts_with(Tag())) return Crc16(scratchpad);
  if (scratchpad.size() < kContentStart) return std::nullopt;
  const std::string_view content = scratchpad.substr(kContentStart);
  const uint32_t crc = Number(scratchpad, kTag.size() + 4, 2);
  if (Number(scratchpad, kTag.size(), 4) != content.size() || crc != Crc16(content)) {
    return std::nullopt;
  }
  return static_cast<uint16_t>(crc);
}

std::string ScratchpadFile(std::string_view content) {
  std::string file(Tag());
  AppendNumber(static_cast<uint32_t>(content.size()), 4, &file);
  AppendNumber(Crc16(content), 2, &file);
  AppendNumber(0, 2, &file);           // sequence and padding
  AppendNumber(0, 4, &file);           // type: to be processed
  AppendNumber(0xffffffff, 4, &file);  // status: new
  return file.append(content);
}

}  // namespace wirepas_grpc::sim
