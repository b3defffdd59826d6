// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/packet_id.h"

#include <algorithm>
#include <array>

#include "xxhash.h"

namespace wirepas_grpc::core {

uint64_t PacketId(absl::string_view topic, absl::string_view payload) {
  // Nearly all packets fit; in one piece they hash several times faster.
  std::array<char, 1024> together;
  const size_t size = topic.size() + 1 + payload.size();
  if (size <= together.size()) {
    char* end = std::copy(topic.begin(), topic.end(), together.data());
    *end++ = '\0';
    std::copy(payload.begin(), payload.end(), end);
    return XXH3_64bits(together.data(), size);
  }
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, topic.data(), topic.size());
  XXH3_64bits_update(&state, "", 1);
  XXH3_64bits_update(&state, payload.data(), payload.size());
  return XXH3_64bits_digest(&state);
}

}  // namespace wirepas_grpc::core
