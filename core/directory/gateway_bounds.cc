// SPDX-License-Identifier: Apache-2.0
#include "core/directory/gateway_bounds.h"

#include <memory>
#include <utility>

#include "core/gateway_api/ids.h"

namespace wirepas_grpc::core {
namespace {

// Their results have room whatever their ids are.
constexpr size_t kFewSinks = 32;

// A sink's place in its record: the node of the map, its id, what shared_ptr counts with.
constexpr size_t kPlace = 160;

// Whether results and app configs of all sinks fit with this one.
bool FitsInCalls(const SinkConfig& config, size_t memory, const GatewayRecord& record) {
  // App configs are part of what the sinks take in memory. Few gateways come to the count.
  if (record.sinks.size() < kFewSinks && memory <= kMaxAppConfigBytesOfGateway) return true;
  size_t results = ResultBytesOf(record.id, config.sink_id());
  size_t app_configs = config.app_config().app_config_data().size();
  for (const auto& [id, sink] : record.sinks) {
    if (id == config.sink_id()) continue;
    results += ResultBytesOf(record.id, id);
    app_configs += sink->app_config().app_config_data().size();
  }
  return results <= kMaxResultBytesOfGateway && app_configs <= kMaxAppConfigBytesOfGateway;
}

}  // namespace

size_t MemoryOf(const SinkConfig& config) {
  return kPlace + config.sink_id().size() + config.SpaceUsedLong();
}

size_t MemoryOf(const GatewayRecord& record) {
  return sizeof(GatewayRecord) + 2 * kPlace + 2 * record.id.size() + record.model.size() +
         record.version.size() + record.features.size() * sizeof(int) +
         record.unknown_features.size() * sizeof(int32_t) + record.sink_memory;
}

bool PutSink(const SinkConfig& config, GatewayRecord* record) {
  if (config.ByteSizeLong() > kMaxSinkConfigBytes) return false;
  return PutSink(std::make_shared<const SinkConfig>(config), record);
}

bool PutSink(std::shared_ptr<const SinkConfig> config, GatewayRecord* record) {
  if (!IsValidId(config->sink_id())) return false;
  const auto old = record->sinks.find(config->sink_id());
  const bool is_new = old == record->sinks.end();
  const size_t freed = is_new ? 0 : MemoryOf(*old->second);
  const size_t memory = record->sink_memory - freed + MemoryOf(*config);
  if (is_new && record->sinks.size() >= kMaxSinksOfGateway) return false;
  if (memory > kMaxSinkMemoryOfGateway || !FitsInCalls(*config, memory, *record)) return false;
  record->sink_memory = memory;
  const std::string& id = config->sink_id();
  record->sinks.insert_or_assign(id, std::move(config));
  return true;
}

std::string KeptText(const std::string& text) { return text.substr(0, kMaxTextBytes); }

}  // namespace wirepas_grpc::core
