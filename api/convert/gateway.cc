// SPDX-License-Identifier: Apache-2.0
#include "api/convert/gateway.h"

#include <set>
#include <string>
#include <vector>

#include "api/call/utf8.h"
#include "api/convert/time.h"
#include "core/gateway_api/unknown_values.h"

namespace wirepas_grpc::api {
namespace {

// The last second that a Timestamp can tell.
constexpr uint64_t kMaxEpochSeconds = 253402300799;

// Features have the same numbers on both sides.
static_assert(static_cast<int>(mesh::GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1) ==
              gw::SCRATCHPAD_CHUNK_V1);
static_assert(static_cast<int>(mesh::GATEWAY_FEATURE_VIRTUAL_NODE_V1) == gw::VIRTUAL_NODE_V1);

template <typename Features, typename Proto>
void SetFeatures(const Features& features, Proto* proto) {
  for (int feature : std::set<int>(features.begin(), features.end())) {
    if (feature == gw::UNKNOWN || !mesh::GatewayFeature_IsValid(feature)) continue;
    proto->add_features(static_cast<mesh::GatewayFeature>(feature));
  }
}

}  // namespace

mesh::Gateway ToProto(const core::GatewayRecord& gateway) {
  mesh::Gateway proto;
  proto.set_gateway_id(gateway.id);
  if (gateway.state != core::GatewayState::kUnknown) proto.set_online(gateway.online());
  proto.set_model(ToValidUtf8(gateway.model));
  proto.set_version(ToValidUtf8(gateway.version));
  SetFeatures(gateway.features, &proto);
  proto.mutable_unknown_features()->Add(gateway.unknown_features.begin(),
                                        gateway.unknown_features.end());
  if (gateway.max_scratchpad_size) proto.set_max_scratchpad_size(*gateway.max_scratchpad_size);
  for (const auto& [sink_id, config] : gateway.sinks) proto.add_sink_ids(sink_id);
  if (gateway.status_time != absl::InfinitePast()) {
    *proto.mutable_status_time() = ToTimestamp(gateway.status_time);
  }
  return proto;
}

mesh::GatewayInfo ToProto(absl::string_view gateway_id, const gw::GatewayInfo& info) {
  mesh::GatewayInfo proto;
  proto.set_gateway_id(std::string(gateway_id));
  if (info.current_time_s_epoch() <= kMaxEpochSeconds) {
    proto.mutable_current_time()->set_seconds(static_cast<int64_t>(info.current_time_s_epoch()));
  }
  proto.set_model(ToValidUtf8(info.gw_model()));
  proto.set_version(ToValidUtf8(info.gw_version()));
  if (info.has_implemented_api_version()) {
    proto.set_implemented_api_version(info.implemented_api_version());
  }
  SetFeatures(info.gw_features(), &proto);
  const std::vector<int32_t> unknown = core::UnknownFeatures(info);
  proto.mutable_unknown_features()->Add(unknown.begin(), unknown.end());
  if (info.has_max_scratchpad_size()) proto.set_max_scratchpad_size(info.max_scratchpad_size());
  return proto;
}

}  // namespace wirepas_grpc::api
