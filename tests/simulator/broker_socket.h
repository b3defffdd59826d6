// SPDX-License-Identifier: Apache-2.0
// The TCP socket under a connection to the broker.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_BROKER_SOCKET_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_BROKER_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace wirepas_grpc::sim {

struct BrokerAddress {
  std::string hostname = "127.0.0.1";
  uint16_t port = 1883;
};

// A non-blocking socket that has begun to connect, or -1 and the reason. Looks
// the name up and may block for as long as that takes. A name with several
// addresses (localhost has two) has them tried in turn: `attempt` counts up from
// one call to the next. The caller closes the socket.
int OpenBrokerSocket(const BrokerAddress& broker, size_t attempt, std::string* reason);

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_BROKER_SOCKET_H_
