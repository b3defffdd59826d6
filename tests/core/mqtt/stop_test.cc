// SPDX-License-Identifier: Apache-2.0
//
// Stop() in every state, with its bound and its promise of silence.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/core/mqtt/broker_fixture.h"
#include "tests/support/tcp_listener.h"

namespace wirepas_grpc::core {
namespace {

// What Stop() may take: the time to drain and the end of Paho's threads, on a busy
// machine.
constexpr absl::Duration kStopBound = absl::Seconds(6);

class StopTest : public BrokerTest {
 protected:
  void ExpectQuietStop() {
    const absl::Time start = absl::Now();
    client_->Stop();
    EXPECT_LT(absl::Now() - start, kStopBound);
    const std::vector<BrokerState> states = handler_.states();
    ASSERT_FALSE(states.empty());
    EXPECT_EQ(states.back().reason, DisconnectReason::kStopped);
    EXPECT_FALSE(states.back().connected);
    const size_t messages = handler_.messages().size();
    client_->Stop();
    client_.reset();
    EXPECT_EQ(handler_.states().size(), states.size());
    EXPECT_EQ(handler_.messages().size(), messages);
  }
};

TEST_F(StopTest, NeverStarted) {
  client_ = std::make_unique<PahoBrokerClient>(LocalOptions(1883));
  client_->Subscribe("a", 1);
  client_->Stop();
  EXPECT_TRUE(handler_.states().empty());
}

TEST_F(StopTest, AtOnce) {
  StartClient(LocalOptions(FreePort()));
  ExpectQuietStop();
}

TEST_F(StopTest, WhileConnected) {
  StartBroker();
  StartConnected(LocalOptions(broker_->port()));
  ExpectQuietStop();
  // In order: the broker was told.
  EXPECT_TRUE(broker_->WaitForLog("Received DISCONNECT from test-client").ok());
}

TEST_F(StopTest, RefusesCallsAfterwards) {
  StartBroker();
  StartConnected(LocalOptions(broker_->port()));
  client_->Stop();
  EXPECT_EQ(client_->Publish("a", "x", 0, false, nullptr).code(), absl::StatusCode::kUnavailable);
  client_->Subscribe("a", 1);
  client_->Unsubscribe("a");
}

TEST_F(StopTest, WhileWaitingToReconnect) {
  BrokerOptions options = LocalOptions(FreePort());
  options.reconnect_min_delay = absl::Hours(1);
  options.reconnect_max_delay = absl::Hours(1);
  FirstFailure(options);
  ExpectQuietStop();
}

TEST_F(StopTest, WhileConnectingToABlackHole) {
  TcpListener black_hole;
  BrokerOptions options = LocalOptions(black_hole.port());
  options.connect_timeout = absl::Hours(1);
  StartClient(options);
  close(black_hole.Accept());  // it comes back at once
  const int fd = black_hole.Accept();
  ExpectQuietStop();
  close(fd);
}

TEST_F(StopTest, WhileInATlsHandshakeWithABlackHole) {
  TcpListener black_hole;
  BrokerOptions options = LocalOptions(black_hole.port());
  options.use_tls = true;
  options.connect_timeout = absl::Hours(1);
  StartClient(options);
  const int fd = black_hole.Accept();
  char hello[16];
  EXPECT_GT(recv(fd, hello, sizeof(hello), 0), 0);
  ExpectQuietStop();
  close(fd);
}

TEST_F(StopTest, WhileLookingForTheCauseOfAFailure) {
  TcpListener listener;
  BrokerOptions options = LocalOptions(listener.port());
  options.use_tls = true;
  StartClient(options);
  close(listener.Accept());             // Paho's
  const int probe = listener.Accept();  // the look into it
  ExpectQuietStop();
  close(probe);
}

TEST_F(StopTest, LetsPublishesFinish) {
  StartBroker();
  StartConnected(LocalOptions(broker_->port()));
  PublishResults results;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client_->Publish("t", "x", 2, false, results.Done()).ok());
  }
  ExpectQuietStop();
  ASSERT_EQ(results.statuses().size(), 100u);
  for (const absl::Status& status : results.statuses()) EXPECT_TRUE(status.ok()) << status;
}

TEST_F(StopTest, FailsPublishesThatDoNotFinish) {
  // Takes the connection and then nothing more.
  TcpListener listener;
  StartClient(LocalOptions(listener.port()));
  const int fd = listener.Accept();
  char connect[256];
  ASSERT_GT(recv(fd, connect, sizeof(connect), 0), 0);
  ASSERT_EQ(send(fd, "\x20\x02\x00\x00", 4, MSG_NOSIGNAL), 4);
  ASSERT_TRUE(handler_.WaitForConnected());
  PublishResults results;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(client_->Publish("t", std::string(10000, 'x'), 1, false, results.Done()).ok());
  }
  ExpectQuietStop();
  ASSERT_EQ(results.statuses().size(), 1000u);
  for (const absl::Status& status : results.statuses()) {
    EXPECT_TRUE(absl::IsAborted(status) || absl::IsUnavailable(status)) << status;
  }
  close(fd);
}

TEST_F(StopTest, WhileMessagesArriveAndThreadsCall) {
  StartBroker();
  handler_.on_message = [this](const BrokerMessage&) {
    (void)client_->Publish("back", "x", 1, false, nullptr);
  };
  StartConnected(LocalOptions(broker_->port()));
  SubscribeAndWait("t", 1);
  std::atomic<bool> done = false;
  std::thread caller([&] {
    for (int i = 0; !done; ++i) {
      (void)client_->Publish("t", "x", i % 3, false, nullptr);
      client_->Subscribe(absl::StrCat("s/", i % 10), 1);
      client_->Unsubscribe(absl::StrCat("s/", (i + 5) % 10));
    }
  });
  ASSERT_TRUE(handler_.WaitForMessages(100));
  std::thread other_stop([&] { client_->Stop(); });
  client_->Stop();
  other_stop.join();
  const size_t messages = handler_.messages().size();
  done = true;
  caller.join();
  EXPECT_EQ(handler_.messages().size(), messages);
}

// Also the clean end of what Paho shares between all clients of a process.
TEST_F(StopTest, ManyClientsComeAndGo) {
  StartBroker();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 3; ++i) {
        RecordingHandler handler;
        BrokerOptions options = LocalOptions(broker_->port());
        options.client_id = absl::StrCat("client-", t, "-", i);
        PahoBrokerClient client(options);
        client.Start(&handler);
        EXPECT_TRUE(handler.WaitForConnected());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace wirepas_grpc::core
