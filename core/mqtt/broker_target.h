// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_BROKER_TARGET_H_
#define WIREPAS_GRPC_CORE_MQTT_BROKER_TARGET_H_

#include <cstdint>
#include <string>
#include <variant>

#include "core/mqtt/broker_options.h"
#include "core/mqtt/connect_failure.h"
#include "core/mqtt/host_resolver.h"

namespace wirepas_grpc::core {

// Where one attempt connects to: what Paho takes, and the address that it stands for.
struct BrokerTarget {
  std::string uri;
  HostAddress address;
};

// "host:port", an IPv6 address in brackets.
std::string BrokerEndpoint(const BrokerOptions& options);

// Does what can fail before there is a connection: looks up the host, and loads the
// certificates, of which Paho says no more than that it failed, or crashes. One caller
// at a time, Cancel() from any thread.
class BrokerTargetFinder {
 public:
  explicit BrokerTargetFinder(const BrokerOptions& options);

  // For attempt number `attempt`, counted from 0: where it makes a difference to Paho
  // all addresses of the host get their turn.
  std::variant<BrokerTarget, ConnectFailure> Find(uint32_t attempt);

  // Ends a running Find(), and every later one at once, with some failure.
  void Cancel() { resolver_.Cancel(); }

 private:
  std::string Uri(const HostAddress& address) const;

  const BrokerOptions options_;
  HostResolver resolver_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_BROKER_TARGET_H_
