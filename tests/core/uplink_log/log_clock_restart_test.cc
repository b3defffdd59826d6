// SPDX-License-Identifier: Apache-2.0
//
// The log's clock over restarts of the service and of the machine.
#include <string>

#include "tests/core/uplink_log/log_clock_fixture.h"

namespace wirepas_grpc::core {
namespace {

constexpr absl::Duration kGrain = absl::Microseconds(1);

using LogClockRestartTest = LogClockTest;

TEST_F(LogClockRestartTest, OnTheSameBootTheTimeBetweenRunsCounts) {
  Advance(absl::Hours(1));
  const std::string state = Save();
  Advance(absl::Hours(7));
  ASSERT_TRUE(Resume(state));
  EXPECT_EQ(clock_->Now(), start_ + absl::Hours(8));
  EXPECT_EQ(clock_->changes(), 0u);
  // However the wall clock was set meanwhile.
  Advance(absl::Hours(1));
  Jump(-kYear);
  ASSERT_TRUE(Resume(state));
  EXPECT_EQ(clock_->Now(), start_ + absl::Hours(9));
  EXPECT_EQ(clock_->Find(scheduler_.Now()), clock_->Now());
}

TEST_F(LogClockRestartTest, TheTimeWhileTheMachineWasOffDoesNot) {
  Advance(absl::Hours(1));
  const std::string state = Save();
  machine_.boot_id = "boot two";
  scheduler_.Advance(kYear);
  since_boot_ = absl::Seconds(20);
  ASSERT_TRUE(Resume(state));
  const absl::Time now = clock_->Now();
  EXPECT_EQ(now, start_ + absl::Hours(1));
  EXPECT_EQ(clock_->Find(scheduler_.Now()), now);
  EXPECT_EQ(clock_->Find(start_ + kYear / 2), now) << "while it was off";
  EXPECT_EQ(clock_->Find(start_ + absl::Minutes(10)), start_ + absl::Minutes(10));
  EXPECT_EQ(clock_->Name(now), scheduler_.Now());
}

// The machine starts with a clock that is behind and learns the time later.
TEST_F(LogClockRestartTest, AStartWithTheClockBehindHidesNothing) {
  Advance(absl::Hours(3));
  const absl::Time end = clock_->Now();
  const std::string state = Save();
  const absl::Time off = scheduler_.Now();
  const absl::Time asked = off - absl::Hours(1);
  for (const absl::Time boot : {absl::FromUnixSeconds(30), off - absl::Minutes(90)}) {
    machine_.boot_id += " another";
    since_boot_ = absl::Seconds(30);
    scheduler_.JumpTo(boot);
    ASSERT_TRUE(Resume(state, end));
    const absl::Time begin = clock_->Now();
    Advance(absl::Seconds(40));
    EXPECT_EQ(clock_->Find(asked), end - absl::Hours(1));
    EXPECT_EQ(clock_->Find(off + absl::Minutes(4)), begin) << "since the start, for all it knows";
    scheduler_.JumpTo(off + absl::Minutes(5));
    clock_->Now();
    Advance(absl::Minutes(1));
    EXPECT_EQ(clock_->Find(asked), end - absl::Hours(1));
    EXPECT_EQ(clock_->Find(off + absl::Minutes(4)), begin) << "while it was off";
    EXPECT_EQ(clock_->Find(off + absl::Minutes(5) - absl::Seconds(10)), begin + absl::Seconds(30));
    EXPECT_EQ(clock_->Find(off + absl::Minutes(5)), begin + absl::Seconds(40));
    // Over one more start, once that is known.
    const std::string later = Save();
    machine_.boot_id += " another";
    ASSERT_TRUE(Resume(later));
    EXPECT_EQ(clock_->Find(asked), end - absl::Hours(1));
  }
}

// Such a start that ended before the time was learnt.
TEST_F(LogClockRestartTest, StartsThatNeverLearntTheTimeAreFoundTooEarly) {
  Advance(absl::Hours(3));
  const absl::Time end = clock_->Now();
  const absl::Time off = scheduler_.Now();
  absl::Time begin;
  for (int start = 0; start < 3; ++start) {
    const std::string state = Save();
    machine_.boot_id += " another";
    since_boot_ = absl::Seconds(30);
    scheduler_.JumpTo(absl::FromUnixSeconds(30));
    ASSERT_TRUE(Resume(state, clock_->Now()));
    if (start == 0) begin = clock_->Now();
    Advance(absl::Minutes(10));
  }
  scheduler_.JumpTo(off + absl::Hours(5));
  clock_->Now();
  EXPECT_EQ(clock_->Find(off - absl::Hours(1)), end - absl::Hours(1));
  EXPECT_EQ(clock_->Find(off + absl::Hours(2)), begin);
  EXPECT_EQ(clock_->Find(scheduler_.Now() - absl::Minutes(1)), clock_->Now() - absl::Minutes(1));
}

// As if it had been started in the year 2055, on the day it was right again.
TEST_F(LogClockRestartTest, AStartWithTheClockAheadHeals) {
  Advance(absl::Hours(3));
  const absl::Time end = clock_->Now();
  const std::string state = Save();
  machine_.boot_id = "boot two";
  since_boot_ = absl::Seconds(30);
  const absl::Time off = scheduler_.Now();
  Jump(29 * kYear);
  ASSERT_TRUE(Resume(state));
  Advance(absl::Seconds(40));
  scheduler_.JumpTo(off + absl::Minutes(5));
  clock_->Now();
  Advance(absl::Minutes(1));
  const absl::Time found = clock_->Find(scheduler_.Now() - absl::Seconds(70));
  EXPECT_LE(found, clock_->Now() - absl::Seconds(70));
  EXPECT_GE(found, end) << "nothing of the run before";
  EXPECT_EQ(clock_->Find(scheduler_.Now() - absl::Seconds(50)), clock_->Now() - absl::Seconds(50));
  EXPECT_EQ(clock_->Find(off - absl::Minutes(1)), end - absl::Minutes(1));
  EXPECT_EQ(clock_->Find(scheduler_.Now() + absl::Minutes(1)), clock_->Now() + absl::Minutes(1));
}

TEST_F(LogClockRestartTest, WhatMayNotBeSavedIsPassed) {
  const std::string state = Save();
  machine_.boot_id = "boot two";
  Begin();
  ASSERT_TRUE(clock_->Resume(state, std::nullopt, machine_, absl::Minutes(2)));
  EXPECT_EQ(clock_->Now(), start_ + absl::Minutes(2));
}

TEST_F(LogClockRestartTest, WithoutTheTimeSinceTheBootItIsAnotherBoot) {
  const absl::Duration since_boot = since_boot_;
  since_boot_ = absl::InfiniteDuration();
  const std::string state = Save();
  since_boot_ = since_boot;
  Advance(absl::Hours(1));
  ASSERT_TRUE(Resume(state));
  EXPECT_EQ(clock_->Now(), start_);
  const std::string known = Save();
  since_boot_ = absl::InfiniteDuration();
  ASSERT_TRUE(Resume(known));
  EXPECT_EQ(clock_->Now(), start_);
}

TEST_F(LogClockRestartTest, ABootThatIsNotKnownIsAnother) {
  machine_.boot_id = "";
  const std::string state = Save();
  Advance(absl::Hours(1));
  ASSERT_TRUE(Resume(state));
  EXPECT_EQ(clock_->Now(), start_);
}

TEST_F(LogClockRestartTest, AClockOfTheMachineThatWentBackCountsNothing) {
  const std::string state = Save();
  since_boot_ -= absl::Hours(2);
  ASSERT_TRUE(Resume(state));
  EXPECT_EQ(clock_->Now(), start_);
}

TEST_F(LogClockRestartTest, GoesOnBehindTheLastEntry) {
  const std::string state = Save();
  machine_.boot_id = "boot two";  // the minute before the end was not saved
  ASSERT_TRUE(Resume(state, start_ + absl::Minutes(1)));
  EXPECT_EQ(clock_->Now(), start_ + absl::Minutes(1) + kGrain);
}

TEST_F(LogClockRestartTest, WithoutAStateItGoesOnFromTheLastEntry) {
  for (const absl::Duration last : {kYear, -kYear}) {
    ASSERT_FALSE(Resume({}, start_ + last));
    const absl::Time now = clock_->Now();
    EXPECT_EQ(now, start_ + last + kGrain);
    // Entries from before were stamped by the wall clock.
    if (last < absl::ZeroDuration()) {
      EXPECT_EQ(clock_->Name(now - absl::Hours(1)), now - absl::Hours(1));
      EXPECT_EQ(clock_->Name(now), start_);
    }
    EXPECT_EQ(clock_->Find(clock_->Name(now)), now);
    EXPECT_EQ(clock_->Find(start_ + kGrain), now + kGrain);
  }
  ASSERT_FALSE(Resume({}));
  EXPECT_EQ(clock_->Now(), start_);
}

TEST_F(LogClockRestartTest, AStateThatIsNotWholeIsNone) {
  Jump(kYear);
  clock_->Now();
  const std::string state = Save();
  for (size_t size = 0; size + machine_.boot_id.size() < state.size(); ++size) {
    EXPECT_FALSE(Resume(state.substr(0, size))) << size;
    EXPECT_EQ(clock_->Now(), scheduler_.Now());
  }
  EXPECT_FALSE(Resume("x" + state));
  ASSERT_TRUE(Resume(state));
  EXPECT_EQ(Save(), state);
}

TEST_F(LogClockRestartTest, ClocksOfTheMachineWork) {
  machine_.since_boot = nullptr;
  const std::string state = Save();
  ASSERT_TRUE(Resume(state));
  EXPECT_GE(clock_->Now(), start_);
  EXPECT_LT(clock_->Now(), start_ + absl::Minutes(10));
}

}  // namespace
}  // namespace wirepas_grpc::core
