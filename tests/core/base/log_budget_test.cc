// SPDX-License-Identifier: Apache-2.0
#include "core/base/log_budget.h"

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

TEST(LogBudgetTest, SomeAtOnceThenOneAnInterval) {
  LogBudget budget(3, absl::Seconds(1));
  Instant now = Instant::Now();
  uint64_t suppressed = 77;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(budget.Take(now, &suppressed));
    EXPECT_EQ(suppressed, 0u);
  }
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(budget.Take(now, &suppressed));
  now += absl::Milliseconds(999);
  EXPECT_FALSE(budget.Take(now, &suppressed));
  now += absl::Milliseconds(1);
  EXPECT_TRUE(budget.Take(now, &suppressed));
  EXPECT_EQ(suppressed, 11u);
  EXPECT_FALSE(budget.Take(now, &suppressed));
}

TEST(LogBudgetTest, ALongSilenceAllowsNoMoreThanTheFirstMoment) {
  LogBudget budget(2, absl::Seconds(1));
  uint64_t suppressed = 0;
  const Instant later = Instant::Now() + absl::Hours(1);
  EXPECT_TRUE(budget.Take(Instant::Now(), &suppressed));
  EXPECT_TRUE(budget.Take(later, &suppressed));
  EXPECT_TRUE(budget.Take(later, &suppressed));
  EXPECT_FALSE(budget.Take(later, &suppressed));
}

}  // namespace
}  // namespace wirepas_grpc::core
