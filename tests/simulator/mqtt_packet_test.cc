// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/mqtt_packet.h"

#include <gtest/gtest.h>

namespace wirepas_grpc::sim {
namespace {

constexpr size_t kMaxSize = 1 << 20;

TEST(MqttPacket, PublishThereAndBack) {
  for (size_t size : {0, 1, 100, 127, 128, 16383, 16384, 300000}) {
    for (int qos = 0; qos <= 2; ++qos) {
      std::string wire;
      AppendPublishHead("a/topic", size, qos, qos == 1, 0xABCD, &wire);
      wire += std::string(size, 'x');
      wire += "next";
      Packet packet;
      ASSERT_EQ(ParsePacket(wire, kMaxSize, &packet), ParseResult::kPacket);
      EXPECT_EQ(packet.size, wire.size() - 4);
      const auto publish = ParsePublish(packet);
      ASSERT_TRUE(publish.has_value());
      EXPECT_EQ(publish->topic, "a/topic");
      EXPECT_EQ(publish->payload.size(), size);
      EXPECT_EQ(publish->qos, qos);
      EXPECT_EQ(publish->retain, qos == 1);
      EXPECT_EQ(publish->packet_id, qos > 0 ? 0xABCD : 0);
    }
  }
}

TEST(MqttPacket, EveryPrefixNeedsMore) {
  std::string wire;
  AppendPublishHead("topic", 200, 1, false, 1, &wire);
  wire += std::string(200, 'x');
  Packet packet;
  for (size_t size = 0; size < wire.size(); ++size) {
    ASSERT_EQ(ParsePacket(std::string_view(wire).substr(0, size), kMaxSize, &packet),
              ParseResult::kNeedMore);
  }
}

TEST(MqttPacket, BrokenLengthsAreRefused) {
  Packet packet;
  EXPECT_EQ(ParsePacket("\x30\xFF\xFF\xFF\xFF\x01", kMaxSize, &packet), ParseResult::kBroken);
  std::string wire;
  AppendPublishHead("topic", kMaxSize + 1, 1, false, 1, &wire);
  EXPECT_EQ(ParsePacket(wire, kMaxSize, &packet), ParseResult::kBroken);
}

TEST(MqttPacket, BrokenPublishesAreRefused) {
  Packet packet;
  packet.type = PacketType::kPublish;
  packet.flags = 0x02;
  for (std::string_view body :
       {std::string_view(""), std::string_view("\x00", 1), std::string_view("\x00\x05top", 5),
        std::string_view("\x00\x03top\x01", 6)}) {
    packet.body = body;
    EXPECT_FALSE(ParsePublish(packet).has_value());
  }
  packet.flags = 0x06;  // QoS 3.
  packet.body = std::string_view("\x00\x03top\x00\x01", 7);
  EXPECT_FALSE(ParsePublish(packet).has_value());
}

TEST(MqttPacket, ConnectWithEverything) {
  ConnectPacket connect;
  connect.client_id = "id";
  connect.username = "user";
  connect.password = "pw";
  connect.keep_alive = absl::Seconds(60);
  connect.will = Will{"t", "gone", 2, true};
  std::string wire;
  AppendConnect(connect, &wire);
  const std::string expected(
      "\x10\x21\x00\x04MQTT\x04\xF6\x00\x3C\x00\x02id\x00\x01t\x00\x04gone\x00\x04user\x00\x02pw",
      35);
  EXPECT_EQ(wire, expected);
}

TEST(MqttPacket, SubscribeAndAcknowledgements) {
  std::string wire;
  AppendSubscribe(1, {"a/#", "b"}, 2, &wire);
  EXPECT_EQ(wire, std::string("\x82\x0C\x00\x01\x00\x03"
                              "a/#\x02\x00\x01"
                              "b\x02",
                              14));
  wire.clear();
  AppendAcknowledgement(PacketType::kPubrel, 0x0102, &wire);
  AppendAcknowledgement(PacketType::kPuback, 0x0304, &wire);
  AppendBare(PacketType::kPingreq, &wire);
  EXPECT_EQ(wire, std::string("\x62\x02\x01\x02\x40\x02\x03\x04\xC0\x00", 10));
}

}  // namespace
}  // namespace wirepas_grpc::sim
