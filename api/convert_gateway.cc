// SPDX-License-Identifier: Apache-2.0
#include "api/convert_gateway.h"

#include <set>
#include <string>

#include "api/convert_time.h"
#include "api/utf8.h"

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

mesh::BrokerDisconnectReason ToProto(core::DisconnectReason reason) {
  switch (reason) {
    case core::DisconnectReason::kNone:
      return mesh::BROKER_DISCONNECT_REASON_UNSPECIFIED;
    case core::DisconnectReason::kNotTriedYet:
      return mesh::BROKER_DISCONNECT_REASON_NOT_TRIED_YET;
    case core::DisconnectReason::kUnknownHost:
      return mesh::BROKER_DISCONNECT_REASON_UNKNOWN_HOST;
    case core::DisconnectReason::kRefused:
      return mesh::BROKER_DISCONNECT_REASON_REFUSED;
    case core::DisconnectReason::kUnreachable:
      return mesh::BROKER_DISCONNECT_REASON_UNREACHABLE;
    case core::DisconnectReason::kTimeout:
      return mesh::BROKER_DISCONNECT_REASON_TIMEOUT;
    case core::DisconnectReason::kTls:
      return mesh::BROKER_DISCONNECT_REASON_TLS;
    case core::DisconnectReason::kBadCredentials:
      return mesh::BROKER_DISCONNECT_REASON_BAD_CREDENTIALS;
    case core::DisconnectReason::kNotAuthorized:
      return mesh::BROKER_DISCONNECT_REASON_NOT_AUTHORIZED;
    case core::DisconnectReason::kClientIdRejected:
      return mesh::BROKER_DISCONNECT_REASON_CLIENT_ID_REJECTED;
    case core::DisconnectReason::kProtocol:
      return mesh::BROKER_DISCONNECT_REASON_PROTOCOL;
    case core::DisconnectReason::kServerUnavailable:
      return mesh::BROKER_DISCONNECT_REASON_SERVER_UNAVAILABLE;
    case core::DisconnectReason::kSessionTakenOver:
      return mesh::BROKER_DISCONNECT_REASON_SESSION_TAKEN_OVER;
    case core::DisconnectReason::kConnectionLost:
      return mesh::BROKER_DISCONNECT_REASON_CONNECTION_LOST;
    case core::DisconnectReason::kStopped:
      return mesh::BROKER_DISCONNECT_REASON_STOPPED;
  }
  return mesh::BROKER_DISCONNECT_REASON_UNSPECIFIED;
}

}  // namespace

mesh::Gateway ToProto(const core::GatewayRecord& gateway) {
  mesh::Gateway proto;
  proto.set_gateway_id(gateway.id);
  proto.set_online(gateway.online);
  proto.set_model(ToValidUtf8(gateway.model));
  proto.set_version(ToValidUtf8(gateway.version));
  SetFeatures(gateway.features, &proto);
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
  if (info.has_max_scratchpad_size()) proto.set_max_scratchpad_size(info.max_scratchpad_size());
  return proto;
}

mesh::BrokerState ToProto(const core::BrokerState& state) {
  mesh::BrokerState proto;
  proto.set_connected(state.connected);
  if (!state.connected) {
    proto.set_reason(ToProto(state.reason));
    proto.set_detail(ToValidUtf8(state.detail));
    proto.set_attempts(state.attempts);
  }
  // Before core's first attempt there is nothing to tell.
  if (state.since != absl::Time()) *proto.mutable_since() = ToTimestamp(state.since);
  proto.set_endpoint(ToValidUtf8(state.endpoint));
  return proto;
}

}  // namespace wirepas_grpc::api
