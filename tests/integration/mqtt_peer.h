// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_MQTT_PEER_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_MQTT_PEER_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::integration {

// Another client of the broker: somebody else's backend, a gateway made by hand, or
// an eavesdropper. Publishing waits for the broker. One thread at a time.
class MqttPeer {
 public:
  struct Message {
    std::string topic;
    std::string payload;
    bool retained = false;
  };
  using Predicate = std::function<bool(const Message&)>;

  static absl::StatusOr<std::unique_ptr<MqttPeer>> Connect(int port);
  ~MqttPeer();
  MqttPeer(const MqttPeer&) = delete;
  MqttPeer& operator=(const MqttPeer&) = delete;

  absl::Status Subscribe(const std::string& filter, int qos = 1);
  absl::Status Publish(const std::string& topic, const std::string& payload, int qos = 1,
                       bool retain = false);

  // Waits for a message that `wanted` is true for and forgets all up to it.
  absl::StatusOr<Message> Take(const Predicate& wanted, absl::Duration timeout = absl::Seconds(60));
  // The same, and returns all up to it.
  absl::StatusOr<std::vector<Message>> TakeUpTo(const Predicate& wanted,
                                                absl::Duration timeout = absl::Seconds(60));

  // All that has come and was not forgotten.
  std::vector<Message> messages() const;

 private:
  MqttPeer() = default;
  static int OnMessage(void* self, char* topic, int topic_length, void* message);
  static void OnDelivered(void* self, int token);

  void* client_ = nullptr;  // MQTTClient, whose header defines far too much
  mutable core::Mutex mutex_;
  core::CondVar changed_;
  std::vector<Message> messages_ ABSL_GUARDED_BY(mutex_);
  std::set<int> delivered_ ABSL_GUARDED_BY(mutex_);  // tokens of the library
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_MQTT_PEER_H_
