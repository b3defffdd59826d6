// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/reconnect_delay.h"

#include <gtest/gtest.h>

#include <set>

namespace wirepas_grpc::core {
namespace {

TEST(ReconnectDelayTest, CeilingDoublesUpToTheMaximum) {
  ReconnectDelay delay(absl::Seconds(1), absl::Seconds(30), [] { return 1.0; });
  for (int seconds : {1, 2, 4, 8, 16, 30, 30, 30}) {
    EXPECT_EQ(delay.ceiling(), absl::Seconds(seconds));
    EXPECT_EQ(delay.Next(), absl::Seconds(seconds));
  }
}

TEST(ReconnectDelayTest, LeastDelayIsHalfOfTheCeiling) {
  ReconnectDelay delay(absl::Seconds(1), absl::Seconds(30), [] { return 0.0; });
  EXPECT_EQ(delay.Next(), absl::Milliseconds(500));
  EXPECT_EQ(delay.Next(), absl::Seconds(1));
  EXPECT_EQ(delay.Next(), absl::Seconds(2));
}

TEST(ReconnectDelayTest, ResetStartsOver) {
  ReconnectDelay delay(absl::Seconds(1), absl::Seconds(30), [] { return 1.0; });
  for (int i = 0; i < 10; ++i) delay.Next();
  delay.Reset();
  EXPECT_EQ(delay.Next(), absl::Seconds(1));
  EXPECT_EQ(delay.Next(), absl::Seconds(2));
}

TEST(ReconnectDelayTest, DrawsDifferentDelaysWithinTheRange) {
  ReconnectDelay delay(absl::Seconds(8), absl::Seconds(8));
  std::set<absl::Duration> drawn;
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration next = delay.Next();
    EXPECT_GE(next, absl::Seconds(4));
    EXPECT_LE(next, absl::Seconds(8));
    drawn.insert(next);
  }
  EXPECT_GT(drawn.size(), 900u);
  EXPECT_LT(*drawn.begin(), absl::Seconds(4.2));
  EXPECT_GT(*drawn.rbegin(), absl::Seconds(7.8));
}

TEST(ReconnectDelayTest, MistakenBoundsDoNotMakeABusyLoop) {
  ReconnectDelay zero(absl::ZeroDuration(), absl::ZeroDuration(), [] { return 0.0; });
  EXPECT_GT(zero.Next(), absl::ZeroDuration());
  ReconnectDelay crossed(absl::Seconds(10), absl::Seconds(1), [] { return 1.0; });
  EXPECT_EQ(crossed.Next(), absl::Seconds(10));
  EXPECT_EQ(crossed.Next(), absl::Seconds(10));
}

}  // namespace
}  // namespace wirepas_grpc::core
