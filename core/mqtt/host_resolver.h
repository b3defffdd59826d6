// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_HOST_RESOLVER_H_
#define WIREPAS_GRPC_CORE_MQTT_HOST_RESOLVER_H_

#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

struct HostAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;
  std::string text;  // "ip:port", an IPv6 address in brackets
};

struct HostLookup {
  int error = 0;                       // of getaddrinfo()
  int system_error = 0;                // errno when `error` is EAI_SYSTEM
  std::vector<HostAddress> addresses;  // IPv4 first
};

// getaddrinfo() with a bound, which it has not by itself. A lookup that takes longer
// goes on in a thread of its own; at most one is under way. One caller at a time,
// Cancel() from any thread.
class HostResolver {
 public:
  HostResolver(std::string host, int port);
  ~HostResolver();

  // None: `timeout` passed or Cancel() was called. A lookup that outlasted an
  // earlier call is waited for again.
  std::optional<HostLookup> Resolve(absl::Duration timeout);

  // Ends a waiting Resolve(), and every later one at once.
  void Cancel();

 private:
  struct State;

  const std::string host_;
  const int port_;
  const std::shared_ptr<State> state_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_HOST_RESOLVER_H_
