// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/log_clock.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {
namespace {

constexpr absl::Duration kYear = absl::Hours(24 * 365);
constexpr absl::Duration kGrain = absl::Microseconds(1);

class LogClockTest : public testing::Test {
 protected:
  LogClockTest() {
    machine_.boot_id = "boot one";
    machine_.since_boot = [this] { return since_boot_; };
    Begin();
  }

  void Begin() { clock_ = std::make_unique<LogClock>(&scheduler_); }
  void Advance(absl::Duration by) {
    scheduler_.Advance(by);
    since_boot_ += by;
  }
  void Jump(absl::Duration by) { scheduler_.JumpTo(scheduler_.Now() + by); }
  // A later run; the machine goes on. Nothing: what was saved is gone.
  bool Resume(const std::optional<std::string>& state, std::optional<absl::Time> last = {}) {
    Begin();
    return clock_->Resume(state.value_or(""), last, machine_);
  }
  std::string Save() { return clock_->Save(machine_); }

  FakeScheduler scheduler_;
  absl::Duration since_boot_ = absl::Hours(5);
  LogClock::Machine machine_;
  std::unique_ptr<LogClock> clock_;
  const absl::Time start_ = scheduler_.Now();
};

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

// ---- over restarts ----

TEST_F(LogClockTest, OnTheSameBootTheTimeBetweenRunsCounts) {
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

TEST_F(LogClockTest, TheTimeWhileTheMachineWasOffDoesNot) {
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
TEST_F(LogClockTest, AStartWithTheClockBehindHidesNothing) {
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
TEST_F(LogClockTest, StartsThatNeverLearntTheTimeAreFoundTooEarly) {
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
TEST_F(LogClockTest, AStartWithTheClockAheadHeals) {
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

TEST_F(LogClockTest, WhatMayNotBeSavedIsPassed) {
  const std::string state = Save();
  machine_.boot_id = "boot two";
  Begin();
  ASSERT_TRUE(clock_->Resume(state, std::nullopt, machine_, absl::Minutes(2)));
  EXPECT_EQ(clock_->Now(), start_ + absl::Minutes(2));
}

TEST_F(LogClockTest, WithoutTheTimeSinceTheBootItIsAnotherBoot) {
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

TEST_F(LogClockTest, ABootThatIsNotKnownIsAnother) {
  machine_.boot_id = "";
  const std::string state = Save();
  Advance(absl::Hours(1));
  ASSERT_TRUE(Resume(state));
  EXPECT_EQ(clock_->Now(), start_);
}

TEST_F(LogClockTest, AClockOfTheMachineThatWentBackCountsNothing) {
  const std::string state = Save();
  since_boot_ -= absl::Hours(2);
  ASSERT_TRUE(Resume(state));
  EXPECT_EQ(clock_->Now(), start_);
}

TEST_F(LogClockTest, GoesOnBehindTheLastEntry) {
  const std::string state = Save();
  machine_.boot_id = "boot two";  // the minute before the end was not saved
  ASSERT_TRUE(Resume(state, start_ + absl::Minutes(1)));
  EXPECT_EQ(clock_->Now(), start_ + absl::Minutes(1) + kGrain);
}

TEST_F(LogClockTest, WithoutAStateItGoesOnFromTheLastEntry) {
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

TEST_F(LogClockTest, AStateThatIsNotWholeIsNone) {
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

TEST_F(LogClockTest, ClocksOfTheMachineWork) {
  machine_.since_boot = nullptr;
  const std::string state = Save();
  ASSERT_TRUE(Resume(state));
  EXPECT_GE(clock_->Now(), start_);
  EXPECT_LT(clock_->Now(), start_ + absl::Minutes(10));
}

}  // namespace
}  // namespace wirepas_grpc::core
