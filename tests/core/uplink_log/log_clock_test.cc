// SPDX-License-Identifier: Apache-2.0
//
// One run of the clock; over restarts: log_clock_restart_test.cc.
#include <string>
#include <utility>
#include <vector>

#include "tests/core/uplink_log/log_clock_fixture.h"

namespace wirepas_grpc::core {
namespace {

TEST_F(LogClockTest, BeginsWithTheWallClockAndGoesOnByTheMonotonicOne) {
  EXPECT_EQ(clock_->Now(), start_);
  Advance(absl::Hours(3));
  EXPECT_EQ(clock_->Now(), start_ + absl::Hours(3));
  EXPECT_EQ(clock_->Find(start_ + absl::Hours(1)), start_ + absl::Hours(1));
  EXPECT_EQ(clock_->Name(start_ + absl::Hours(2)), start_ + absl::Hours(2));
  EXPECT_EQ(clock_->changes(), 0u);
}

TEST_F(LogClockTest, NoStepOfTheWallClockTouchesIt) {
  for (const absl::Duration jump : {kYear, -3 * kYear, absl::Minutes(1), -absl::Seconds(1)}) {
    const absl::Time before = clock_->Now();
    Jump(jump);
    EXPECT_EQ(clock_->Now(), before);
    Advance(absl::Seconds(1));
    EXPECT_EQ(clock_->Now(), before + absl::Seconds(1));
  }
}

TEST_F(LogClockTest, AStepAheadLeavesNoTimeOut) {
  Advance(absl::Hours(1));
  const absl::Time step = clock_->Now();
  Jump(kYear);
  // Nobody has looked since: the one who seeks does.
  EXPECT_EQ(clock_->Find(scheduler_.Now()), step);
  EXPECT_EQ(clock_->Find(start_ + absl::Hours(1) + kYear / 2), step - kYear / 2)
      << "if it was a year behind before";
  EXPECT_EQ(clock_->Find(start_ + absl::Minutes(30)), start_ + absl::Minutes(30));
  Advance(absl::Hours(1));
  EXPECT_EQ(clock_->Find(scheduler_.Now() - absl::Minutes(1)), step + absl::Minutes(59));
  EXPECT_EQ(clock_->Name(step + absl::Minutes(59)), scheduler_.Now() - absl::Minutes(1));
  EXPECT_EQ(clock_->Name(step - absl::Minutes(1)), start_ + kYear + absl::Minutes(59))
      << "the last that leads there";
}

TEST_F(LogClockTest, OfATimeThatWasShownTwiceTheFirstCounts) {
  Advance(absl::Hours(2));
  const absl::Time step = clock_->Now();
  Jump(-absl::Hours(1));
  EXPECT_EQ(clock_->Find(start_ + absl::Minutes(90)), start_ + absl::Minutes(90));
  EXPECT_EQ(clock_->Find(start_ + absl::Minutes(30)), start_ + absl::Minutes(30));
  EXPECT_EQ(clock_->Find(start_ + absl::Hours(3)), step + absl::Hours(1)) << "still to come";
  Advance(absl::Minutes(30));
  EXPECT_EQ(clock_->Find(start_ + absl::Minutes(90)), start_ + absl::Minutes(90));
  EXPECT_EQ(clock_->Find(start_ + absl::Minutes(130)), step + absl::Minutes(10))
      << "if it was right before the step";
  Advance(absl::Hours(1));
  EXPECT_EQ(clock_->Find(scheduler_.Now() - absl::Minutes(1)), clock_->Now() - absl::Minutes(1));
  EXPECT_EQ(clock_->Find(scheduler_.Now() + absl::Minutes(1)), clock_->Now() + absl::Minutes(1));
}

// Nothing of it stays: neither a year in which no time can be found, nor one of standing still.
TEST_F(LogClockTest, AGlanceIntoTheFutureHeals) {
  Jump(kYear);
  clock_->Now();
  Advance(absl::Seconds(5));
  Jump(-kYear);
  clock_->Now();
  Advance(absl::Minutes(10));
  const absl::Time now = clock_->Now();
  EXPECT_EQ(clock_->Find(scheduler_.Now() - absl::Minutes(1)), now - absl::Minutes(1));
  EXPECT_EQ(clock_->Name(now), scheduler_.Now());
}

// As a glance ahead, in the other direction.
TEST_F(LogClockTest, AGlanceIntoThePastHealsWhenItIsPutRight) {
  Advance(absl::Hours(2));
  const absl::Time step = clock_->Now();
  for (const absl::Duration behind : {absl::Minutes(90), 30 * kYear}) {
    Jump(-behind);
    clock_->Now();
    Advance(absl::Seconds(20));
    EXPECT_EQ(clock_->Find(start_ + absl::Hours(1)), start_ + absl::Hours(1)) << "shown before";
    Jump(absl::Seconds(1));  // on the way there
    clock_->Now();
    Advance(absl::Seconds(20));
    Jump(behind - absl::Seconds(1));
    clock_->Now();
  }
  Advance(absl::Minutes(1));
  EXPECT_EQ(clock_->Find(start_ + absl::Hours(1)), start_ + absl::Hours(1));
  EXPECT_EQ(clock_->Find(start_ + absl::Hours(2) + absl::Seconds(10)), step + absl::Seconds(10));
  EXPECT_EQ(clock_->Find(scheduler_.Now() - absl::Seconds(5)), clock_->Now() - absl::Seconds(5));
}

// A machine without a battery begins in 1970 and learns the time later.
TEST_F(LogClockTest, WhatCameBeforeTheTimeWasLearntIsFoundByTheTimeLearnt) {
  scheduler_.JumpTo(absl::FromUnixSeconds(30));
  Begin();
  const absl::Time begin = clock_->Now();
  Advance(absl::Seconds(40));
  scheduler_.JumpTo(start_);
  clock_->Now();
  Advance(absl::Minutes(1));
  EXPECT_EQ(clock_->Find(start_), begin + absl::Seconds(40));
  EXPECT_EQ(clock_->Find(start_ - absl::Seconds(10)), begin + absl::Seconds(30));
  EXPECT_LT(clock_->Find(start_ - absl::Hours(1)), begin) << "before it began";
  EXPECT_EQ(clock_->Name(begin), start_ - absl::Seconds(40));
}

TEST_F(LogClockTest, StepsTooSmallToMatterAreNone) {
  Advance(absl::Minutes(1));
  Jump(LogClock::kTolerance - absl::Milliseconds(1));
  EXPECT_LE(clock_->Find(scheduler_.Now()), clock_->Now()) << "but what is found is not later";
  EXPECT_EQ(clock_->changes(), 0u);
  Jump(absl::Milliseconds(1));
  clock_->Now();
  EXPECT_EQ(clock_->changes(), 1u) << "they add up";
}

TEST_F(LogClockTest, AnyNumberOfStepsTakesABoundedPlace) {
  for (int i = 0; i < 2000; ++i) {
    Advance(absl::Minutes(1));
    Jump(absl::Milliseconds(i == 1000 ? 3'600'000 : 20 + i % 7));
    clock_->Now();
  }
  EXPECT_LE(Save().size(), 50 + 25 * LogClock::kMaxStretches);
  // The large step is still known, the small ones about.
  const absl::Time now = clock_->Now();
  EXPECT_EQ(clock_->Find(scheduler_.Now()), now);
  const absl::Time before = start_ + absl::Minutes(500);
  EXPECT_LT(absl::AbsDuration(clock_->Find(before) - before), absl::Minutes(1));
}

TEST_F(LogClockTest, OfManyStepsNoneMakesWhatIsFoundLater) {
  for (const int direction : {1, -1}) {
    Begin();
    std::vector<std::pair<absl::Time, absl::Time>> looks;
    for (int i = 0; i < 2000; ++i) {
      Advance(absl::Seconds(1));
      Jump(direction * absl::Milliseconds(20 + i % 3));
      looks.emplace_back(scheduler_.Now(), clock_->Now());
    }
    for (const auto& [wall, moment] : looks) {
      ASSERT_LE(clock_->Find(wall), moment) << wall;
      ASSERT_LT(moment - clock_->Find(wall), absl::Minutes(1)) << wall;
    }
  }
}

// Clocks go on between two looks at them.
class TickingScheduler final : public Scheduler {
 public:
  explicit TickingScheduler(FakeScheduler* under) : under_(under) {}
  absl::Time Now() override {
    under_->Advance(absl::Nanoseconds(400));
    return under_->Now();
  }
  Instant MonotonicNow() override {
    under_->Advance(absl::Nanoseconds(400));
    return under_->MonotonicNow();
  }
  TimerId RunAfter(absl::Duration, absl::AnyInvocable<void()>) override { return 0; }
  bool Cancel(TimerId) override { return false; }

 private:
  FakeScheduler* const under_;
};

TEST_F(LogClockTest, TheFirstMomentAfterAStepIsFoundByTheTimeOfTheStep) {
  TickingScheduler ticking(&scheduler_);
  LogClock clock(&ticking);
  for (int i = 0; i < 100; ++i) {
    scheduler_.Advance(absl::Seconds(10) + absl::Nanoseconds(37 * i));
    clock.Now();
    Jump(absl::Hours(1));
    const absl::Time wall = scheduler_.Now();
    const absl::Time moment = clock.Now();
    ASSERT_LE(clock.Find(wall), moment) << i;
  }
}

TEST_F(LogClockTest, NamesAreThoseThatTheWallClockShowed) {
  const absl::Time moment = clock_->Now();
  const uint64_t version = clock_->names_version();
  for (int i = 0; i < 10; ++i) {
    Jump(i % 2 == 0 ? absl::Milliseconds(9) : -absl::Milliseconds(9));  // which is no step
    Advance(absl::Seconds(1));
    clock_->Now();
  }
  EXPECT_EQ(clock_->names_version(), version);
  EXPECT_EQ(clock_->Names().Of(moment), start_);
  EXPECT_LE(clock_->Find(start_), moment);
  EXPECT_GE(clock_->Find(start_), moment - LogClock::kTolerance);
}

TEST_F(LogClockTest, NamesLeadToTheirMomentsOverAnyNumberOfSteps) {
  std::vector<absl::Time> moments;
  for (int i = 0; i < 600; ++i) {
    moments.push_back(clock_->Now());
    Advance(absl::Seconds(1 + i % 7));
    moments.push_back(clock_->Now());
    Advance(absl::Seconds(2));
    Jump(absl::Seconds(i % 13 - 6));
  }
  const ArrivalTimes names = clock_->Names();
  for (const absl::Time moment : moments) EXPECT_LE(clock_->Find(names.Of(moment)), moment);
}

TEST_F(LogClockTest, StretchesThatNobodyAsksForAreForgotten) {
  for (int i = 0; i < 5; ++i) {
    Jump(kYear);
    clock_->Now();
    Advance(absl::Hours(1));
  }
  const size_t size = Save().size();
  const absl::Time now = clock_->Now();
  clock_->ForgetBefore(now - absl::Minutes(90));
  EXPECT_EQ(Save().size(), size - 4 * 25);
  EXPECT_EQ(clock_->Find(scheduler_.Now() - absl::Minutes(1)), now - absl::Minutes(1));
  clock_->ForgetBefore(now + kYear);
  EXPECT_EQ(clock_->Find(scheduler_.Now()), now);
}

}  // namespace
}  // namespace wirepas_grpc::core
