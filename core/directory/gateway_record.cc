// SPDX-License-Identifier: Apache-2.0
#include "core/directory/gateway_record.h"

#include <algorithm>
#include <string>

#include "core/directory/gateway_bounds.h"
#include "core/gateway_api/epoch_time.h"
#include "core/gateway_api/unknown_values.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;

namespace {

// What a status and an answer tell of the gateway itself.
template <typename Message>
void SetSelfOf(const Message& message, GatewayRecord* record) {
  record->model = KeptText(message.gw_model());
  record->version = KeptText(message.gw_version());
  record->features = KeptFeatures(message.gw_features());
  record->unknown_features = UnknownFeatures(message);
  record->max_scratchpad_size.reset();
  if (message.has_max_scratchpad_size()) {
    record->max_scratchpad_size = message.max_scratchpad_size();
  }
}

}  // namespace

bool GatewayRecord::HasFeature(int feature) const {
  return std::find(features.begin(), features.end(), feature) != features.end();
}

bool GatewayRecord::SameBesidesSinks(const GatewayRecord& other) const {
  return state == other.state && model == other.model && version == other.version &&
         features == other.features && unknown_features == other.unknown_features &&
         max_scratchpad_size == other.max_scratchpad_size && status_time == other.status_time &&
         sinks_known == other.sinks_known;
}

bool SameConfig(const SinkConfig& a, const SinkConfig& b) {
  return a.ByteSizeLong() == b.ByteSizeLong() && a.SerializeAsString() == b.SerializeAsString();
}

const std::shared_ptr<const SinkConfig>* FindSink(const GatewayRecord* record,
                                                  absl::string_view sink_id) {
  if (record == nullptr) return nullptr;
  const auto found = record->sinks.find(sink_id);
  return found == record->sinks.end() ? nullptr : &found->second;
}

std::shared_ptr<GatewayRecord> RecordOf(absl::string_view gateway_id, const gw::StatusEvent& status,
                                        const GatewayRecord* before) {
  auto record = std::make_shared<GatewayRecord>();
  record->id = std::string(gateway_id);
  record->state = status.state() == gw::ON ? GatewayState::kOnline : GatewayState::kOffline;
  SetSelfOf(status, record.get());
  record->status_time = TimeOfEpochMs(status.header().time_ms_epoch());
  // The last will knows little more than that the gateway is gone.
  if (!record->online() && before != nullptr) {
    if (record->model.empty()) record->model = before->model;
    if (record->version.empty()) record->version = before->version;
    if (record->features.empty() && record->unknown_features.empty()) {
      record->features = before->features;
      record->unknown_features = before->unknown_features;
    }
    if (!record->max_scratchpad_size) record->max_scratchpad_size = before->max_scratchpad_size;
  }
  return record;
}

void SetSelf(const gw::GatewayInfo& info, GatewayRecord* record) { SetSelfOf(info, record); }

size_t SetSinks(const google::protobuf::RepeatedPtrField<SinkConfig>& configs,
                const GatewayRecord* before, GatewayRecord* record) {
  record->sinks_known = true;
  record->mute = false;
  record->sinks.clear();
  record->sink_memory = 0;
  // No others are looked at, so that the time that a message takes is bounded too.
  const int count = std::min<int>(configs.size(), kMaxSinksOfGateway);
  size_t refused = static_cast<size_t>(configs.size() - count);
  for (int i = 0; i < count; ++i) {
    const auto* const old = FindSink(before, configs[i].sink_id());
    const bool same = old != nullptr && SameConfig(**old, configs[i]);
    const bool taken = same ? PutSink(*old, record) : PutSink(configs[i], record);
    if (!taken) ++refused;
  }
  return refused;
}

void KeepNewerSinks(const GatewayRecord& before, const NewsTime& list, GatewayNews* news,
                    GatewayRecord* record) {
  std::erase_if(news->sink, [&](const auto& told) {
    const auto old = before.sinks.find(told.first);
    if (!list.IsLateAfter(told.second) || old == before.sinks.end()) return true;
    PutSink(old->second, record);
    return false;
  });
}

}  // namespace wirepas_grpc::core
