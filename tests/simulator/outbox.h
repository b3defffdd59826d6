// SPDX-License-Identifier: Apache-2.0
// What a gateway for Linux has still to publish.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_OUTBOX_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulator/event_loop.h"
#include "tests/simulator/mqtt_connection.h"

namespace wirepas_grpc::sim {

// Messages wait in a stack: the last in is the first out. At most kMaxInFlight are sent
// and not acknowledged; these are sent again, in their order and before all others, when
// a new connection is open. What is put in between two waits of the loop goes out
// together, the last of it first. Lives on one EventLoop and must live as long as that
// runs. Not thread-safe.
class Outbox {
 public:
  using Done = MqttConnection::Done;

  static constexpr size_t kMaxInFlight = 20;

  explicit Outbox(EventLoop* loop) : loop_(loop) {}
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // Before anything else is called. Outlives this.
  void Use(MqttConnection* connection) { connection_ = connection; }

  // `done` may be null; it is told true once the broker has acknowledged the message,
  // on whatever connection, and false at Clear.
  void Put(std::string topic, std::string payload, int qos, bool retain, Done done);

  // The connection is there, or is there no more.
  void Open();
  void Close() { open_ = false; }
  bool open() const { return open_; }

  // Forgets all.
  void Clear();

  // Messages that the broker has not acknowledged.
  size_t size() const { return waiting_.size() + in_flight_.size(); }

 private:
  struct Message {
    std::string topic;
    std::string payload;
    int qos = 0;
    bool retain = false;
    Done done;
  };

  void SendSoon();
  void Send();
  void Publish(uint64_t number);

  EventLoop* const loop_;
  MqttConnection* connection_ = nullptr;
  bool open_ = false;
  bool send_pending_ = false;
  std::vector<Message> waiting_;  // The last goes first.
  std::map<uint64_t, Message> in_flight_;
  uint64_t next_number_ = 0;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_OUTBOX_H_
