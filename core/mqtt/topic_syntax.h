// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_TOPIC_SYNTAX_H_
#define WIREPAS_GRPC_CORE_MQTT_TOPIC_SYNTAX_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// What MQTT allows at all (3.1.1, section 4.7). Checked before anything is sent,
// because a broker answers a violation by closing the connection.

// A topic to publish on: 1 to 65535 bytes of UTF-8, no control character,
// no wildcard.
absl::Status CheckTopicName(absl::string_view topic);

// A filter to subscribe with: '+' and '#' stand alone in their level, '#' last.
absl::Status CheckTopicFilter(absl::string_view filter);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_TOPIC_SYNTAX_H_
