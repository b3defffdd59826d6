// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_STABLE_HASH_H_
#define WIREPAS_GRPC_API_CALL_STABLE_HASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace wirepas_grpc::api {

// FNV-1a: the same in every run and version of the service, for what clients keep. Two texts
// have the same one by chance, or because somebody made them so.
inline uint64_t StableHash(absl::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : bytes) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_STABLE_HASH_H_
