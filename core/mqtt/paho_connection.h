// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_PAHO_CONNECTION_H_
#define WIREPAS_GRPC_CORE_MQTT_PAHO_CONNECTION_H_

#include <mqtt/async_client.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/mqtt/broker_client.h"
#include "core/mqtt/broker_options.h"
#include "core/mqtt/connect_failure.h"

namespace wirepas_grpc::core {

// What the broker can take. An MQTT 5 broker says it in its CONNACK; these are the
// values for MQTT 3.1.1.
struct BrokerLimits {
  // Unfinished publishes above QoS 0. mosquitto answers what exceeds its
  // max_inflight_messages, 20 by default, as if it took it, but loses the QoS 2
  // messages among it: see BrokerOptions::max_inflight.
  size_t receive_maximum = 20;
  size_t maximum_packet_size = std::numeric_limits<size_t>::max();
  int maximum_qos = 2;
  bool retain_available = true;
};

// One attempt to connect, and the connection if it succeeds: a Paho client that is
// used once. A Paho client that connects again would first send what it still had
// queued, and, in a persistent session, what was not acknowledged; a radio message
// must not go out minutes late. So what a connection did not finish ends with it.
//
// Not thread-safe: one thread creates, uses and destroys it. Paho's exceptions stay
// inside. All calls may wait for Paho's lock, which Paho holds while it calls the
// listener: hold no lock here that the listener takes.
class PahoConnection final : private mqtt::iaction_listener {
 public:
  // Called on Paho's threads, one call at a time for the whole process. None comes
  // after the connection's destructor returned.
  class Listener {
   public:
    virtual ~Listener() = default;
    // Of these two at most one, once. `code` is that of the CONNACK if positive,
    // otherwise Paho's: there was no CONNACK.
    virtual void OnConnected(bool session_present, const BrokerLimits& limits) = 0;
    virtual void OnConnectFailed(int code) = 0;
    // After OnConnected(); maybe more than once.
    virtual void OnLost(const ConnectFailure& failure) = 0;
    virtual void OnMessage(const BrokerMessage& message) = 0;
    // The first message of QoS 2 is taken, Paho says: see KeepsMessage(). Before that
    // message's OnFinished().
    virtual void OnQos2Taken(int message_id) = 0;
    // What Publish() or Unsubscribe() of that id came to: ABORTED, the connection broke.
    // Not called for what the connection did not finish.
    virtual void OnFinished(uint64_t id, const absl::Status& status) = 0;
    // The broker answered Subscribe() of that id with this code: see SubscribeAnswerOf().
    virtual void OnSuback(uint64_t id, int code) = 0;
  };

  // `uri` is what Paho takes: scheme://host:port, for WebSockets with the path.
  static absl::StatusOr<std::unique_ptr<PahoConnection>> Create(const BrokerOptions& options,
                                                                const std::string& uri,
                                                                Listener* listener);
  // Closes the connection; sends DISCONNECT first if it is up.
  ~PahoConnection() override;

  absl::Status Connect();

  // When not OK, neither OnFinished() nor OnSuback() is called. `id` is never 0.
  absl::Status Publish(uint64_t id, std::string topic, std::string payload, int qos, bool retain);
  absl::Status Subscribe(uint64_t id, const std::string& filter, int qos);
  absl::Status Unsubscribe(uint64_t id, const std::string& filter);

  // Whether Paho has a message of QoS 2 still that it says is taken: then the broker has
  // answered it as one of QoS 1. Paho takes that for its end, but keeps the message as
  // long as the connection. Never from the listener: the call gives Paho's lock away, which
  // Paho thinks it holds meanwhile.
  bool KeepsMessage(int message_id) const;

 private:
  PahoConnection(const BrokerOptions& options, const std::string& uri, Listener* listener);

  void on_success(const mqtt::token& token) override;
  void on_failure(const mqtt::token& token) override;

  void TellOfQos2(const mqtt::token& token);

  const BrokerOptions options_;
  Listener* const listener_;
  std::unique_ptr<mqtt::async_client> client_;
  bool qos2_told_ = false;  // of Paho's threads, in turn
};

// Keeps Paho's two threads, which all its clients share, from ending when the last
// client goes. A new start costs up to a second, and Paho's own end is not safe
// against a start at the same time.
class PahoHold {
 public:
  PahoHold();
  ~PahoHold();
  PahoHold(const PahoHold&) = delete;
  PahoHold& operator=(const PahoHold&) = delete;

 private:
  std::unique_ptr<mqtt::async_client> idle_client_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_PAHO_CONNECTION_H_
