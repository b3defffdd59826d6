// SPDX-License-Identifier: Apache-2.0
// What the header of a scratchpad file says.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_SCRATCHPAD_HEADER_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_SCRATCHPAD_HEADER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wirepas_grpc::sim {

// The checksum that a sink reports of a scratchpad: what its header holds, or that of
// all bytes when it has none. Unset: it has a header that does not fit to what follows.
std::optional<uint16_t> ReportedCrc(std::string_view scratchpad);

// A scratchpad file with this content behind the tag and the header.
std::string ScratchpadFile(std::string_view content);

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_SCRATCHPAD_HEADER_H_
