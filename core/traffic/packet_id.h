// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_TRAFFIC_PACKET_ID_H_
#define WIREPAS_GRPC_CORE_TRAFFIC_PACKET_ID_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// What tells a packet from all others: XXH3 with 64 bits, seed 0, of the topic, a zero
// byte and the payload, as the broker delivered them. A second copy is the same to the byte;
// a gateway's own event ids come again after it restarts. Clients keep these ids: what the
// function gives never changes.
uint64_t PacketId(absl::string_view topic, absl::string_view payload);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_TRAFFIC_PACKET_ID_H_
