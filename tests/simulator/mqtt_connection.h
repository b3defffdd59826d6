// SPDX-License-Identifier: Apache-2.0
// One connection to the broker over plain TCP: kept alive, opened again when it
// breaks, with the handshakes of QoS 1 and 2 in both directions.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_MQTT_CONNECTION_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_MQTT_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/random/random.h"
#include "absl/time/time.h"
#include "google/protobuf/message_lite.h"
#include "tests/simulator/broker_socket.h"
#include "tests/simulator/event_loop.h"
#include "tests/simulator/mqtt_packet.h"

namespace wirepas_grpc::sim {

// Lives on one EventLoop, which it must not outlive. Not thread-safe.
class MqttConnection {
 public:
  // Called with whether the broker has acknowledged; false when the connection
  // broke before, so that nobody knows.
  using Done = std::function<void(bool)>;

  struct Callbacks {
    // The broker has accepted the connection. Nothing is subscribed yet.
    std::function<void()> connected;
    // It has broken, or was refused. It opens again by itself unless stopped.
    std::function<void(const std::string& reason)> disconnected;
    std::function<void(std::string_view topic, std::string_view payload)> message;
    // There is room for at least half a window of paced messages.
    std::function<void()> window_open;
  };

  // Paced messages beyond this many unacknowledged ones wait for WindowOpen.
  static constexpr size_t kWindow = 1000;

  MqttConnection(EventLoop* loop, BrokerAddress broker, ConnectPacket connect, Callbacks callbacks);
  ~MqttConnection();
  MqttConnection(const MqttConnection&) = delete;
  MqttConnection& operator=(const MqttConnection&) = delete;

  // Replaces the last will from the next connection on.
  void SetWill(Will will) { connect_.will = std::move(will); }

  // Connects, and again whenever the connection breaks.
  void Start();
  // Closes as a client does that means it: the broker drops the last will.
  void Stop();
  // Closes as if the power had failed: the broker publishes the last will. Opens
  // again after `pause`, or, without one, at the next Start.
  void Drop(std::optional<absl::Duration> pause);

  bool connected() const { return state_ == State::kConnected; }
  bool WindowOpen() const { return connected() && in_flight_.size() < kWindow; }

  // All filters in one packet. `done` is told false when the broker refuses one.
  void Subscribe(const std::vector<std::string>& filters, int qos, Done done);

  // Without a connection the message is lost and `done` told so. `done` may be null.
  void Publish(std::string_view topic, std::string_view payload, int qos, bool retain, Done done);
  void Publish(std::string_view topic, const google::protobuf::MessageLite& message, int qos,
               bool retain, Done done);

 private:
  enum class State { kStopped, kPausing, kConnecting, kHandshake, kConnected };

  struct InFlight {
    PacketType awaits = PacketType::kPuback;
    Done done;
  };

  // A QoS 2 message that waits for a handshake before it to end.
  struct Waiting {
    std::string topic;
    std::string payload;
    bool retain = false;
    Done done;
  };

  void Open();
  void OnEvents(uint32_t events);
  void OnSocketConnected();
  // Closes the socket, tells everybody, and opens again after a while.
  void Fail(const std::string& reason);
  void CloseSocket();
  void OpenAfter(absl::Duration pause);
  void Read();
  bool HandlePacket(const Packet& packet);
  bool HandleConnack(const Packet& packet);
  bool HandlePublish(const Packet& packet);
  bool HandleSuback(const Packet& packet);
  bool HandlePuback(uint16_t packet_id);
  bool HandlePubrec(uint16_t packet_id);
  bool HandlePubcomp(uint16_t packet_id);
  void Complete(uint16_t packet_id);
  void StartWaiting();
  // Room for a PUBLISH in the output, to be filled by the caller. Null: cannot
  // be sent now, and `done` is told or kept as the case may be.
  char* BeginPublish(std::string_view topic, size_t size, int qos, bool retain, Done* done);
  uint16_t NextPacketId();
  void FlushSoon();
  void Flush();
  void CheckAlive();

  EventLoop* const loop_;
  const BrokerAddress broker_;
  ConnectPacket connect_;
  const Callbacks callbacks_;
  absl::BitGen random_;

  State state_ = State::kStopped;
  int fd_ = -1;
  size_t attempt_ = 0;    // Failed ones to connect.
  uint64_t sockets_ = 0;  // Closed so far; tells one socket from the next.
  bool wants_write_ = false;
  bool flush_pending_ = false;
  std::string input_;
  std::string output_;
  size_t output_sent_ = 0;
  absl::Duration next_pause_;
  std::optional<EventLoop::TimerId> open_timer_;
  std::optional<EventLoop::TimerId> alive_timer_;
  absl::Time last_received_;

  uint16_t last_packet_id_ = 0;
  absl::flat_hash_map<uint16_t, InFlight> in_flight_;
  absl::flat_hash_map<uint16_t, Done> subscribing_;
  size_t handshakes_ = 0;  // QoS 2 messages in in_flight_.
  std::deque<Waiting> waiting_;
  absl::flat_hash_set<uint16_t> received_;  // QoS 2 messages not yet released.
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_MQTT_CONNECTION_H_
