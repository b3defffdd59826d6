// SPDX-License-Identifier: Apache-2.0
// The checksum by which sinks and nodes name a scratchpad.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_CRC16_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_CRC16_H_

#include <cstdint>
#include <string_view>

namespace wirepas_grpc::sim {

// CRC-16-CCITT: polynomial 0x1021, start 0xFFFF, most significant bit first.
uint16_t Crc16(std::string_view bytes);

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_CRC16_H_
