// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/mqtt_peer.h"

#include <MQTTClient.h>

#include <atomic>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace wirepas_grpc::integration {
namespace {

using core::MutexLock;

constexpr absl::Duration kAckTimeout = absl::Seconds(60);

absl::Status Check(int code, absl::string_view what) {
  if (code == MQTTCLIENT_SUCCESS) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("MQTT peer: ", what, " gave ", code));
}

}  // namespace

absl::StatusOr<std::unique_ptr<MqttPeer>> MqttPeer::Connect(int port) {
  static std::atomic<int> number = 0;
  std::unique_ptr<MqttPeer> peer(new MqttPeer);
  const std::string uri = absl::StrCat("tcp://127.0.0.1:", port);
  const std::string id = absl::StrCat("test-peer-", ++number);
  absl::Status status = Check(MQTTClient_create(&peer->client_, uri.c_str(), id.c_str(),
                                                MQTTCLIENT_PERSISTENCE_NONE, nullptr),
                              "create");
  if (!status.ok()) return status;
  const auto on_message = [](void* received, char* topic, int length, MQTTClient_message* message) {
    return OnMessage(received, topic, length, message);
  };
  MQTTClient_setCallbacks(peer->client_, peer->received_, nullptr, on_message, OnDelivered);
  MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
  options.keepAliveInterval = 600;
  options.cleansession = 1;
  status = Check(MQTTClient_connect(peer->client_, &options), "connect");
  if (!status.ok()) return status;
  return peer;
}

MqttPeer::MqttPeer() : received_(new Received) {
  static core::Mutex mutex;
  static auto* const all = new std::vector<Received*>;  // for those who look for leaks
  MutexLock lock(&mutex);
  all->push_back(received_);
}

// MQTTClient_destroy() would free messages that a callback may be looking at.
MqttPeer::~MqttPeer() {
  constexpr int kDisconnectMs = 1000;
  MQTTClient_disconnect(client_, kDisconnectMs);
}

int MqttPeer::OnMessage(void* context, char* topic, int topic_length, void* raw) {
  auto* received = static_cast<Received*>(context);
  auto* message = static_cast<MQTTClient_message*>(raw);
  Message copy;
  // The library gives a length only when the topic holds a zero byte.
  copy.topic = topic_length > 0 ? std::string(topic, static_cast<size_t>(topic_length)) : topic;
  copy.payload.assign(static_cast<const char*>(message->payload),
                      static_cast<size_t>(message->payloadlen));
  copy.retained = message->retained != 0;
  MQTTClient_freeMessage(&message);
  MQTTClient_free(topic);
  MutexLock lock(&received->mutex);
  received->messages.push_back(std::move(copy));
  received->changed.SignalAll();
  return 1;
}

void MqttPeer::OnDelivered(void* context, int token) {
  auto* received = static_cast<Received*>(context);
  MutexLock lock(&received->mutex);
  received->delivered.insert(token);
  received->changed.SignalAll();
}

absl::Status MqttPeer::Subscribe(const std::string& filter, int qos) {
  return Check(MQTTClient_subscribe(client_, filter.c_str(), qos), "subscribe");
}

absl::Status MqttPeer::Publish(const std::string& topic, const std::string& payload, int qos,
                               bool retain) {
  MQTTClient_deliveryToken token = 0;
  absl::Status status =
      Check(MQTTClient_publish(client_, topic.c_str(), static_cast<int>(payload.size()),
                               payload.data(), qos, retain ? 1 : 0, &token),
            "publish");
  if (!status.ok() || qos == 0) return status;
  // The library's own way to wait looks every 100 ms only.
  const absl::Time deadline = absl::Now() + kAckTimeout;
  MutexLock lock(&received_->mutex);
  while (received_->delivered.erase(token) == 0) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("MQTT peer: the broker does not acknowledge");
    }
    received_->changed.WaitWithTimeout(&received_->mutex, left);
  }
  return absl::OkStatus();
}

absl::StatusOr<MqttPeer::Message> MqttPeer::Take(const Predicate& wanted, absl::Duration timeout) {
  absl::StatusOr<std::vector<Message>> messages = TakeUpTo(wanted, timeout);
  if (!messages.ok()) return messages.status();
  return std::move(messages->back());
}

absl::StatusOr<std::vector<MqttPeer::Message>> MqttPeer::TakeUpTo(const Predicate& wanted,
                                                                  absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  MutexLock lock(&received_->mutex);
  while (true) {
    for (size_t i = 0; i < received_->messages.size(); ++i) {
      if (!wanted(received_->messages[i])) continue;
      const auto rest = received_->messages.begin() + static_cast<ptrdiff_t>(i) + 1;
      std::vector<Message> taken(std::make_move_iterator(received_->messages.begin()),
                                 std::make_move_iterator(rest));
      received_->messages.erase(received_->messages.begin(), rest);
      return taken;
    }
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) break;
    received_->changed.WaitWithTimeout(&received_->mutex, left);
  }
  return absl::DeadlineExceededError(
      absl::StrCat("MQTT peer: none of ", received_->messages.size(), " messages is the one"));
}

std::vector<MqttPeer::Message> MqttPeer::messages() const {
  MutexLock lock(&received_->mutex);
  return received_->messages;
}

}  // namespace wirepas_grpc::integration
