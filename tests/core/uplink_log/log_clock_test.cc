// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/log_clock.h"

#include <memory>
#include <string>

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
  EXPECT_EQ(clock_->WallTime(start_ + absl::Hours(2)), start_ + absl::Hours(2));
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
  EXPECT_EQ(clock_->Find(start_ + absl::Hours(1) + kYear / 2), step) << "it never was that time";
  EXPECT_EQ(clock_->Find(start_ + absl::Minutes(30)), start_ + absl::Minutes(30));
  Advance(absl::Hours(1));
  EXPECT_EQ(clock_->Find(scheduler_.Now() - absl::Minutes(1)), step + absl::Minutes(59));
  EXPECT_EQ(clock_->WallTime(step + absl::Minutes(59)), scheduler_.Now() - absl::Minutes(1));
  EXPECT_EQ(clock_->WallTime(step - absl::Minutes(1)), start_ + absl::Minutes(59));
}

TEST_F(LogClockTest, AStepBackIsTheMomentForTimesThatComeAgain) {
  Advance(absl::Hours(2));
  const absl::Time step = clock_->Now();
  Jump(-absl::Hours(1));
  // For the last time the clock was 30 minutes behind the step half an hour after it.
  EXPECT_EQ(clock_->Find(start_ + absl::Minutes(90)), step + absl::Minutes(30));
  EXPECT_EQ(clock_->Find(start_ + absl::Minutes(30)), start_ + absl::Minutes(30));
  EXPECT_EQ(clock_->Find(start_ + absl::Hours(3)), step + absl::Hours(2)) << "still to come";
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
  EXPECT_EQ(clock_->WallTime(now), scheduler_.Now());
}

TEST_F(LogClockTest, StepsTooSmallToMatterAreNone) {
  Jump(LogClock::kTolerance - absl::Milliseconds(1));
  clock_->Now();
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
  EXPECT_LE(Save().size(), 50 + 16 * LogClock::kMaxStretches);
  // The large step is still known, the small ones about.
  const absl::Time now = clock_->Now();
  EXPECT_EQ(clock_->Find(scheduler_.Now()), now);
  const absl::Time before = start_ + absl::Minutes(500);
  EXPECT_LT(absl::AbsDuration(clock_->WallTime(before) - before), absl::Minutes(1));
  EXPECT_LT(absl::AbsDuration(clock_->Find(before) - before), absl::Minutes(1));
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
  EXPECT_EQ(Save().size(), size - 4 * 16);
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
  EXPECT_EQ(clock_->WallTime(now), scheduler_.Now());
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
    EXPECT_EQ(clock_->WallTime(now - absl::Hours(1)), now - absl::Hours(1));
    EXPECT_EQ(clock_->WallTime(now), start_);
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
