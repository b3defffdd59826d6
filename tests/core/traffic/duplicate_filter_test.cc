// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/duplicate_filter.h"

#include <string>

#include "core/traffic/packet_id.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

TEST(DuplicateFilterTest, KnowsAPacketByItsId) {
  DuplicateFilter filter(100);
  EXPECT_FALSE(filter.IsDuplicate(1));
  EXPECT_TRUE(filter.IsDuplicate(1));
  EXPECT_FALSE(filter.IsDuplicate(2));
  EXPECT_TRUE(filter.IsDuplicate(1));
  EXPECT_FALSE(filter.IsDuplicate(0));
  EXPECT_TRUE(filter.IsDuplicate(0));
}

TEST(DuplicateFilterTest, RemembersTheLastOnesAndForgetsOlder) {
  DuplicateFilter filter(100);
  for (uint64_t id = 0; id < 1000; ++id) ASSERT_FALSE(filter.IsDuplicate(id)) << id;
  for (uint64_t id = 900; id < 1000; ++id) EXPECT_TRUE(filter.IsDuplicate(id)) << id;
  EXPECT_FALSE(filter.IsDuplicate(899)) << "older than its memory";
}

// A duplicate does not push anything out.
TEST(DuplicateFilterTest, DuplicatesTakeNoRoom) {
  DuplicateFilter filter(2);
  EXPECT_FALSE(filter.IsDuplicate(1));
  EXPECT_FALSE(filter.IsDuplicate(2));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(filter.IsDuplicate(2));
  EXPECT_TRUE(filter.IsDuplicate(1));
}

TEST(DuplicateFilterTest, PacketsOfManyGatewaysAreNoDuplicates) {
  DuplicateFilter filter;
  int duplicates = 0;
  for (uint64_t event = 0; event < 50; ++event) {
    for (int gateway = 0; gateway < 10000; ++gateway) {
      const std::string topic = "gateway-" + std::to_string(gateway);
      duplicates += filter.IsDuplicate(PacketId(topic, std::to_string(event)));
    }
  }
  EXPECT_EQ(duplicates, 0);
}

}  // namespace
}  // namespace wirepas_grpc::core
