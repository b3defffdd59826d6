// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/uplink_source.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/simulator/node_group.h"
#include "tests/simulator/pacer.h"

namespace wirepas_grpc::sim {
namespace {

constexpr uint32_t kFirstNode = 1000;
const absl::Time kNow = absl::FromUnixMicros(1700000000123456);

SinkModel MakeSink() {
  SinkSettings settings;
  settings.sink_id = "sink0";
  settings.node_address = 5;
  settings.network_address = 0x10;
  return SinkModel(settings);
}

uint64_t LittleEndian(const std::string& bytes, size_t offset, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i > 0; --i) {
    value = (value << 8) | static_cast<uint8_t>(bytes.at(offset + i - 1));
  }
  return value;
}

TEST(UplinkSource, FillsTheStampAndTheRest) {
  const UplinkPlan plan;
  UplinkSource source(&plan, "gw", kFirstNode);
  source.Follow(MakeSink());
  pb::GenericMessage message;
  EXPECT_EQ(source.Fill(42, 99, kNow, &message), "gw-event/received_data/gw/sink0/16/1/1");
  const pb::PacketReceivedEvent& event = message.wirepas().packet_received_event();
  EXPECT_TRUE(message.IsInitialized());
  EXPECT_EQ(event.header().event_id(), 99U);
  EXPECT_EQ(event.header().gw_id(), "gw");
  EXPECT_EQ(event.header().sink_id(), "sink0");
  EXPECT_EQ(event.source_address(), kFirstNode);
  EXPECT_EQ(event.destination_address(), 5U);
  EXPECT_EQ(event.network_address(), 0x10U);
  EXPECT_EQ(event.rx_time_ms_epoch(), 1700000000123U);
  EXPECT_EQ(event.payload().size(), plan.payload_size);
  EXPECT_EQ(LittleEndian(event.payload(), 0, 8), 42U);
  EXPECT_EQ(LittleEndian(event.payload(), 8, 8), 1700000000123456U);
}

TEST(UplinkSource, NodesAndEndpointsTakeTurns) {
  UplinkPlan plan;
  plan.nodes = 4;
  plan.endpoints = {{1, 2}, {3, 4}};
  UplinkSource source(&plan, "gw", kFirstNode);
  source.Follow(MakeSink());
  std::set<std::pair<uint32_t, uint32_t>> seen;
  for (uint64_t i = 0; i < 8; ++i) {
    pb::GenericMessage message;
    source.Fill(i, i, kNow, &message);
    const pb::PacketReceivedEvent& event = message.wirepas().packet_received_event();
    EXPECT_EQ(event.destination_endpoint(), event.source_endpoint() + 1);
    seen.emplace(event.source_address(), event.source_endpoint());
  }
  EXPECT_EQ(seen.size(), 8U);
}

TEST(UplinkSource, HidesPayloadsOfHiddenEndpoints) {
  UplinkPlan plan;
  plan.endpoints = {{1, 1}, {2, 2}};
  plan.hidden_endpoints = {2};
  UplinkSource source(&plan, "gw", kFirstNode);
  source.Follow(MakeSink());
  pb::GenericMessage message;  // The same for all, as in earnest.
  for (uint64_t i = 0; i < 4; ++i) {
    source.Fill(i, i, kNow, &message);
    const pb::PacketReceivedEvent& event = message.wirepas().packet_received_event();
    const bool hidden = event.source_endpoint() == 2;
    EXPECT_EQ(event.has_payload(), !hidden);
    EXPECT_EQ(event.payload_size(), hidden ? plan.payload_size : 0);
  }
}

TEST(UplinkSource, FollowsTheNetworkOfTheSink) {
  UplinkPlan plan;
  plan.names_network = false;
  UplinkSource source(&plan, "gw", kFirstNode);
  SinkModel sink = MakeSink();
  pb::SinkNewConfig config;
  config.set_sink_id("sink0");
  config.set_network_address(7);
  ASSERT_EQ(sink.SetConfig(config), pb::OK);
  source.Follow(sink);
  pb::GenericMessage message;
  EXPECT_EQ(source.Fill(0, 0, kNow, &message), "gw-event/received_data/gw/sink0/7/1/1");
  EXPECT_FALSE(message.wirepas().packet_received_event().has_network_address());
}

TEST(UplinkSource, KnowsWhoIsAddressed) {
  UplinkPlan plan;
  plan.nodes = 3;
  const UplinkSource source(&plan, "gw", kFirstNode);
  EXPECT_EQ(source.NodesAt(0xFFFFFFFF).size(), 3U);
  EXPECT_EQ(source.NodesAt(kFirstNode + 2), std::vector<uint32_t>{kFirstNode + 2});
  EXPECT_TRUE(source.NodesAt(kFirstNode + 3).empty());
  EXPECT_TRUE(source.NodesAt(kFirstNode - 1).empty());
  EXPECT_TRUE(source.NodesAt(0x80000001).empty());
}

TEST(NodeGroup, KnowsTheQuery) {
  EXPECT_TRUE(IsScratchpadStatusQuery(255, 240, std::string("\x19\x00", 2)));
  EXPECT_FALSE(IsScratchpadStatusQuery(255, 240, std::string("\x19\x01", 2)));
  EXPECT_FALSE(IsScratchpadStatusQuery(255, 240, "\x19"));
  EXPECT_FALSE(IsScratchpadStatusQuery(1, 240, std::string("\x19\x00", 2)));
  EXPECT_FALSE(IsScratchpadStatusQuery(255, 241, std::string("\x19\x00", 2)));
}

// A sink with a scratchpad and a target for its nodes.
ScratchpadStore StoreWithTarget(pb::ScratchpadAction action, std::optional<uint32_t> raw) {
  ScratchpadStore store(std::nullopt, true);
  pb::UploadScratchpadReq upload;
  upload.set_seq(7);
  upload.set_scratchpad("123456789");
  EXPECT_EQ(store.Upload(upload), pb::OK);
  pb::TargetScratchpadAndAction target;
  target.set_action(action);
  if (raw.has_value()) target.set_raw(*raw);
  EXPECT_EQ(store.SetTarget(target), pb::OK);
  return store;
}

TEST(NodeGroup, AnswersBlankAtFirst) {
  const NodeGroup nodes;
  const std::string status = nodes.ScratchpadStatus(kNow);
  ASSERT_EQ(status.size(), 49U);
  EXPECT_EQ(LittleEndian(status, 0, 1), 0x99U);
  EXPECT_EQ(LittleEndian(status, 1, 1), 47U);
  EXPECT_EQ(LittleEndian(status, 2, 4), 0U);
  EXPECT_EQ(LittleEndian(status, 9, 1), 0U);
  EXPECT_EQ(LittleEndian(status, 41, 1), 0U);
}

TEST(NodeGroup, TakesOverAPropagatedScratchpad) {
  NodeGroup nodes;
  nodes.Follow(StoreWithTarget(pb::PROPAGATE_ONLY, std::nullopt), kNow);
  const std::string status = nodes.ScratchpadStatus(kNow);
  EXPECT_EQ(LittleEndian(status, 2, 4), 9U);
  EXPECT_EQ(LittleEndian(status, 6, 2), 0x29B1U);
  EXPECT_EQ(LittleEndian(status, 8, 1), 7U);
  EXPECT_EQ(LittleEndian(status, 9, 1), 1U);     // Present.
  EXPECT_EQ(LittleEndian(status, 10, 1), 255U);  // New.
  EXPECT_EQ(LittleEndian(status, 32, 1), 0U);    // The application is another.
  EXPECT_EQ(LittleEndian(status, 41, 1), 1U);
  EXPECT_EQ(LittleEndian(status, 42, 1), 7U);
  EXPECT_EQ(LittleEndian(status, 43, 2), 0x29B1U);
}

TEST(NodeGroup, ProcessesAfterTheDelay) {
  NodeGroup nodes;
  nodes.Follow(StoreWithTarget(pb::PROPAGATE_AND_PROCESS_WITH_DELAY, 0x4A), kNow);
  std::string status = nodes.ScratchpadStatus(kNow + absl::Minutes(4));
  EXPECT_EQ(LittleEndian(status, 9, 1), 1U);
  EXPECT_EQ(LittleEndian(status, 45, 2), 10U);
  EXPECT_EQ(LittleEndian(status, 47, 2), 6U);
  status = nodes.ScratchpadStatus(kNow + absl::Minutes(10));
  EXPECT_EQ(LittleEndian(status, 9, 1), 2U);   // Processed.
  EXPECT_EQ(LittleEndian(status, 10, 1), 0U);  // With success.
  EXPECT_EQ(LittleEndian(status, 32, 1), 7U);  // The application came from it.
  EXPECT_EQ(LittleEndian(status, 47, 2), 0U);
}

TEST(Pacer, IsExactOnTheAverage) {
  Pacer pacer;
  pacer.Start(1000.0 / 3, kNow);
  uint64_t sent = 0;
  for (int ms = 0; ms <= 9000; ms += 7) {
    const uint64_t due = pacer.Due(kNow + absl::Milliseconds(ms));
    pacer.Sent(due);
    sent += due;
  }
  EXPECT_NEAR(static_cast<double>(sent), 3000, 3);
}

TEST(Pacer, ForgivesABacklogOfMoreThanHalfASecond) {
  Pacer pacer;
  pacer.Start(1000, kNow);
  EXPECT_EQ(pacer.Due(kNow + absl::Seconds(100)), 500U);
  pacer.Sent(500);
  EXPECT_EQ(pacer.Due(kNow + absl::Seconds(100)), 0U);
}

TEST(Pacer, SaysWhenTheNextIsDue) {
  Pacer pacer;
  EXPECT_EQ(pacer.Next(), absl::InfiniteFuture());
  pacer.Start(2, kNow);
  EXPECT_EQ(pacer.Next(), kNow + absl::Milliseconds(500));
  EXPECT_EQ(pacer.Due(kNow + absl::Milliseconds(499)), 0U);
  EXPECT_EQ(pacer.Due(kNow + absl::Milliseconds(500)), 1U);
}

}  // namespace
}  // namespace wirepas_grpc::sim
