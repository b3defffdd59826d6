// SPDX-License-Identifier: Apache-2.0
// One gateway of one sink, wired to a fake broker without the rest of the simulator.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulator/fake_broker.h"
#include "tests/simulator/gateway.h"

namespace wirepas_grpc::sim {

inline pb::WirepasMessage Decode(const std::string& payload) {
  pb::GenericMessage message;
  EXPECT_TRUE(message.ParseFromString(payload));
  return message.wirepas();
}

inline std::string SetChannel(uint32_t channel) {
  pb::GenericMessage message;
  pb::SetConfigReq* request = message.mutable_wirepas()->mutable_set_config_req();
  request->mutable_header()->set_req_id(channel);
  request->mutable_config()->set_sink_id("sink0");
  request->mutable_config()->set_network_channel(channel);
  return message.SerializeAsString();
}

inline std::string Query(uint32_t destination) {
  pb::GenericMessage message;
  pb::SendPacketReq* request = message.mutable_wirepas()->mutable_send_packet_req();
  request->mutable_header()->set_req_id(5);
  request->set_destination_address(destination);
  request->set_source_endpoint(255);
  request->set_destination_endpoint(240);
  request->set_qos(0);
  request->set_payload(std::string("\x19\x00", 2));
  return message.SerializeAsString();
}

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() : broker_(&loop_) {}

  struct Kind {
    bool old = false;
    bool resends = false;
    Profile profile = Profile::kPolite;
    bool counts_event_ids = false;
  };

  void Start() { Start(Kind()); }
  void Start(const Kind& kind) {
    plan_.nodes = 5;
    plan_.names_network = !kind.old;
    Gateway::Settings settings;
    settings.model.gateway_id = "gw";
    settings.model.profile = kind.profile;
    settings.model.counts_event_ids = kind.counts_event_ids;
    settings.model.old = kind.old;
    SinkSettings sink;
    sink.sink_id = "sink0";
    sink.profile = kind.profile;
    settings.model.sinks.push_back(sink);
    settings.first_node = 1000;
    settings.resends = kind.resends;
    gateway_ = std::make_unique<Gateway>(&loop_, &plan_, settings);
    MqttConnection::Callbacks callbacks;
    callbacks.connected = [this] { gateway_->OnConnected(); };
    callbacks.disconnected = [this](const std::string&) { gateway_->OnDisconnected(); };
    callbacks.message = [this](std::string_view topic, std::string_view payload) {
      gateway_->OnRequest(ParseRequestTopic(topic).value(), payload);
    };
    callbacks.window_open = [] {};
    ConnectPacket connect;
    connect.client_id = "gw";
    connection_ = std::make_unique<MqttConnection>(
        &loop_, BrokerAddress{"127.0.0.1", broker_.port()}, connect, callbacks);
    gateway_->Use(connection_.get());
    gateway_->GoOnline(nullptr);
    ASSERT_TRUE(RunUntil([&] { return gateway_->online(); }));
    if (kind.profile == Profile::kEmbedded) return;
    // The status comes with a response, which comes after it or, of Linux, before it.
    ASSERT_TRUE(RunUntil([&] { return Responses("get_configs").size() == 1; }));
  }

  bool RunUntil(const std::function<bool()>& condition) {
    return FakeBroker::RunUntil(&loop_, condition);
  }

  std::vector<FakeBroker::Received> Statuses() const {
    return broker_.Published("gw-event/status/gw");
  }
  std::vector<FakeBroker::Received> Responses(const std::string& type) const {
    return broker_.Published("gw-response/" + type);
  }

  EventLoop loop_;
  FakeBroker broker_;
  UplinkPlan plan_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<MqttConnection> connection_;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_FIXTURE_H_
