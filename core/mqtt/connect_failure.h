// SPDX-License-Identifier: Apache-2.0
//
// Turns the codes of the resolver, the socket layer and the MQTT versions into a
// DisconnectReason and a sentence for people.
#ifndef WIREPAS_GRPC_CORE_MQTT_CONNECT_FAILURE_H_
#define WIREPAS_GRPC_CORE_MQTT_CONNECT_FAILURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

struct ConnectFailure {
  DisconnectReason reason = DisconnectReason::kProtocol;
  std::string detail;
};

// `error` is a getaddrinfo() result, `system_error` the errno that goes with
// EAI_SYSTEM.
ConnectFailure ClassifyResolverError(int error, int system_error, absl::string_view host);

// `error` is the errno of a connect() to `address`, "ip:port".
ConnectFailure ClassifySocketError(int error, absl::string_view address);

// `code` is the return code of a CONNACK: 1 to 5 of MQTT 3.1.1, or a reason code
// (0x80 and above) of MQTT 5. They do not overlap, and a broker may answer an
// MQTT 5 CONNECT with a 3.1.1 code, so the version is not asked for.
ConnectFailure ClassifyConnack(int code);

// `code` is the reason code of a DISCONNECT that an MQTT 5 broker sent, and
// `reason_string` what it added, if anything.
ConnectFailure ClassifyServerDisconnect(int code, absl::string_view reason_string);

// "not authorized (0x87)"; any MQTT 5 reason code from 0x80.
std::string ReasonCodeText(int code);

// OK below 0x80, which are the successes of PUBACK, PUBREC and SUBACK. 0x80 is also
// the one refusal that an MQTT 3.1.1 SUBACK knows.
absl::Status ReasonCodeStatus(int code, absl::string_view what);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_CONNECT_FAILURE_H_
