// SPDX-License-Identifier: Apache-2.0
#include "core/base/duration_histogram.h"

#include <numeric>

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

TEST(DurationHistogramTest, CountsAtTheFirstBoundThatIsNotLess) {
  DurationHistogram histogram;
  histogram.Observe(DurationHistogram::kBounds[0]);
  histogram.Observe(DurationHistogram::kBounds[0] + absl::Nanoseconds(1));
  histogram.Observe(-absl::Seconds(1));
  histogram.Observe(absl::Hours(1));
  const DurationHistogram::Snapshot got = histogram.Get();
  EXPECT_EQ(got.counts[0], 2u);
  EXPECT_EQ(got.counts[1], 1u);
  EXPECT_EQ(got.counts.back(), 1u);
  EXPECT_EQ(std::accumulate(got.counts.begin(), got.counts.end(), uint64_t{0}), 4u);
  EXPECT_NEAR(got.sum_seconds, 3600 + 2 * absl::ToDoubleSeconds(DurationHistogram::kBounds[0]),
              1e-6);
}

}  // namespace
}  // namespace wirepas_grpc::core
