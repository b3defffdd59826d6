// SPDX-License-Identifier: Apache-2.0
#include "core/directory/gateway_bounds.h"

#include <memory>
#include <utility>

#include "core/gateway_api/ids.h"

namespace wirepas_grpc::core {
namespace {

// A sink's place in its record: the node of the map, its id, what shared_ptr counts with.
constexpr size_t kPlace = 160;

}  // namespace

size_t MemoryOf(const SinkConfig& config) {
  return kPlace + config.sink_id().size() + config.SpaceUsedLong();
}

size_t MemoryOf(const GatewayRecord& record) {
  return sizeof(GatewayRecord) + 2 * kPlace + 2 * record.id.size() + record.model.size() +
         record.version.size() + record.features.size() * sizeof(int) + record.sink_memory;
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
  if (memory > kMaxSinkMemoryOfGateway) return false;
  record->sink_memory = memory;
  const std::string& id = config->sink_id();
  record->sinks.insert_or_assign(id, std::move(config));
  return true;
}

std::string KeptText(const std::string& text) { return text.substr(0, kMaxTextBytes); }

}  // namespace wirepas_grpc::core
