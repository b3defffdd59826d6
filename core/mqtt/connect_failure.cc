// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/connect_failure.h"

#include <netdb.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {
namespace {

// MQTT 5, section 2.4.
absl::string_view ReasonCodeName(int code) {
  switch (code) {
    case 0x80:
      return "unspecified error";
    case 0x81:
      return "malformed packet";
    case 0x82:
      return "protocol error";
    case 0x83:
      return "implementation specific error";
    case 0x84:
      return "unsupported protocol version";
    case 0x85:
      return "client identifier not valid";
    case 0x86:
      return "bad user name or password";
    case 0x87:
      return "not authorized";
    case 0x88:
      return "server unavailable";
    case 0x89:
      return "server busy";
    case 0x8A:
      return "banned";
    case 0x8B:
      return "server shutting down";
    case 0x8C:
      return "bad authentication method";
    case 0x8D:
      return "keep alive timeout";
    case 0x8E:
      return "session taken over";
    case 0x8F:
      return "topic filter invalid";
    case 0x90:
      return "topic name invalid";
    case 0x91:
      return "packet identifier in use";
    case 0x92:
      return "packet identifier not found";
    case 0x93:
      return "receive maximum exceeded";
    case 0x94:
      return "topic alias invalid";
    case 0x95:
      return "packet too large";
    case 0x96:
      return "message rate too high";
    case 0x97:
      return "quota exceeded";
    case 0x98:
      return "administrative action";
    case 0x99:
      return "payload format invalid";
    case 0x9A:
      return "retain not supported";
    case 0x9B:
      return "QoS not supported";
    case 0x9C:
      return "use another server";
    case 0x9D:
      return "server moved";
    case 0x9E:
      return "shared subscriptions not supported";
    case 0x9F:
      return "connection rate exceeded";
    case 0xA0:
      return "maximum connect time";
    case 0xA1:
      return "subscription identifiers not supported";
    case 0xA2:
      return "wildcard subscriptions not supported";
    default:
      return "unknown reason code";
  }
}

DisconnectReason ReasonOfReasonCode(int code, DisconnectReason other) {
  switch (code) {
    case 0x81:
    case 0x82:
    case 0x83:
    case 0x84:
    case 0x90:
    case 0x95:
      return DisconnectReason::kProtocol;
    case 0x85:
      return DisconnectReason::kClientIdRejected;
    case 0x86:
    case 0x8C:
      return DisconnectReason::kBadCredentials;
    case 0x87:
    case 0x8A:
      return DisconnectReason::kNotAuthorized;
    case 0x88:
    case 0x89:
    case 0x8B:
    case 0x97:
    case 0x9C:
    case 0x9D:
    case 0x9F:
      return DisconnectReason::kServerUnavailable;
    case 0x8E:
      return DisconnectReason::kSessionTakenOver;
    default:
      return other;
  }
}

}  // namespace

ConnectFailure ClassifyResolverError(int error, int system_error, absl::string_view host) {
  const char* said = error == EAI_SYSTEM ? strerror(system_error) : gai_strerror(error);
  return {DisconnectReason::kUnknownHost, absl::StrCat("cannot resolve ", host, ": ", said)};
}

ConnectFailure ClassifySocketError(int error, absl::string_view address) {
  DisconnectReason reason;
  switch (error) {
    case ECONNREFUSED:
      reason = DisconnectReason::kRefused;
      break;
    case ETIMEDOUT:
      reason = DisconnectReason::kTimeout;
      break;
    case ECONNRESET:
    case EPIPE:
      reason = DisconnectReason::kConnectionLost;
      break;
    default:  // EHOSTUNREACH, ENETUNREACH, EACCES of a firewall rule, ...
      reason = DisconnectReason::kUnreachable;
      break;
  }
  return {reason, absl::StrCat(address, ": ", strerror(error))};
}

ConnectFailure ClassifyConnack(int code) {
  switch (code) {
    case 1:
      return {DisconnectReason::kProtocol, "the broker does not speak this MQTT version"};
    case 2:
      return {DisconnectReason::kClientIdRejected, "the broker rejected the client id"};
    case 3:
      return {DisconnectReason::kServerUnavailable, "the broker says that it is unavailable"};
    case 4:
      return {DisconnectReason::kBadCredentials, "the broker rejected user name or password"};
    case 5:
      return {DisconnectReason::kNotAuthorized, "the broker says: not authorized to connect"};
    default:
      break;
  }
  return {ReasonOfReasonCode(code, DisconnectReason::kProtocol),
          absl::StrCat("the broker refused the connection: ", ReasonCodeText(code))};
}

ConnectFailure ClassifyServerDisconnect(int code, absl::string_view reason_string) {
  std::string detail = absl::StrCat("the broker disconnected: ", ReasonCodeText(code));
  if (!reason_string.empty()) absl::StrAppend(&detail, ": ", reason_string);
  return {ReasonOfReasonCode(code, DisconnectReason::kConnectionLost), detail};
}

std::string ReasonCodeText(int code) {
  return absl::StrFormat("%s (0x%02X)", ReasonCodeName(code), code);
}

absl::Status ReasonCodeStatus(int code, absl::string_view what) {
  if (code < 0x80) return absl::OkStatus();
  const std::string message =
      absl::StrCat("the broker refused the ", what, ": ", ReasonCodeText(code));
  const auto denied = [](const absl::Status& status) {
    return WithReason(status, Reason::kBrokerDenies);
  };
  switch (code) {
    case 0x87:
      return denied(absl::PermissionDeniedError(message));
    case 0x8F:
    case 0x90:
    case 0x95:
    case 0x99:
      return denied(absl::InvalidArgumentError(message));
    case 0x97:
      return denied(absl::ResourceExhaustedError(message));
    default:
      return denied(absl::FailedPreconditionError(message));
  }
}

}  // namespace wirepas_grpc::core
