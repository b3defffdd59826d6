// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

absl::string_view DisconnectReasonText(DisconnectReason reason) {
  switch (reason) {
    case DisconnectReason::kNone:
      return "connected";
    case DisconnectReason::kNotTriedYet:
      return "not tried yet";
    case DisconnectReason::kUnknownHost:
      return "unknown host";
    case DisconnectReason::kRefused:
      return "connection refused";
    case DisconnectReason::kUnreachable:
      return "host unreachable";
    case DisconnectReason::kTimeout:
      return "no answer in time";
    case DisconnectReason::kTls:
      return "TLS handshake failed";
    case DisconnectReason::kBadCredentials:
      return "bad user name or password";
    case DisconnectReason::kNotAuthorized:
      return "not authorized";
    case DisconnectReason::kClientIdRejected:
      return "client id rejected";
    case DisconnectReason::kProtocol:
      return "protocol error";
    case DisconnectReason::kServerUnavailable:
      return "broker unavailable";
    case DisconnectReason::kSessionTakenOver:
      return "session taken over by another client with the same id";
    case DisconnectReason::kConnectionLost:
      return "connection lost";
    case DisconnectReason::kStopped:
      return "stopped";
  }
  return "unknown reason";
}

}  // namespace wirepas_grpc::core
