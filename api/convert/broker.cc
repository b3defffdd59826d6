// SPDX-License-Identifier: Apache-2.0
#include "api/convert/broker.h"

#include <cstddef>
#include <cstdint>

#include "api/call/utf8.h"
#include "api/convert/time.h"

namespace wirepas_grpc::api {
namespace {

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

constexpr size_t kMaxImpaired = 100;

mesh::ImpairedSubscription ToProto(const core::ImpairedSubscription& subscription) {
  mesh::ImpairedSubscription proto;
  proto.set_topic_filter(ToValidUtf8(subscription.filter));
  proto.set_asked_qos(static_cast<uint32_t>(subscription.answer.asked_qos));
  if (subscription.answer.status.ok()) {
    proto.set_granted_qos(static_cast<uint32_t>(subscription.answer.granted_qos));
  } else {
    mesh::SubscriptionRefusal* const refusal = proto.mutable_refusal();
    refusal->set_code(static_cast<uint32_t>(subscription.answer.code));
    refusal->set_detail(ToValidUtf8(subscription.answer.status.message()));
    refusal->set_asked_again(subscription.asked_again);
  }
  *proto.mutable_since() = ToTimestamp(subscription.since);
  return proto;
}

}  // namespace

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

mesh::BrokerState ToProto(const core::BrokerMonitor::Versioned& current) {
  mesh::BrokerState proto = ToProto(current.state);
  for (const core::ImpairedSubscription& subscription : *current.impaired) {
    if (static_cast<size_t>(proto.impaired_subscriptions_size()) == kMaxImpaired) break;
    *proto.add_impaired_subscriptions() = ToProto(subscription);
  }
  return proto;
}

}  // namespace wirepas_grpc::api
