// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_GATEWAY_API_PAYLOAD_LIMITS_H_
#define WIREPAS_GRPC_CORE_GATEWAY_API_PAYLOAD_LIMITS_H_

#include <cstddef>

#include "core/gateway_api/topics.h"

namespace wirepas_grpc::core {

// The largest payloads that are decoded, in bytes, by what belongs on their topic. Each is
// several times what a gateway has to say. Decoded, a message can take twenty times its size.

// A packet, either way. It carries 1,500 bytes of the mesh and two ids at most.
inline constexpr size_t kMaxPacketPayload = 16 << 10;
// An answer that says little more than yes or no, or that a sink's scratchpads are so and so.
// There may be one of each sink in memory at a time.
inline constexpr size_t kMaxShortAnswerPayload = 4 << 10;
// Any other that concerns one sink at most.
inline constexpr size_t kMaxAnswerPayload = 64 << 10;
// What tells all sinks of a gateway: a status, and the answer to get_configs.
inline constexpr size_t kMaxSinkListPayload = 512 << 10;

size_t MaxPayloadSize(const Topic& topic);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_GATEWAY_API_PAYLOAD_LIMITS_H_
