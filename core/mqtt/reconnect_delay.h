// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_RECONNECT_DELAY_H_
#define WIREPAS_GRPC_CORE_MQTT_RECONNECT_DELAY_H_

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace wirepas_grpc::core {

// How long to wait before the next attempt to connect: a ceiling that doubles from
// `min` to `max`, and a delay drawn between half of it and the whole. Not
// thread-safe.
class ReconnectDelay {
 public:
  // Draws from [0, 1).
  using Uniform = absl::AnyInvocable<double()>;

  ReconnectDelay(absl::Duration min, absl::Duration max);
  ReconnectDelay(absl::Duration min, absl::Duration max, Uniform uniform);

  absl::Duration Next();

  // The largest value that Next() can return now.
  absl::Duration ceiling() const { return ceiling_; }

  // Starts at `min` again.
  void Reset() { ceiling_ = min_; }

 private:
  const absl::Duration min_;
  const absl::Duration max_;
  absl::Duration ceiling_;
  Uniform uniform_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_RECONNECT_DELAY_H_
