// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/core/mqtt/broker_fixture.h"
#include "tests/support/websocket_proxy.h"

namespace wirepas_grpc::core {
namespace {

class WebSocketTest : public BrokerTest {
 protected:
  using Framing = WebSocketProxy::Framing;

  BrokerOptions Options(Framing framing = Framing::kOnePacket) {
    StartBroker();
    proxy_ = std::make_unique<WebSocketProxy>(broker_->port(), framing);
    BrokerOptions options = LocalOptions(proxy_->port());
    options.use_websocket = true;
    return options;
  }
  void TearDown() override { client_.reset(); }

  std::unique_ptr<WebSocketProxy> proxy_;
};

TEST_F(WebSocketTest, CarriesMessages) {
  StartConnected(Options());
  SubscribeAndWait("a", 1);
  for (const size_t size : {size_t{0}, size_t{100}, size_t{1000}, size_t{200000}}) {
    const absl::Status status = PublishAndWait("a", std::string(size, 'x'), 2);
    ASSERT_TRUE(status.ok()) << size << " bytes: " << status;
  }
  ASSERT_TRUE(handler_.WaitForMessages(4));
  EXPECT_EQ(handler_.messages()[3].payload, std::string(200000, 'x'));
  EXPECT_THAT(proxy_->paths(), ::testing::ElementsAre("/mqtt"));
}

// Paho leaves what stands behind the first packet of a frame until more data comes.
TEST_F(WebSocketTest, FramesOfManyPackets) {
  BrokerOptions options = Options(Framing::kManyPackets);
  options.keep_alive = absl::Minutes(10);
  StartConnected(options);
  SubscribeAndWait("a", 1);
  PublishResults results;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client_->Publish("a", "x", 1, false, results.Done()).ok());
  }
  EXPECT_TRUE(results.WaitFor(50));
  EXPECT_TRUE(handler_.WaitForMessages(50));
  client_->Stop();
}

TEST_F(WebSocketTest, AsksForThePathWithMqtt5) {
  BrokerOptions options = Options();
  options.version = MqttVersion::k5;
  options.websocket_path = "some/where";
  StartConnected(options);
  EXPECT_TRUE(PublishAndWait("a", "x", 1).ok());
  EXPECT_THAT(proxy_->paths(), ::testing::ElementsAre("/some/where"));
}

TEST_F(WebSocketTest, ReconnectsAfterRestart) {
  StartConnected(Options());
  SubscribeAndWait("a", 1);
  broker_->Kill();
  BrokerState down;
  ASSERT_TRUE(handler_.WaitForDown(&down));
  ASSERT_TRUE(broker_->Restart().ok());
  ASSERT_TRUE(handler_.WaitForConnected(handler_.states().size() - 1));
  SubscribeAndWait("a", 1);
}

// A broker without WebSockets on that port.
TEST_F(WebSocketTest, PlainBroker) {
  StartBroker();
  BrokerOptions options = LocalOptions(broker_->port());
  options.use_websocket = true;
  options.connect_timeout = absl::Seconds(5);
  EXPECT_EQ(FirstFailure(options).reason, DisconnectReason::kProtocol);
}

}  // namespace
}  // namespace wirepas_grpc::core
