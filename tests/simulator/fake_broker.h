// SPDX-License-Identifier: Apache-2.0
// The broker's end of connections, as far as the simulator's tests need it: it
// acknowledges what it gets, remembers it, and forwards nothing.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_FAKE_BROKER_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_FAKE_BROKER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulator/event_loop.h"
#include "tests/simulator/mqtt_packet.h"
#include "tests/support/tcp_listener.h"

namespace wirepas_grpc::sim {

// Takes one connection at a time. Lives on one EventLoop. Not thread-safe.
class FakeBroker {
 public:
  struct Received {
    PacketType type = PacketType::kPublish;
    std::string topic;
    std::string payload;
    int qos = 0;
    bool retain = false;
    std::string body;
  };

  explicit FakeBroker(EventLoop* loop);
  ~FakeBroker();
  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;

  uint16_t port() const { return static_cast<uint16_t>(listener_.port()); }
  // Every packet of the client, over all its connections.
  const std::vector<Received>& received() const { return received_; }
  size_t Count(PacketType type) const;
  // PUBLISH packets on topics that start with `prefix`.
  std::vector<Received> Published(std::string_view prefix) const;
  size_t connections() const { return connections_; }
  bool has_client() const { return client_ >= 0; }
  // Most QoS 2 handshakes that were ever open at once.
  size_t most_handshakes() const { return most_handshakes_; }

  // Whether PUBLISH packets are acknowledged; those not acknowledged never are.
  void Acknowledge(bool acknowledge) { acknowledge_ = acknowledge; }
  // Answers QoS 2 as if it were QoS 1.
  void TakeTwoForOne() { takes_two_for_one_ = true; }
  void Publish(std::string_view topic, std::string_view payload, int qos, uint16_t packet_id);
  void Close();

  // Runs the loop until `condition` holds; false when it did not within 5 s.
  static bool RunUntil(EventLoop* loop, const std::function<bool()>& condition);

 private:
  void Accept();
  void Read();
  void Handle(const Packet& packet);
  void HandlePublish(const Packet& packet);
  void Send(const std::string& bytes);

  EventLoop* const loop_;
  TcpListener listener_;
  int client_ = -1;
  std::string input_;
  bool acknowledge_ = true;
  bool takes_two_for_one_ = false;
  size_t connections_ = 0;
  size_t handshakes_ = 0;
  size_t most_handshakes_ = 0;
  std::vector<Received> received_;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_FAKE_BROKER_H_
