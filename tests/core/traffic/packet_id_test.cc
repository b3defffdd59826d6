// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/packet_id.h"

#include <string>

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

constexpr char kTopic[] = "gw-event/received_data/g/s/7/1/2";

// Computed with another program over XXH3: clients keep these numbers.
TEST(PacketIdTest, IsXxh3OfTopicZeroByteAndPayload) {
  EXPECT_EQ(PacketId(kTopic, "up"), 0x66ff166fd5b05e11u);
  EXPECT_EQ(PacketId(kTopic, std::string(2000, 'x')), 0xcca7ddee86f7fb2bu);
  EXPECT_EQ(PacketId("", ""), 0xc44bdff4074eecdbu);
}

// In place or not, as they fit.
TEST(PacketIdTest, TheWayOfHashingDoesNotShow) {
  for (size_t size = 900; size < 1100; ++size) {
    const std::string all(size, 'x');
    const std::string topic = all.substr(0, size / 2);
    const std::string payload = all.substr(size / 2);
    // With the zero byte moved into the payload or the topic, the bytes are the same.
    EXPECT_EQ(PacketId(topic, payload + std::string(1, '\0')),
              PacketId(topic + std::string(1, '\0') + payload, ""));
  }
}

TEST(PacketIdTest, TopicAndPayloadCount) {
  EXPECT_NE(PacketId("a", "b"), PacketId("ab", ""));
  EXPECT_NE(PacketId("a", "b"), PacketId("", "ab"));
  EXPECT_NE(PacketId("a", "b"), PacketId("a", "c"));
  EXPECT_NE(PacketId("a", "b"), PacketId("c", "b"));
}

}  // namespace
}  // namespace wirepas_grpc::core
