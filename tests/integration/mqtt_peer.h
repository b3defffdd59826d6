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
  // What the library's thread fills. It does so at any time, even after the end of the
  // connection: never freed.
  struct Received {
    core::Mutex mutex;
    core::CondVar changed;
    std::vector<Message> messages ABSL_GUARDED_BY(mutex);
    std::set<int> delivered ABSL_GUARDED_BY(mutex);  // tokens of the library
  };

  MqttPeer();
  static int OnMessage(void* received, char* topic, int topic_length, void* message);
  static void OnDelivered(void* received, int token);

  void* client_ = nullptr;  // MQTTClient, whose header defines far too much
  Received* const received_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_MQTT_PEER_H_
