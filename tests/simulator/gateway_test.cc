// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/gateway.h"

#include <gtest/gtest.h>

#include "tests/simulator/gateway_fixture.h"
#include "tests/simulator/uplink_generator.h"

namespace wirepas_grpc::sim {
namespace {

TEST_F(GatewayTest, AnnouncesItself) {
  Start();
  ASSERT_EQ(Statuses().size(), 1U);
  EXPECT_TRUE(Statuses()[0].retain);
  EXPECT_EQ(Statuses()[0].qos, 1);
  const pb::WirepasMessage status = Decode(Statuses()[0].payload);
  EXPECT_EQ(status.status_event().state(), pb::ON);
  EXPECT_EQ(status.status_event().configs_size(), 1);
  EXPECT_EQ(Responses("get_configs")[0].qos, 2);
  EXPECT_EQ(Decode(Responses("get_configs")[0].payload).get_configs_resp().header().req_id(), 0U);
}

TEST_F(GatewayTest, GathersChangesIntoOneStatus) {
  Start();
  broker_.Publish("gw-request/set_config/gw/sink0", SetChannel(6), 2, 1);
  broker_.Publish("gw-request/set_config/gw/sink0", SetChannel(7), 2, 2);
  // Two answers, then the one that nobody asked for.
  ASSERT_TRUE(RunUntil([&] { return Responses("set_config").size() == 3; }));
  ASSERT_EQ(Statuses().size(), 2U);
  EXPECT_EQ(Decode(Statuses()[1].payload).status_event().configs(0).network_channel(), 7U);
  EXPECT_EQ(Decode(Responses("set_config")[2].payload).set_config_resp().header().req_id(), 0U);
}

TEST_F(GatewayTest, OldGatewayTellsChangesOnlyInResponses) {
  Start({.old = true});
  broker_.Publish("gw-request/set_config/gw/sink0", SetChannel(6), 2, 1);
  ASSERT_TRUE(RunUntil([&] { return Responses("set_config").size() == 2; }));
  EXPECT_EQ(Responses("get_configs").size(), 2U);
  EXPECT_EQ(Statuses().size(), 1U);
}

TEST_F(GatewayTest, NodesAnswerTheRemoteApi) {
  Start();
  broker_.Publish("gw-request/send_data/gw/sink0", Query(0xFFFFFFFF), 2, 1);
  broker_.Publish("gw-request/send_data/gw/sink0", Query(1003), 2, 2);
  const std::string topic = "gw-event/received_data/gw/sink0/1193046/240/255";
  ASSERT_TRUE(RunUntil([&] { return broker_.Published(topic).size() == 6; }));
  const pb::WirepasMessage answer = Decode(broker_.Published(topic)[0].payload);
  EXPECT_EQ(answer.packet_received_event().payload().size(), 49U);
}

TEST_F(GatewayTest, GoesOfflineInGoodOrder) {
  Start();
  bool done = false;
  gateway_->GoOffline([&](bool ok) { done = ok; });
  ASSERT_TRUE(RunUntil([&] { return done && !broker_.has_client(); }));
  EXPECT_EQ(Decode(Statuses().back().payload).status_event().state(), pb::OFF);
  EXPECT_EQ(broker_.Count(PacketType::kDisconnect), 1U);
  EXPECT_FALSE(gateway_->online());
}

TEST_F(GatewayTest, RemovesItsStatus) {
  Start();
  bool done = false;
  gateway_->Remove([&](bool ok) { done = ok; });
  ASSERT_TRUE(RunUntil([&] { return done; }));
  EXPECT_TRUE(Statuses().back().payload.empty());
  EXPECT_TRUE(Statuses().back().retain);
}

TEST_F(GatewayTest, DropsWithoutAWordAndReturns) {
  Start();
  gateway_->Drop(absl::Milliseconds(5), nullptr);
  EXPECT_FALSE(gateway_->online());
  ASSERT_TRUE(RunUntil([&] { return gateway_->online(); }));
  EXPECT_EQ(broker_.Count(PacketType::kDisconnect), 0U);
  EXPECT_EQ(Statuses().size(), 2U);
}

TEST_F(GatewayTest, FaultsChangeAnswers) {
  Start();
  const auto set = [&](const char* faults) {
    ASSERT_TRUE(gateway_->faults()->Update(nlohmann::json::parse(faults)).ok());
  };
  set(R"({"error_codes": {"set_config": "ACCESS_DENIED"}, "repeated_answer": "all",
          "answer_delay_ms": 5})");
  broker_.Publish("gw-request/set_config/gw/sink0", SetChannel(6), 2, 1);
  ASSERT_TRUE(RunUntil([&] { return Responses("set_config").size() == 2; }));
  const pb::SetConfigResp response = Decode(Responses("set_config")[0].payload).set_config_resp();
  EXPECT_EQ(response.header().res(), pb::ACCESS_DENIED);
  EXPECT_EQ(response.config().network_channel(), 5U);
  set(R"({"no_answer": "all"})");
  broker_.Publish("gw-request/get_configs/gw", SetChannel(6), 1, 9);  // Also malformed.
  broker_.Publish("gw-request/set_config/gw/sink0", SetChannel(6), 1, 10);
  ASSERT_TRUE(RunUntil([&] { return broker_.Count(PacketType::kPuback) == 2; }));
  EXPECT_EQ(Responses("set_config").size(), 2U);
  EXPECT_EQ(Responses("get_configs").size(), 1U);
}

TEST_F(GatewayTest, FaultsChangeUplinks) {
  Start();
  ASSERT_TRUE(gateway_->faults()
                  ->Update(nlohmann::json::parse(R"({"duplicate_every": 2, "foreign_every": 3,
                                                     "malformed_every": 5})"))
                  .ok());
  pb::GenericMessage scratch;
  for (int i = 0; i < 5; ++i) gateway_->SendUplink(std::nullopt, &scratch, nullptr);
  const std::string topic = "gw-event/received_data/gw/sink0/1193046/1/1";
  ASSERT_TRUE(RunUntil([&] { return broker_.Published(topic).size() == 7; }));
  const auto uplinks = broker_.Published(topic);
  EXPECT_EQ(uplinks[1].payload, uplinks[2].payload);
  EXPECT_EQ(Decode(uplinks[3].payload).packet_received_event().header().gw_id(), "gw-other");
  EXPECT_EQ(Decode(uplinks[5].payload).packet_received_event().header().gw_id(), "gw");
  EXPECT_FALSE(pb::GenericMessage().ParseFromString(uplinks[6].payload));
}

TEST_F(GatewayTest, UplinksHaveNoNetworkWhileItIsNotReadable) {
  Start();
  const auto set = [&](bool unreadable) {
    ASSERT_TRUE(gateway_->faults()->Update({{"unreadable_network", unreadable}}).ok());
  };
  const auto is_named = [&](const FakeBroker::Received& received) {
    return Decode(received.payload).packet_received_event().has_network_address();
  };
  pb::GenericMessage scratch;
  set(true);
  gateway_->SendUplink(std::nullopt, &scratch, nullptr);
  gateway_->SendRawUplink(0, RawUplink(), nullptr);
  set(false);
  gateway_->SendUplink(std::nullopt, &scratch, nullptr);
  const std::string prefix = "gw-event/received_data/";
  ASSERT_TRUE(RunUntil([&] { return broker_.Published(prefix).size() == 3; }));
  const auto uplinks = broker_.Published(prefix);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(uplinks[i].topic, prefix + "gw/sink0/None/1/1");
    EXPECT_FALSE(is_named(uplinks[i]));
  }
  EXPECT_EQ(uplinks[2].topic, prefix + "gw/sink0/1193046/1/1");
  EXPECT_TRUE(is_named(uplinks[2]));
}

TEST_F(GatewayTest, ResendsWhatWasNotAcknowledged) {
  Start({.resends = true});
  broker_.Acknowledge(false);
  const std::string topic = "gw-event/received_data/gw/sink0/1193046/1/1";
  pb::GenericMessage scratch;
  int acknowledged = 0;
  for (int i = 0; i < 3; ++i) {
    gateway_->SendUplink(std::nullopt, &scratch, [&](bool ok) { acknowledged += ok; });
  }
  ASSERT_TRUE(RunUntil([&] { return broker_.Published(topic).size() == 3; }));
  broker_.Acknowledge(true);
  gateway_->Drop(absl::Milliseconds(5), nullptr);
  ASSERT_TRUE(RunUntil([&] { return acknowledged == 3; }));
  const auto uplinks = broker_.Published(topic);
  ASSERT_EQ(uplinks.size(), 6U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(uplinks[i].payload, uplinks[i + 3].payload);
}

TEST_F(GatewayTest, BurstIsExact) {
  Start();
  UplinkGenerator generator(&loop_, {gateway_.get()}, std::nullopt, [] {});
  uint64_t acknowledged = 0;
  generator.Burst(gateway_.get(), 0, 2500, [&](uint64_t count) { acknowledged = count; });
  ASSERT_TRUE(RunUntil([&] { return acknowledged > 0; }));
  EXPECT_EQ(acknowledged, 2500U);
  EXPECT_EQ(broker_.Published("gw-event/received_data/").size(), 2500U);
}

TEST_F(GatewayTest, GeneratorStopsAtItsLimit) {
  Start();
  bool reached = false;
  UplinkGenerator generator(&loop_, {gateway_.get()}, 50, [&] { reached = true; });
  generator.SetRate(1e6);
  ASSERT_TRUE(RunUntil([&] { return reached; }));
  EXPECT_EQ(generator.acknowledged(), 50U);
  EXPECT_EQ(broker_.Published("gw-event/received_data/").size(), 50U);
}

}  // namespace
}  // namespace wirepas_grpc::sim
