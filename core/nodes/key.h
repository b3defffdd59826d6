// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NODES_KEY_H_
#define WIREPAS_GRPC_CORE_NODES_KEY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// A node: its network, then its address. The order of keys is that of both.
using NodeKey = uint64_t;

inline NodeKey MakeNodeKey(uint32_t network, uint32_t address) {
  return uint64_t{network} << 32 | address;
}
inline uint32_t NetworkOfNode(NodeKey key) { return static_cast<uint32_t>(key >> 32); }
inline uint32_t AddressOfNode(NodeKey key) { return static_cast<uint32_t>(key); }

// As bytes whose order is that of the keys: 8, big-endian.
std::string EncodeNodeKey(NodeKey key);
// Nothing when the bytes are not a key.
std::optional<NodeKey> DecodeNodeKey(absl::string_view bytes);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NODES_KEY_H_
