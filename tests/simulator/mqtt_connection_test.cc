// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/mqtt_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulator/fake_broker.h"

namespace wirepas_grpc::sim {
namespace {

using testing::HasSubstr;

class MqttConnectionTest : public testing::Test {
 protected:
  MqttConnectionTest() : broker_(&loop_) {
    ConnectPacket connect;
    connect.client_id = "client";
    connect.will = Will{"will/topic", "gone", 2, true};
    MqttConnection::Callbacks callbacks;
    callbacks.connected = [this] { ++connected_; };
    callbacks.disconnected = [this](const std::string& reason) { reasons_.push_back(reason); };
    callbacks.message = [this](std::string_view topic, std::string_view payload) {
      messages_.push_back(std::string(topic) + "=" + std::string(payload));
    };
    callbacks.window_open = [this] { ++window_opened_; };
    connection_ = std::make_unique<MqttConnection>(
        &loop_, BrokerAddress{"127.0.0.1", broker_.port()}, connect, callbacks);
  }

  bool RunUntil(const std::function<bool()>& condition) {
    return FakeBroker::RunUntil(&loop_, condition);
  }

  void Connect() {
    connection_->Start();
    ASSERT_TRUE(RunUntil([&] { return connected_ == 1; }));
  }

  EventLoop loop_;
  FakeBroker broker_;
  int connected_ = 0;
  int window_opened_ = 0;
  std::vector<std::string> reasons_;
  std::vector<std::string> messages_;
  std::unique_ptr<MqttConnection> connection_;
};

TEST_F(MqttConnectionTest, ConnectsWithItsWill) {
  Connect();
  EXPECT_TRUE(connection_->connected());
  EXPECT_THAT(broker_.received().at(0).body, HasSubstr("will/topic"));
}

TEST_F(MqttConnectionTest, SubscriptionIsDoneWhenAcknowledged) {
  Connect();
  int done = 0;
  connection_->Subscribe({"a/#", "b"}, 2, [&](bool ok) { done += ok; });
  EXPECT_TRUE(RunUntil([&] { return done == 1; }));
}

TEST_F(MqttConnectionTest, PublishIsDoneWhenAcknowledged) {
  Connect();
  int done = 0;
  for (int qos : {0, 1, 2}) {
    connection_->Publish("topic", "payload", qos, qos == 1, [&](bool ok) { done += ok; });
  }
  EXPECT_TRUE(RunUntil([&] { return done == 3; }));
  const auto published = broker_.Published("topic");
  ASSERT_EQ(published.size(), 3U);
  EXPECT_EQ(published[2].payload, "payload");
  EXPECT_EQ(published[2].qos, 2);
  EXPECT_TRUE(published[1].retain);
}

TEST_F(MqttConnectionTest, FewHandshakesAtATime) {
  Connect();
  int done = 0;
  for (int i = 0; i < 500; ++i) {
    connection_->Publish("topic", std::to_string(i), 2, false, [&](bool ok) { done += ok; });
  }
  EXPECT_TRUE(RunUntil([&] { return done == 500; }));
  EXPECT_LE(broker_.most_handshakes(), 20U);
  const auto published = broker_.Published("topic");
  for (size_t i = 0; i < published.size(); ++i) EXPECT_EQ(published[i].payload, std::to_string(i));
}

TEST_F(MqttConnectionTest, BrokerMayTakeTwoForOne) {
  Connect();
  broker_.TakeTwoForOne();
  int done = 0;
  for (int i = 0; i < 50; ++i) {
    connection_->Publish("topic", "payload", 2, false, [&](bool ok) { done += ok; });
  }
  EXPECT_TRUE(RunUntil([&] { return done == 50; }));
  EXPECT_TRUE(reasons_.empty());
}

TEST_F(MqttConnectionTest, LossIsToldAndConnectionComesBack) {
  Connect();
  broker_.Acknowledge(false);
  int lost = 0;
  for (int qos : {1, 2}) {
    connection_->Publish("topic", "payload", qos, false, [&](bool ok) { lost += !ok; });
  }
  ASSERT_TRUE(RunUntil([&] { return broker_.Published("topic").size() == 2; }));
  broker_.Close();
  EXPECT_TRUE(RunUntil([&] { return connected_ == 2; }));
  EXPECT_EQ(lost, 2);
  EXPECT_EQ(reasons_.size(), 1U);
}

TEST_F(MqttConnectionTest, WithoutConnectionNothingIsPublished) {
  int lost = 0;
  connection_->Publish("topic", "payload", 1, false, [&](bool ok) { lost += !ok; });
  EXPECT_EQ(lost, 1);
}

TEST_F(MqttConnectionTest, WindowClosesAndOpens) {
  Connect();
  broker_.Acknowledge(false);
  for (size_t i = 0; i < MqttConnection::kWindow; ++i) {
    EXPECT_TRUE(connection_->WindowOpen());
    connection_->Publish("topic", "payload", 1, false, nullptr);
  }
  EXPECT_FALSE(connection_->WindowOpen());
  // The broker has lost them all; those of the next connection it acknowledges.
  broker_.Acknowledge(true);
  broker_.Close();
  ASSERT_TRUE(RunUntil([&] { return connected_ == 2; }));
  for (size_t i = 0; i < MqttConnection::kWindow; ++i) {
    connection_->Publish("topic", "payload", 1, false, nullptr);
  }
  EXPECT_TRUE(RunUntil([&] { return window_opened_ > 0; }));
  EXPECT_TRUE(connection_->WindowOpen());
}

TEST_F(MqttConnectionTest, ReceivesEachMessageOnce) {
  Connect();
  broker_.Publish("a", "0", 0, 0);
  broker_.Publish("a", "1", 1, 7);
  broker_.Publish("a", "2", 2, 8);
  broker_.Publish("a", "2", 2, 8);  // Sent again before the handshake went on.
  broker_.Publish("a", std::string(100000, 'x'), 1, 9);
  ASSERT_TRUE(RunUntil([&] { return messages_.size() == 4; }));
  EXPECT_EQ(messages_[1], "a=1");
  EXPECT_EQ(messages_[2], "a=2");
  EXPECT_EQ(messages_[3].size(), 100002U);
  EXPECT_TRUE(RunUntil([&] { return broker_.Count(PacketType::kPuback) == 2; }));
  EXPECT_TRUE(RunUntil([&] { return broker_.Count(PacketType::kPubcomp) >= 1; }));
}

TEST_F(MqttConnectionTest, StopSaysGoodbye) {
  Connect();
  connection_->Stop();
  EXPECT_TRUE(RunUntil([&] { return !broker_.has_client(); }));
  EXPECT_EQ(broker_.Count(PacketType::kDisconnect), 1U);
  EXPECT_TRUE(reasons_.empty());
}

TEST_F(MqttConnectionTest, DropSaysNothingAndComesBack) {
  Connect();
  connection_->Drop(absl::Milliseconds(10));
  EXPECT_FALSE(connection_->connected());
  EXPECT_TRUE(RunUntil([&] { return connected_ == 2; }));
  EXPECT_EQ(broker_.Count(PacketType::kDisconnect), 0U);
  EXPECT_EQ(broker_.connections(), 2U);
}

TEST_F(MqttConnectionTest, DropWithoutPauseWaitsForStart) {
  Connect();
  connection_->Drop(std::nullopt);
  ASSERT_TRUE(RunUntil([&] { return !broker_.has_client(); }));
  connection_->Start();
  EXPECT_TRUE(RunUntil([&] { return connected_ == 2; }));
}

TEST_F(MqttConnectionTest, NonsenseFromTheBrokerEndsTheConnection) {
  Connect();
  broker_.Publish("a", "1", 3, 7);
  EXPECT_TRUE(RunUntil([&] { return connected_ == 2; }));
  EXPECT_TRUE(messages_.empty());
}

}  // namespace
}  // namespace wirepas_grpc::sim
