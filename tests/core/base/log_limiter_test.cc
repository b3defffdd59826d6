// SPDX-License-Identifier: Apache-2.0
#include "core/base/log_limiter.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

const Instant kStart;

TEST(LogLimiterTest, AllowsOneCallPerIntervalAndCountsTheOthers) {
  LogLimiter limiter(absl::Seconds(10));
  uint64_t suppressed = 99;
  EXPECT_TRUE(limiter.Allow(kStart, &suppressed));
  EXPECT_EQ(suppressed, 0u);
  EXPECT_FALSE(limiter.Allow(kStart, &suppressed));
  EXPECT_FALSE(limiter.Allow(kStart + absl::Seconds(9), &suppressed));
  EXPECT_TRUE(limiter.Allow(kStart + absl::Seconds(10), &suppressed));
  EXPECT_EQ(suppressed, 2u);
  EXPECT_TRUE(limiter.Allow(kStart + absl::Seconds(20), &suppressed));
  EXPECT_EQ(suppressed, 0u);
}

TEST(LogLimiterTest, AllowsOneOfManyThreads) {
  LogLimiter limiter;
  std::atomic<int> allowed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) {
        uint64_t suppressed;
        if (limiter.Allow(kStart, &suppressed)) ++allowed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 1);
  uint64_t suppressed = 0;
  EXPECT_TRUE(limiter.Allow(kStart + absl::Seconds(10), &suppressed));
  EXPECT_EQ(suppressed, 3999u);
}

}  // namespace
}  // namespace wirepas_grpc::core
