// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_CONNECTION_PROBE_H_
#define WIREPAS_GRPC_CORE_MQTT_CONNECTION_PROBE_H_

#include "absl/time/time.h"
#include "core/mqtt/broker_options.h"
#include "core/mqtt/connect_failure.h"
#include "core/mqtt/host_resolver.h"

namespace wirepas_grpc::core {

// Finds out why a connection did not come about. Paho says only that it did not:
// one code stands for a refused port, an unreachable network and a rejected
// certificate alike. So after a failure this opens a connection of its own, up to
// and including the TLS handshake, and looks at what goes wrong.
//
// One caller at a time, Cancel() from any thread.
class ConnectionProbe {
 public:
  explicit ConnectionProbe(const BrokerOptions& options);
  ~ConnectionProbe();
  ConnectionProbe(const ConnectionProbe&) = delete;
  ConnectionProbe& operator=(const ConnectionProbe&) = delete;

  // Takes at most about `timeout`.
  ConnectFailure Diagnose(const HostAddress& address, absl::Duration timeout);

  // Ends a running Diagnose(), and every later one at once, with any result.
  void Cancel();

 private:
  const BrokerOptions options_;
  const int cancel_fd_;  // an eventfd, readable once cancelled
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_CONNECTION_PROBE_H_
