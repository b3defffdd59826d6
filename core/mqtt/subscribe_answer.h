// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_SUBSCRIBE_ANSWER_H_
#define WIREPAS_GRPC_CORE_MQTT_SUBSCRIBE_ANSWER_H_

#include "absl/status/status.h"

namespace wirepas_grpc::core {

// What a broker made of a SUBSCRIBE for one filter.
struct SubscribeAnswer {
  absl::Status status = {};  // OK: granted. Otherwise refused, and why, for people
  int asked_qos = 0;
  int granted_qos = 0;    // when granted: the most that the broker delivers with
  int code = 0;           // when refused: what the SUBACK said; 0: it was not sent at all
  bool may_pass = false;  // when refused: it may be granted if it is asked for again

  // Granted, but at less than was asked for.
  bool lowered() const { return status.ok() && granted_qos < asked_qos; }

  friend bool operator==(const SubscribeAnswer&, const SubscribeAnswer&) = default;
};

// The meaning of `code` in a SUBACK: up to 2 the granted QoS, all above is a refusal. Brokers
// also send those of MQTT 5 (0x83, 0x91, ...) over MQTT 3.1.1, where only 0x80 is one, for any
// reason: that does not pass.
SubscribeAnswer SubscribeAnswerOf(int code, int asked_qos);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_SUBSCRIBE_ANSWER_H_
