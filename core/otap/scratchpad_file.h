// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_OTAP_SCRATCHPAD_FILE_H_
#define WIREPAS_GRPC_CORE_OTAP_SCRATCHPAD_FILE_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// What a scratchpad file (.otap) says of itself. Such a file begins with a tag of 16
// bytes and a header of 16, all little-endian: length of what follows the header
// u32, its checksum u16, sequence u8, padding u8, type u32, status u32. A sink that
// stores it puts in the sequence it was told, and reports the size of the whole file
// and the checksum of the header.
struct ScratchpadFile {
  uint32_t size = 0;            // bytes in all
  std::optional<uint16_t> crc;  // nothing: the file has no header that is known
};

// INVALID_ARGUMENT: the file has the tag, and its header does not fit to what follows:
// it is damaged or cut.
absl::StatusOr<ScratchpadFile> ReadScratchpadFile(absl::string_view bytes);

// CRC-16-CCITT, as scratchpads have it: polynomial 0x1021, start 0xFFFF, most
// significant bit first.
uint16_t ScratchpadCrc(absl::string_view bytes);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_OTAP_SCRATCHPAD_FILE_H_
