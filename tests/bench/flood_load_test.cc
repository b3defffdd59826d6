// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/flood_load.h"

#include <set>
#include <string>

#include "gateway_api/generic_message.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/simulator/mqtt_packet.h"

namespace wirepas_grpc::bench {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

struct Sent {
  std::string topic;
  uint16_t packet_id = 0;
  gw::PacketReceivedEvent event;
};

Sent Decode(const FloodPacket& packet, uint16_t packet_id, uint64_t event_id) {
  std::string bytes;
  packet.AppendTo(packet_id, event_id, &bytes);
  sim::Packet parsed;
  EXPECT_EQ(sim::ParsePacket(bytes, bytes.size(), &parsed), sim::ParseResult::kPacket);
  EXPECT_EQ(parsed.size, bytes.size());
  const auto publish = sim::ParsePublish(parsed).value();
  EXPECT_EQ(publish.qos, 1);
  gw::GenericMessage message;
  EXPECT_TRUE(message.ParseFromString(std::string(publish.payload)));
  return {std::string(publish.topic), publish.packet_id, message.wirepas().packet_received_event()};
}

TEST(FloodLoadTest, PacketsCarryTheNumbersTheyAreSentWith) {
  const FloodLoad load(FloodPlan{});
  for (const uint64_t number : {0ULL, 1ULL, 127ULL, 128ULL, 1'000'000ULL, 1ULL << 40}) {
    const Sent sent = Decode(load.packets().front(), 0x1234, load.EventId(number));
    EXPECT_EQ(sent.packet_id, 0x1234);
    EXPECT_EQ(sent.event.header().event_id(), load.EventId(number));
  }
}

TEST(FloodLoadTest, PacketsComeFromAllThereIs) {
  FloodPlan plan;
  plan.gateways = 3;
  plan.sinks = 2;
  plan.nodes = 4;
  plan.endpoints = {1, 2};
  const FloodLoad load(plan);
  std::set<std::string> topics;
  std::set<uint32_t> nodes;
  for (const FloodPacket& packet : load.packets()) {
    const Sent sent = Decode(packet, 1, load.EventId(0));
    EXPECT_EQ(sent.topic, packet.topic());
    topics.insert(sent.topic);
    nodes.insert(sent.event.source_address());
  }
  EXPECT_EQ(topics.size(), 3U * 2U * 2U);
  EXPECT_EQ(nodes.size(), 3U * 2U * 4U);
  EXPECT_NE(load.packets()[0].topic(), load.packets()[plan.sinks].topic());
}

TEST(FloodLoadTest, StatusesTellTheSinks) {
  FloodPlan plan;
  plan.gateways = 2;
  plan.sinks = 3;
  const FloodLoad load(plan);
  ASSERT_EQ(load.statuses().size(), 2U);
  gw::GenericMessage message;
  ASSERT_TRUE(message.ParseFromString(load.statuses()[1].payload));
  EXPECT_EQ(load.statuses()[1].topic, "gw-event/status/sim-gw-1");
  EXPECT_EQ(message.wirepas().status_event().configs_size(), 3);
}

}  // namespace
}  // namespace wirepas_grpc::bench
