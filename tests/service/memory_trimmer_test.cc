// SPDX-License-Identifier: Apache-2.0
#include "service/memory_trimmer.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace wirepas_grpc::service {
namespace {

// Of a process with 20 MiB in use.
MemoryUse Use(int64_t free_mib, int64_t resident_mib) {
  return {.in_use = 20 << 20, .free = free_mib << 20, .resident = resident_mib << 20};
}

TEST(TrimScheduleTest, NotForLittle) {
  TrimSchedule schedule;
  EXPECT_FALSE(schedule.Due(Use(31, 100), absl::Hours(1)));
  EXPECT_FALSE(schedule.Due(Use(100, 51), absl::Hours(1)));
  EXPECT_TRUE(schedule.Due(Use(33, 100), absl::Hours(1)));
  EXPECT_FALSE(schedule.Due(Use(33, 1000), absl::Hours(1)));
}

TEST(TrimScheduleTest, WhatWasGivenBackIsFreeAndNotThere) {
  TrimSchedule schedule;
  schedule.Done(Use(500, 60));
  EXPECT_FALSE(schedule.Due(Use(500, 60), absl::Hours(1)));
  // In use again and freed again since the last look.
  EXPECT_TRUE(schedule.Due(Use(500, 160), absl::Seconds(5)));
}

// Pages that are in use in part.
TEST(TrimScheduleTest, WhatCannotBeGivenBackIsNotTriedAgain) {
  TrimSchedule schedule;
  EXPECT_TRUE(schedule.Due(Use(200, 220), absl::Hours(1)));
  schedule.Done(Use(200, 120));
  EXPECT_FALSE(schedule.Due(Use(200, 120), absl::Hours(1)));
  EXPECT_FALSE(schedule.Due(Use(200, 40), absl::Hours(1)));
  EXPECT_TRUE(schedule.Due(Use(200, 120), absl::Hours(1)));
}

TEST(TrimScheduleTest, MuchDoesNotWait) {
  TrimSchedule schedule;
  EXPECT_FALSE(schedule.Due(Use(60, 100), absl::Seconds(5)));
  EXPECT_TRUE(schedule.Due(Use(60, 100), absl::Seconds(61)));
  EXPECT_TRUE(schedule.Due(Use(200, 220), absl::Seconds(5)));
}

// Its thread ends at once.
TEST(MemoryTrimmerTest, Ends) { const MemoryTrimmer trimmer; }

}  // namespace
}  // namespace wirepas_grpc::service
