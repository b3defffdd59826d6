// SPDX-License-Identifier: Apache-2.0
#include "core/interest/coverage.h"

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

TEST(Coverage, BeginsWithAnEntry) {
  const Coverage coverage{.since = 10};
  EXPECT_TRUE(coverage.Misses(9));
  EXPECT_FALSE(coverage.Misses(10));
  EXPECT_FALSE(coverage.is_open());
}

TEST(Coverage, AHoleIsMissedByWhoBeginsInIt) {
  Coverage coverage{.since = 10};
  coverage.Open(20);
  EXPECT_TRUE(coverage.is_open());
  EXPECT_FALSE(coverage.Misses(20)) << "the marker tells";
  EXPECT_TRUE(coverage.Misses(21));
  EXPECT_TRUE(coverage.Misses(1000));
  coverage.Open(30);
  EXPECT_TRUE(coverage.Misses(25)) << "it is the same hole";
  coverage.Close(40);
  EXPECT_FALSE(coverage.Misses(15));
  EXPECT_TRUE(coverage.Misses(39));
  EXPECT_FALSE(coverage.Misses(40));
}

TEST(Coverage, TwoHolesCountAsOne) {
  Coverage coverage{.since = 10};
  coverage.Open(20);
  coverage.Close(25);
  coverage.Open(30);
  coverage.Close(35);
  EXPECT_TRUE(coverage.Misses(22));
  EXPECT_FALSE(coverage.Misses(15)) << "both markers are still to come";
  EXPECT_TRUE(coverage.Misses(27)) << "told once more than needed";
  EXPECT_TRUE(coverage.Misses(33));
  EXPECT_FALSE(coverage.Misses(35));
}

TEST(Coverage, OfSeveralFiltersIsThatOfAll) {
  Coverage coverage;
  coverage.IntersectWith({.since = 10});
  EXPECT_EQ(coverage, (Coverage{.since = 10}));
  coverage.IntersectWith({.since = 5, .hole_begin = 20, .hole_end = 25});
  EXPECT_EQ(coverage, (Coverage{.since = 10, .hole_begin = 20, .hole_end = 25}));
  coverage.IntersectWith({.since = 12, .hole_begin = 30, .hole_end = 35});
  EXPECT_EQ(coverage, (Coverage{.since = 12, .hole_begin = 20, .hole_end = 35}));
  coverage.IntersectWith({.since = 1, .hole_begin = 50});
  EXPECT_TRUE(coverage.is_open());
  EXPECT_TRUE(coverage.Misses(60));
}

}  // namespace
}  // namespace wirepas_grpc::core
