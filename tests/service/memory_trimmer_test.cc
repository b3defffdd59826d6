// SPDX-License-Identifier: Apache-2.0
#include "service/memory_trimmer.h"

#include <cstddef>

#include "gtest/gtest.h"

namespace wirepas_grpc::service {
namespace {

constexpr size_t kMib = 1 << 20;

TEST(TrimScheduleTest, NotForLittle) {
  TrimSchedule schedule;
  EXPECT_FALSE(schedule.Due(31 * kMib, 100 * kMib, absl::Hours(1)));
  EXPECT_TRUE(schedule.Due(33 * kMib, 100 * kMib, absl::Hours(1)));
  EXPECT_FALSE(schedule.Due(33 * kMib, 1000 * kMib, absl::Hours(1)));
}

TEST(TrimScheduleTest, WhatWasGivenBackIsFreeAndNotThere) {
  TrimSchedule schedule;
  schedule.Done(500 * kMib);
  EXPECT_FALSE(schedule.Due(500 * kMib, 100 * kMib, absl::Hours(1)));
  // In use again, and freed again.
  EXPECT_FALSE(schedule.Due(400 * kMib, 200 * kMib, absl::Hours(1)));
  EXPECT_TRUE(schedule.Due(500 * kMib, 200 * kMib, absl::Hours(1)));
}

TEST(TrimScheduleTest, MuchDoesNotWait) {
  TrimSchedule schedule;
  EXPECT_FALSE(schedule.Due(60 * kMib, 100 * kMib, absl::Seconds(5)));
  EXPECT_TRUE(schedule.Due(60 * kMib, 100 * kMib, absl::Seconds(61)));
  EXPECT_TRUE(schedule.Due(200 * kMib, 100 * kMib, absl::Seconds(5)));
}

// Its thread ends at once.
TEST(MemoryTrimmerTest, Ends) { const MemoryTrimmer trimmer; }

}  // namespace
}  // namespace wirepas_grpc::service
