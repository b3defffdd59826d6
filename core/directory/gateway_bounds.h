// SPDX-License-Identifier: Apache-2.0
//
// How much of what a gateway tells is kept, whatever it tells.
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_GATEWAY_BOUNDS_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_GATEWAY_BOUNDS_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/directory/directory.h"
#include "core/directory/sink_scope.h"

namespace wirepas_grpc::core {

// One gateway takes no more than this part of what a call on all sinks has room for, so that a
// few which tell of more than they have do not keep others from calling.
inline constexpr size_t kGatewaysPerScope = 32;
// The sinks of one gateway.
inline constexpr size_t kMaxSinksOfGateway = kMaxScopeSinks / kGatewaysPerScope;
// The results of its sinks, by ResultBytesOf(); less than the above has room for if ids are long.
inline constexpr size_t kMaxResultBytesOfGateway = kMaxResultBytes / kGatewaysPerScope;
// The app configs of its sinks, in bytes: 100 for each, where a sink takes 80 at most. Listed,
// entry by entry, they take four times as much.
inline constexpr size_t kMaxAppConfigBytesOfGateway = 32 << 10;
// The config of one sink, in bytes as it came. A full one has some 400.
inline constexpr size_t kMaxSinkConfigBytes = 16 << 10;
// The memory that the sinks of one gateway take, by MemoryOf().
inline constexpr size_t kMaxSinkMemoryOfGateway = 2 << 20;
// A model or a version, in bytes; of a longer one that much is kept.
inline constexpr size_t kMaxTextBytes = 256;
// Announced features.
inline constexpr size_t kMaxFeatures = 64;

// What a sink takes in memory, about, in a record.
size_t MemoryOf(const SinkConfig& config);
// The same for a record with all its sinks.
size_t MemoryOf(const GatewayRecord& record);

// Adds the sink, or replaces it, unless that would pass a bound: false. An id that could
// not be asked for anything is left out too, so that every sink that is listed can be
// reached.
bool PutSink(const SinkConfig& config, GatewayRecord* record);
// The same for one that another record of the gateway has.
bool PutSink(std::shared_ptr<const SinkConfig> config, GatewayRecord* record);

std::string KeptText(const std::string& text);
// Each once, in their order.
template <typename Features>
std::vector<int> KeptFeatures(const Features& features) {
  std::vector<int> kept;
  for (const int feature : features) {
    if (kept.size() == kMaxFeatures) break;
    if (std::find(kept.begin(), kept.end(), feature) == kept.end()) kept.push_back(feature);
  }
  return kept;
}

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_DIRECTORY_GATEWAY_BOUNDS_H_
