// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/key.h"

namespace wirepas_grpc::core {
namespace {

constexpr size_t kSize = 8;

}  // namespace

std::string EncodeNodeKey(NodeKey key) {
  std::string bytes(kSize, '\0');
  for (size_t i = kSize; i > 0; --i, key >>= 8) bytes[i - 1] = static_cast<char>(key);
  return bytes;
}

std::optional<NodeKey> DecodeNodeKey(absl::string_view bytes) {
  if (bytes.size() != kSize) return std::nullopt;
  NodeKey key = 0;
  for (const char byte : bytes) key = key << 8 | static_cast<uint8_t>(byte);
  return key;
}

}  // namespace wirepas_grpc::core
