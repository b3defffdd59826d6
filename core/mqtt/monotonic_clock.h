// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_MONOTONIC_CLOCK_H_
#define WIREPAS_GRPC_CORE_MQTT_MONOTONIC_CLOCK_H_

#include <chrono>

#include "absl/time/time.h"

namespace wirepas_grpc::core {

// The time since some fixed moment, for bounds on waiting: the wall clock may jump.
inline absl::Duration MonotonicNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_MONOTONIC_CLOCK_H_
