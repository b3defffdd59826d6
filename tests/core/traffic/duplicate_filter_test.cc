// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/duplicate_filter.h"

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

TEST(DuplicateFilterTest, KnowsAnEventByGatewayAndId) {
  DuplicateFilter filter(100);
  EXPECT_FALSE(filter.IsDuplicate("a", 1));
  EXPECT_TRUE(filter.IsDuplicate("a", 1));
  EXPECT_FALSE(filter.IsDuplicate("a", 2));
  EXPECT_FALSE(filter.IsDuplicate("b", 1));
  EXPECT_TRUE(filter.IsDuplicate("a", 1));
  EXPECT_FALSE(filter.IsDuplicate("", 1));
  EXPECT_FALSE(filter.IsDuplicate("a", 0));
}

TEST(DuplicateFilterTest, RemembersTheLastOnesAndForgetsOlder) {
  DuplicateFilter filter(100);
  for (uint64_t id = 0; id < 1000; ++id) ASSERT_FALSE(filter.IsDuplicate("a", id)) << id;
  for (uint64_t id = 900; id < 1000; ++id) EXPECT_TRUE(filter.IsDuplicate("a", id)) << id;
  EXPECT_FALSE(filter.IsDuplicate("a", 899)) << "older than its memory";
}

// A duplicate does not push anything out.
TEST(DuplicateFilterTest, DuplicatesTakeNoRoom) {
  DuplicateFilter filter(2);
  EXPECT_FALSE(filter.IsDuplicate("a", 1));
  EXPECT_FALSE(filter.IsDuplicate("a", 2));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(filter.IsDuplicate("a", 2));
  EXPECT_TRUE(filter.IsDuplicate("a", 1));
}

TEST(DuplicateFilterTest, CountedUpIdsOfManyGatewaysAreNoDuplicates) {
  DuplicateFilter filter;
  int duplicates = 0;
  for (uint64_t id = 0; id < 50; ++id) {
    for (int gateway = 0; gateway < 10000; ++gateway) {
      duplicates += filter.IsDuplicate("gateway-" + std::to_string(gateway), id);
    }
  }
  EXPECT_EQ(duplicates, 0);
}

}  // namespace
}  // namespace wirepas_grpc::core
