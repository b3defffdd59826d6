// SPDX-License-Identifier: Apache-2.0
//
// At which QoS messages go out, and brokers that cannot do QoS 2.
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/mqtt/broker_fixture.h"
#include "tests/simulator/mqtt_packet.h"
#include "tests/support/tcp_listener.h"

namespace wirepas_grpc::core {
namespace {

using sim::PacketType;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A broker that answers each PUBLISH with a PUBACK. One connection at a time.
class PubackBroker {
 public:
  explicit PubackBroker(MqttVersion version) : version_(version), thread_([this] { Run(); }) {}
  ~PubackBroker() {
    shutdown(listener_.fd(), SHUT_RDWR);
    EndConnection();
    thread_.join();
  }

  int port() const { return listener_.port(); }
  // Of each connection, the QoS of what was published on it.
  std::vector<std::vector<int>> published() const {
    MutexLock lock(&mutex_);
    return published_;
  }
  void EndConnection() {
    MutexLock lock(&mutex_);
    if (client_ >= 0) shutdown(client_, SHUT_RDWR);
  }

 private:
  void Run() {
    while (true) {
      const int client = listener_.Accept();
      if (client < 0) return;
      {
        MutexLock lock(&mutex_);
        client_ = client;
        published_.emplace_back();
      }
      Serve(client);
      MutexLock lock(&mutex_);
      client_ = -1;
      close(client);
    }
  }

  void Serve(int client) {
    std::string input;
    char buffer[4096];
    while (true) {
      const ssize_t count = recv(client, buffer, sizeof(buffer), 0);
      if (count <= 0) return;
      input.append(buffer, static_cast<size_t>(count));
      sim::Packet packet;
      while (sim::ParsePacket(input, 1 << 20, &packet) == sim::ParseResult::kPacket) {
        const std::string answer = AnswerTo(packet);
        send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
        input.erase(0, packet.size);
      }
    }
  }

  std::string AnswerTo(const sim::Packet& packet) {
    if (packet.type == PacketType::kConnect) {
      return version_ == MqttVersion::k5 ? std::string("\x20\x03\x00\x00\x00", 5)
                                         : std::string("\x20\x02\x00\x00", 4);
    }
    if (packet.type != PacketType::kPublish) return "";
    {
      MutexLock lock(&mutex_);
      published_.back().push_back(packet.flags >> 1 & 3);
    }
    // Behind the topic.
    const size_t topic_size = static_cast<size_t>(static_cast<uint8_t>(packet.body[0])) << 8 |
                              static_cast<uint8_t>(packet.body[1]);
    return std::string("\x40\x02", 2) + std::string(packet.body.substr(2 + topic_size, 2));
  }

  const MqttVersion version_;
  TcpListener listener_;
  mutable Mutex mutex_;
  int client_ ABSL_GUARDED_BY(mutex_) = -1;
  std::vector<std::vector<int>> published_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

class QosTest : public BrokerTest, public testing::WithParamInterface<MqttVersion> {
 protected:
  BrokerOptions Options(int port) {
    BrokerOptions options = LocalOptions(port);
    options.version = GetParam();
    options.faults = &faults_;
    return options;
  }

  BrokerFaults faults_;
};

INSTANTIATE_TEST_SUITE_P(Versions, QosTest, testing::Values(MqttVersion::k311, MqttVersion::k5),
                         [](const auto& info) {
                           return info.param == MqttVersion::k5 ? "Mqtt5" : "Mqtt311";
                         });

TEST_P(QosTest, ABrokerThatCanDoQos2GetsIt) {
  StartBroker();
  StartConnected(Options(broker_->port()));
  for (int i = 0; i < 3; ++i) ASSERT_EQ(PublishAndWait("a", "payload", 2), absl::OkStatus());
  EXPECT_THAT(broker_->log(), AllOf(HasSubstr("Received PUBLISH from test-client (d0, q2"),
                                    Not(HasSubstr("Received PUBLISH from test-client (d0, q1"))));
  EXPECT_EQ(faults_.qos2_answered_as_qos1, 0u);
}

TEST_P(QosTest, NothingGoesOutAboveTheHighestThatIsWanted) {
  StartBroker();
  BrokerOptions options = Options(broker_->port());
  options.max_qos = 1;
  StartConnected(options);
  for (int qos = 0; qos <= 2; ++qos) {
    ASSERT_EQ(PublishAndWait("a", "payload", qos), absl::OkStatus());
  }
  EXPECT_THAT(broker_->log(), AllOf(HasSubstr("Received PUBLISH from test-client (d0, q0"),
                                    HasSubstr("Received PUBLISH from test-client (d0, q1"),
                                    Not(HasSubstr("Received PUBLISH from test-client (d0, q2"))));
}

TEST_P(QosTest, ABrokerThatAnswersQos2AsQos1GetsQos1FromThenOn) {
  PubackBroker broker(GetParam());
  ASSERT_NE(broker.port(), 0);
  StartConnected(Options(broker.port()));
  ASSERT_EQ(PublishAndWait("a", "payload", 2), absl::OkStatus());
  if (GetParam() == MqttVersion::k5) {
    // Paho would count what it keeps against what the broker takes at a time.
    ASSERT_TRUE(handler_.WaitForConnected(2));
    ASSERT_EQ(PublishAndWait("a", "payload", 2), absl::OkStatus());
    EXPECT_THAT(broker.published(), ElementsAre(ElementsAre(2), ElementsAre(1)));
  } else {
    ASSERT_EQ(PublishAndWait("a", "payload", 2), absl::OkStatus());
    EXPECT_THAT(broker.published(), ElementsAre(ElementsAre(2, 1)));
  }
  EXPECT_EQ(faults_.qos2_answered_as_qos1, 1u);

  const size_t before = handler_.states().size();
  broker.EndConnection();
  ASSERT_TRUE(handler_.WaitForConnected(before));
  ASSERT_EQ(PublishAndWait("a", "payload", 2), absl::OkStatus());
  EXPECT_THAT(broker.published().back(), ElementsAre(1));
  EXPECT_EQ(faults_.qos2_answered_as_qos1, 1u);
  client_->Stop();
}

}  // namespace
}  // namespace wirepas_grpc::core
