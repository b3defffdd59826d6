// SPDX-License-Identifier: Apache-2.0
//
// What is reported when a connection does not come about.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/core/mqtt/broker_fixture.h"
#include "tests/support/tcp_listener.h"

namespace wirepas_grpc::core {
namespace {

using ::testing::HasSubstr;
using ConnectFailureTest = BrokerTest;

TEST_F(ConnectFailureTest, UnknownHost) {
  BrokerOptions options = LocalOptions(1883);
  options.host = "no-such-host.invalid";
  const BrokerState state = FirstFailure(options);
  EXPECT_EQ(state.reason, DisconnectReason::kUnknownHost);
  EXPECT_THAT(state.detail, HasSubstr("no-such-host.invalid"));
  EXPECT_EQ(state.endpoint, "no-such-host.invalid:1883");
  EXPECT_EQ(state.attempts, 1u);
}

TEST_F(ConnectFailureTest, RefusedPort) {
  const int port = FreePort();
  const BrokerState state = FirstFailure(LocalOptions(port));
  EXPECT_EQ(state.reason, DisconnectReason::kRefused);
  EXPECT_THAT(state.detail, HasSubstr(absl::StrCat("127.0.0.1:", port)));
}

TEST_F(ConnectFailureTest, RefusedPortWithTls) {
  BrokerOptions options = LocalOptions(FreePort());
  options.use_tls = true;
  EXPECT_EQ(FirstFailure(options).reason, DisconnectReason::kRefused);
}

TEST_F(ConnectFailureTest, RefusedPortWithWebSocket) {
  BrokerOptions options = LocalOptions(FreePort());
  options.use_websocket = true;
  EXPECT_EQ(FirstFailure(options).reason, DisconnectReason::kRefused);
}

TEST_F(ConnectFailureTest, CountsAttempts) {
  StartClient(LocalOptions(FreePort()));
  BrokerState state;
  ASSERT_TRUE(handler_.WaitForState([](const BrokerState& s) { return s.attempts == 3; }, &state));
  const absl::Time since = handler_.states()[0].since;
  EXPECT_EQ(state.since, since);
  EXPECT_FALSE(state.connected);
}

TEST_F(ConnectFailureTest, BlackHole) {
  TcpListener black_hole;
  BrokerOptions options = LocalOptions(black_hole.port());
  options.connect_timeout = absl::Milliseconds(500);
  const absl::Time start = absl::Now();
  const BrokerState state = FirstFailure(options);
  EXPECT_EQ(state.reason, DisconnectReason::kTimeout);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(400));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(ConnectFailureTest, BlackHoleWithTlsAndWebSocket) {
  TcpListener black_hole;
  BrokerOptions options = LocalOptions(black_hole.port());
  options.use_tls = true;
  options.use_websocket = true;
  options.connect_timeout = absl::Milliseconds(500);
  EXPECT_EQ(FirstFailure(options).reason, DisconnectReason::kTimeout);
}

// Accepts and closes, as a load balancer without a broker behind it does.
TEST_F(ConnectFailureTest, ClosedBeforeConnack) {
  TcpListener listener;
  std::thread closer([&listener] {
    for (int i = 0; i < 2; ++i) close(listener.Accept());
  });
  const BrokerState state = FirstFailure(LocalOptions(listener.port()));
  EXPECT_EQ(state.reason, DisconnectReason::kProtocol) << state.detail;
  closer.join();
}

TEST_F(ConnectFailureTest, NotAnMqttBroker) {
  TcpListener listener;
  std::thread speaker([&listener] {
    for (int i = 0; i < 2; ++i) {
      const int fd = listener.Accept();
      const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
      EXPECT_GT(send(fd, answer.data(), answer.size(), MSG_NOSIGNAL), 0);
      shutdown(fd, SHUT_WR);
      close(fd);
    }
  });
  BrokerOptions options = LocalOptions(listener.port());
  options.connect_timeout = absl::Seconds(2);
  const BrokerState state = FirstFailure(options);
  EXPECT_FALSE(state.connected);
  client_->Stop();
  // Whatever it did, the listener has its two connections now.
  for (int i = 0; i < 2; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(listener.port());
    (void)connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    close(fd);
  }
  speaker.join();
}

class RefusedTest : public BrokerTest, public ::testing::WithParamInterface<MqttVersion> {};

INSTANTIATE_TEST_SUITE_P(Versions, RefusedTest,
                         ::testing::Values(MqttVersion::k311, MqttVersion::k5),
                         [](const auto& info) {
                           return info.param == MqttVersion::k5 ? "Mqtt5" : "Mqtt311";
                         });

// mosquitto says "not authorized", not "bad user name or password", to both versions.
TEST_P(RefusedTest, WrongPassword) {
  Mosquitto::Options broker;
  broker.users = {{"somebody", "right"}};
  StartBroker(broker);
  BrokerOptions options = LocalOptions(broker_->port());
  options.version = GetParam();
  options.username = "somebody";
  options.password = "wrong";
  const BrokerState state = FirstFailure(options);
  EXPECT_EQ(state.reason, DisconnectReason::kNotAuthorized);
  EXPECT_NE(state.detail, "");
}

TEST_P(RefusedTest, NoPassword) {
  Mosquitto::Options broker;
  broker.users = {{"somebody", "right"}};
  StartBroker(broker);
  BrokerOptions options = LocalOptions(broker_->port());
  options.version = GetParam();
  EXPECT_EQ(FirstFailure(options).reason, DisconnectReason::kNotAuthorized);
}

TEST_P(RefusedTest, RightPassword) {
  Mosquitto::Options broker;
  broker.users = {{"somebody", "right"}};
  StartBroker(broker);
  BrokerOptions options = LocalOptions(broker_->port());
  options.version = GetParam();
  options.username = "somebody";
  options.password = "right";
  StartConnected(options);
}

// A broker that gives one fixed answer to CONNECT.
class FixedAnswerTest : public BrokerTest {
 protected:
  // Returns the last of `states` states.
  BrokerState StateAfter(const std::string& answer, MqttVersion version, size_t states) {
    TcpListener listener;
    std::thread broker([&] {
      const int fd = listener.Accept();
      char buffer[1024];
      EXPECT_GT(recv(fd, buffer, sizeof(buffer), 0), 0);
      EXPECT_EQ(send(fd, answer.data(), answer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(answer.size()));
      while (recv(fd, buffer, sizeof(buffer), 0) > 0) {
      }
      close(fd);
    });
    BrokerOptions options = LocalOptions(listener.port());
    options.version = version;
    options.connect_timeout = absl::Seconds(20);
    options.reconnect_min_delay = absl::Hours(1);
    options.reconnect_max_delay = absl::Hours(1);
    StartClient(options);
    BrokerState state;
    EXPECT_TRUE(handler_.WaitForState([](const BrokerState&) { return true; }, &state,
                                      /*from=*/states - 1));
    client_->Stop();
    broker.join();
    return state;
  }
  BrokerState FailureWith(const std::string& connack, MqttVersion version) {
    return StateAfter(connack, version, 1);
  }
};
using ConnackTest = FixedAnswerTest;
using ServerDisconnectTest = FixedAnswerTest;

const std::string kConnack5("\x20\x03\x00\x00\x00", 5);

TEST_F(ServerDisconnectTest, SessionTakenOver) {
  const BrokerState state =
      StateAfter(kConnack5 + std::string("\xE0\x02\x8E\x00", 4), MqttVersion::k5, 2);
  EXPECT_FALSE(state.connected);
  EXPECT_EQ(state.reason, DisconnectReason::kSessionTakenOver);
}

TEST_F(ServerDisconnectTest, WithReasonString) {
  const std::string disconnect("\xE0\x0D\x8B\x0B\x1F\x00\x08see you.", 15);
  const BrokerState state = StateAfter(kConnack5 + disconnect, MqttVersion::k5, 2);
  EXPECT_EQ(state.reason, DisconnectReason::kServerUnavailable);
  EXPECT_THAT(state.detail, HasSubstr("see you."));
}

TEST_F(ConnackTest, Mqtt311BadCredentials) {
  const BrokerState state = FailureWith(std::string("\x20\x02\x00\x04", 4), MqttVersion::k311);
  EXPECT_EQ(state.reason, DisconnectReason::kBadCredentials);
}

TEST_F(ConnackTest, Mqtt311ClientIdRejected) {
  const BrokerState state = FailureWith(std::string("\x20\x02\x00\x02", 4), MqttVersion::k311);
  EXPECT_EQ(state.reason, DisconnectReason::kClientIdRejected);
}

TEST_F(ConnackTest, Mqtt311ServerUnavailable) {
  const BrokerState state = FailureWith(std::string("\x20\x02\x00\x03", 4), MqttVersion::k311);
  EXPECT_EQ(state.reason, DisconnectReason::kServerUnavailable);
}

TEST_F(ConnackTest, Mqtt5BadCredentials) {
  const BrokerState state = FailureWith(std::string("\x20\x03\x00\x86\x00", 5), MqttVersion::k5);
  EXPECT_EQ(state.reason, DisconnectReason::kBadCredentials);
  EXPECT_THAT(state.detail, HasSubstr("(0x86)"));
}

TEST_F(ConnackTest, Mqtt5Busy) {
  const BrokerState state = FailureWith(std::string("\x20\x03\x00\x89\x00", 5), MqttVersion::k5);
  EXPECT_EQ(state.reason, DisconnectReason::kServerUnavailable);
}

}  // namespace
}  // namespace wirepas_grpc::core
