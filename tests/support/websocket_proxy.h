// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_WEBSOCKET_PROXY_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_WEBSOCKET_PROXY_H_

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "core/base/mutex.h"

namespace wirepas_grpc {

// Puts WebSockets (RFC 6455, subprotocol "mqtt") in front of a broker that speaks plain
// TCP only, as Debian's mosquitto does. Listens on a free port of 127.0.0.1. Small: no
// fragmented messages, no pings.
class WebSocketProxy {
 public:
  enum class Framing {
    kOnePacket,    // each MQTT packet in a frame of its own, as mosquitto does it
    kManyPackets,  // all that came within a short time in one frame, as EMQX may do it
  };

  explicit WebSocketProxy(int broker_port, Framing framing = Framing::kOnePacket);
  ~WebSocketProxy();  // closes all connections
  WebSocketProxy(const WebSocketProxy&) = delete;
  WebSocketProxy& operator=(const WebSocketProxy&) = delete;

  int port() const { return port_; }
  // The paths that were asked for so far.
  std::vector<std::string> paths() const;

 private:
  struct Frame {
    uint8_t opcode = 0;
    std::string payload;
  };

  void AcceptAll();
  void Serve(int client);
  bool Upgrade(int client);
  void RelayToBroker(int client, int broker);
  void RelayToClient(int broker, int client);
  static bool ReadFrame(int client, Frame* frame);

  const int broker_port_;
  const Framing framing_;
  int listener_ = -1;
  int port_ = 0;
  mutable core::Mutex mutex_;
  std::vector<std::string> paths_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> sockets_ ABSL_GUARDED_BY(mutex_);  // closed by the destructor
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace wirepas_grpc

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_WEBSOCKET_PROXY_H_
