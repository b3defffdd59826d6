// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/event_ids.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

namespace wirepas_grpc::sim {
namespace {

TEST(EventIds, PoliteOnesCountAndNeverComeAgain) {
  EventIds ids(Profile::kPolite, false, 77);
  EXPECT_EQ(ids.OfStatus(), 77U);
  EXPECT_EQ(ids.OfPacket(), 78U);
  ids.Restart();
  EXPECT_EQ(ids.OfPacket(), 79U);
}

TEST(EventIds, EmbeddedOnesComeAgainInEveryProcess) {
  EventIds ids(Profile::kEmbedded, false, 77);
  EventIds other(Profile::kEmbedded, false, 78);
  std::vector<uint64_t> first;
  for (int i = 0; i < 100; ++i) first.push_back(ids.OfPacket());
  EXPECT_EQ(std::set<uint64_t>(first.begin(), first.end()).size(), 100U);
  ids.Restart();
  for (uint64_t id : first) {
    EXPECT_EQ(ids.OfPacket(), id);
    EXPECT_EQ(other.OfStatus(), id);  // whatever the event
  }
}

TEST(EventIds, LinuxOnesAreRandom) {
  EventIds ids(Profile::kLinux, false, 77);
  const uint64_t first = ids.OfPacket();
  EXPECT_NE(ids.OfPacket(), first + 1);
  ids.Restart();
  EXPECT_NE(ids.OfPacket(), first);
}

TEST(EventIds, LinuxCountsPacketsOnDemandAndStatusesNever) {
  EventIds ids(Profile::kLinux, true, 77);
  EXPECT_EQ(ids.OfPacket(), 0U);
  EXPECT_NE(ids.OfStatus(), 1U);
  EXPECT_EQ(ids.OfPacket(), 1U);
  ids.Restart();
  EXPECT_EQ(ids.OfPacket(), 0U);
}

}  // namespace
}  // namespace wirepas_grpc::sim
