// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_MQTT_BROKER_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_MQTT_BROKER_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "core/mqtt/paho_broker_client.h"
#include "tests/core/mqtt/recording_handler.h"
#include "tests/support/mosquitto.h"

namespace wirepas_grpc::core {

// Short delays, so that tests of reconnecting are quick.
inline BrokerOptions LocalOptions(int port) {
  BrokerOptions options;
  options.host = "127.0.0.1";
  options.port = port;
  options.client_id = "test-client";
  options.use_tls = false;
  options.reconnect_min_delay = absl::Milliseconds(50);
  options.reconnect_max_delay = absl::Milliseconds(200);
  return options;
}

// A broker, and a client for it with its handler.
class BrokerTest : public ::testing::Test {
 protected:
  void StartBroker(Mosquitto::Options options = {}) {
    auto broker = Mosquitto::Start(std::move(options));
    ASSERT_TRUE(broker.ok()) << broker.status();
    broker_ = *std::move(broker);
  }
  void StartClient(BrokerOptions options) {
    client_ = std::make_unique<PahoBrokerClient>(std::move(options));
    client_->Start(&handler_);
  }
  // With a broker that runs.
  void StartConnected(BrokerOptions options) {
    StartClient(std::move(options));
    ASSERT_TRUE(handler_.WaitForConnected());
  }
  void SubscribeAndWait(const std::string& filter, int qos) {
    const size_t before = handler_.subscribed().size();
    client_->Subscribe(filter, qos);
    ASSERT_TRUE(handler_.WaitForSubscribed(before + 1));
    EXPECT_EQ(handler_.subscribed()[before].filter, filter);
    EXPECT_TRUE(handler_.subscribed()[before].answer.status.ok())
        << handler_.subscribed()[before].answer.status;
  }
  // Publishes and waits for the outcome.
  absl::Status PublishAndWait(const std::string& topic, const std::string& payload, int qos,
                              bool retain = false) {
    PublishResults results;
    const absl::Status status = client_->Publish(topic, payload, qos, retain, results.Done());
    if (!status.ok()) return status;
    if (!results.WaitFor(1)) return absl::DeadlineExceededError("PublishDone was not called");
    return results.statuses()[0];
  }
  // The state of the first attempt, which has to fail.
  BrokerState FirstFailure(BrokerOptions options) {
    StartClient(std::move(options));
    BrokerState state;
    EXPECT_TRUE(handler_.WaitForDown(&state));
    return state;
  }

  std::unique_ptr<Mosquitto> broker_;
  RecordingHandler handler_;
  std::unique_ptr<PahoBrokerClient> client_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_MQTT_BROKER_FIXTURE_H_
