// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/packet_id.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "xxhash.h"

namespace wirepas_grpc::core {

uint64_t PacketId(absl::string_view topic, absl::string_view payload) {
  constexpr absl::string_view kZero("\0", 1);
  // Nearly all packets fit, and then need no memory of their own.
  std::array<char, 1024> together;
  const size_t size = topic.size() + kZero.size() + payload.size();
  if (size > together.size()) {
    const std::string all = absl::StrCat(topic, kZero, payload);
    return XXH3_64bits(all.data(), all.size());
  }
  char* end = std::copy(topic.begin(), topic.end(), together.data());
  end = std::copy(kZero.begin(), kZero.end(), end);
  std::copy(payload.begin(), payload.end(), end);
  return XXH3_64bits(together.data(), size);
}

}  // namespace wirepas_grpc::core
