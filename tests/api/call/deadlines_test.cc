// SPDX-License-Identifier: Apache-2.0
#include "api/call/deadlines.h"

#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

TEST(LimitWithin, KeepsFiftyMillisecondsForTheWayBack) {
  EXPECT_EQ(LimitWithin(absl::Seconds(2)), absl::Milliseconds(1950));
  EXPECT_EQ(LimitWithin(absl::Minutes(10)), absl::Minutes(10) - absl::Milliseconds(50));
}

TEST(LimitWithin, KeepsATenthOfAShortTime) {
  EXPECT_EQ(LimitWithin(absl::Milliseconds(100)), absl::Milliseconds(90));
}

TEST(LimitWithin, NeverIsNegativeOrBeyondCounting) {
  EXPECT_EQ(LimitWithin(absl::Milliseconds(-5)), absl::ZeroDuration());
  EXPECT_LT(LimitWithin(absl::InfiniteDuration()), absl::Hours(24 * 31));
}

}  // namespace
}  // namespace wirepas_grpc::api
