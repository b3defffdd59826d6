// SPDX-License-Identifier: Apache-2.0
#include "core/sending/derived_id.h"

#include <string>

#include "xxhash.h"

namespace wirepas_grpc::core {

RequestId DerivedId(RequestId chosen, const SinkPath& sink) {
  std::string bytes;
  bytes.reserve(sizeof(chosen) + sink.gateway.value().size() + 1 + sink.sink.value().size());
  for (size_t i = 0; i < sizeof(chosen); ++i) bytes.push_back(static_cast<char>(chosen >> (8 * i)));
  bytes += sink.gateway.value();
  bytes += '/';  // ids have none
  bytes += sink.sink.value();
  const RequestId id = XXH3_64bits(bytes.data(), bytes.size());
  return id == 0 ? chosen : id;
}

}  // namespace wirepas_grpc::core
