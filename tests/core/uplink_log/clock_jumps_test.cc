// SPDX-License-Identifier: Apache-2.0
//
// The uplink log while the wall clock is set, within a run and between two.
#include <memory>
#include <utility>
#include <vector>

#include "core/uplink_log/uplink_log.h"
#include "gmock/gmock.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;

absl::Duration Days(int count) { return absl::Hours(24 * count); }
constexpr absl::Duration kRetention = absl::Hours(7 * 24);

class ClockJumpsTest : public UplinkStoreFixture,
                       public testing::WithParamInterface<absl::Duration> {
 protected:
  ClockJumpsTest() { options_.retention = kRetention; }
  ~ClockJumpsTest() override {
    log_.reset();
    executor_.Stop();
  }

  void Jump(absl::Duration by) { scheduler_.JumpTo(scheduler_.Now() + by); }

  void OpenLog() {
    Open();
    log_ = std::make_unique<UplinkLog>(SmallLog(), UplinkLog::Durable{store_.get(), &executor_},
                                       &executor_, &scheduler_);
  }
  void OpenLogInMemory() {
    UplinkLog::Options options;
    log_ = std::make_unique<UplinkLog>(options, UplinkLog::Durable{}, &executor_, &scheduler_);
  }
  void CloseLog() {
    log_.reset();
    CloseAll();
  }

  // A packet a minute; the number of the first.
  uint64_t AppendPackets(int count) {
    const uint64_t first = log_->next();
    for (int i = 0; i < count; ++i) {
      log_->Append(std::make_unique<Uplink>(), kTopic, "x");
      scheduler_.Advance(absl::Minutes(1));
    }
    return first;
  }
  uint64_t OldestKept() {
    EXPECT_TRUE(store_->ApplyRetention().ok());
    return store_->oldest();
  }

  static UplinkLog::Options SmallLog() {
    UplinkLog::Options options;
    options.segment_entries = 4;
    options.max_bytes = 6000;
    return options;
  }

  std::unique_ptr<UplinkLog> log_;
};

INSTANTIATE_TEST_SUITE_P(Jumps, ClockJumpsTest,
                         testing::Values(absl::Minutes(5), -absl::Minutes(5), Days(8), -Days(8),
                                         Days(30 * 365), -Days(50 * 365)),
                         [](const auto& info) {
                           const int64_t minutes = absl::ToInt64Minutes(info.param);
                           return absl::StrCat(minutes < 0 ? "Back" : "Ahead",
                                               minutes < 0 ? -minutes : minutes, "Minutes");
                         });

TEST_P(ClockJumpsTest, ForgetNothingWithinARun) {
  OpenLog();
  AppendPackets(10);
  Jump(GetParam());
  EXPECT_EQ(OldestKept(), 1u);
  AppendPackets(10);
  EXPECT_EQ(OldestKept(), 1u);
  Jump(-GetParam());
  AppendPackets(10);
  EXPECT_EQ(OldestKept(), 1u);
  EXPECT_EQ(Read(1).entries.size(), 30u);
}

TEST_P(ClockJumpsTest, ForgetNothingBetweenRuns) {
  OpenLog();
  AppendPackets(10);
  CloseLog();
  Jump(GetParam());
  OpenLog();
  EXPECT_EQ(OldestKept(), 1u);
  AppendPackets(10);
  EXPECT_EQ(OldestKept(), 1u);
  CloseLog();
  Jump(-GetParam());
  OpenLog();
  AppendPackets(10);
  EXPECT_EQ(OldestKept(), 1u);
  EXPECT_EQ(Read(1).entries.size(), 30u);
}

// What is too old goes all the same, by the time that has passed.
TEST_P(ClockJumpsTest, PutNoAgeOff) {
  OpenLog();
  const uint64_t before = AppendPackets(10);
  Jump(GetParam());
  const uint64_t after = AppendPackets(10);
  scheduler_.Advance(kRetention - absl::Minutes(21));
  EXPECT_EQ(OldestKept(), before);
  scheduler_.Advance(absl::Minutes(10) + absl::Seconds(30));
  EXPECT_EQ(OldestKept(), after);
  scheduler_.Advance(absl::Minutes(10));
  EXPECT_EQ(OldestKept(), log_->next());
}

TEST_P(ClockJumpsTest, LeaveArrivalsInOrderOnDisk) {
  OpenLog();
  for (int i = 0; i < 4; ++i) {
    AppendPackets(5);
    Jump(i % 2 == 0 ? GetParam() : -GetParam());
    if (i == 2) {
      CloseLog();
      OpenLog();
    }
  }
  absl::Time last = absl::InfinitePast();
  for (const Met::Entry& entry : Read(1).entries) {
    EXPECT_GE(entry.arrival, last) << entry.sequence;
    last = entry.arrival;
  }
}

// A clock that was wrong for a while and was put right, in memory and on disk.
TEST_P(ClockJumpsTest, LeaveTimesBeforeAndAfterToBeFound) {
  for (const bool durable : {false, true}) {
    durable ? OpenLog() : OpenLogInMemory();
    AppendPackets(20);
    const absl::Time before = scheduler_.Now();
    const uint64_t after = AppendPackets(20);
    Jump(GetParam());
    AppendPackets(20);
    Jump(-GetParam());
    AppendPackets(1);
    const absl::Time right = scheduler_.Now();
    const uint64_t again = AppendPackets(20);
    EXPECT_EQ(*log_->SeekTime(right), again) << durable;
    EXPECT_EQ(*log_->SeekTime(right + absl::Seconds(90)), again + 2) << durable;
    EXPECT_EQ(*log_->SeekTime(scheduler_.Now() + absl::Hours(1)), log_->next()) << durable;
    EXPECT_EQ(*log_->SeekTime(before), after) << durable;
    CloseLog();
  }
}

// Whoever names a time gets all that came since the clock was before that time.
TEST_P(ClockJumpsTest, LoseNothingThatCameSinceATime) {
  OpenLog();
  std::vector<std::pair<absl::Time, uint64_t>> came;
  for (int i = 0; i < 6; ++i) {
    for (int packet = 0; packet < 5; ++packet) {
      const absl::Time now = scheduler_.Now();
      came.emplace_back(now, AppendPackets(1));
    }
    if (i == 2) {
      CloseLog();
      OpenLog();
    }
    if (i < 5) Jump(i % 2 == 0 ? GetParam() : -GetParam());
  }
  for (const auto& [time, number] : came) {
    // The first from which on all came at that time or later.
    uint64_t first = came.front().second;
    for (const auto& [other, other_number] : came) {
      if (other < time) first = other_number + 1;
    }
    EXPECT_LE(*log_->SeekTime(time), first) << number;
  }
}

// What packets are told to have come at leads to them; of a clock that was put right it is the
// right time.
TEST_P(ClockJumpsTest, LeaveTheTimesOfPacketsRight) {
  for (const bool durable : {false, true}) {
    durable ? OpenLog() : OpenLogInMemory();
    const absl::Time begin = scheduler_.Now();
    const uint64_t first = AppendPackets(20);
    Jump(GetParam());
    AppendPackets(20);
    const uint64_t version = log_->arrival_times().version();
    Jump(-GetParam());
    AppendPackets(20);
    const ArrivalTimes times = log_->arrival_times();
    EXPECT_NE(times.version(), version);
    std::vector<absl::Time> moments;
    if (durable) {
      for (const Met::Entry& entry : Read(first).entries) moments.push_back(entry.arrival);
    } else {
      log_->Read(first, 1000, [&](const Uplink& uplink) {
        moments.push_back(uplink.moment);
        return true;
      });
    }
    ASSERT_EQ(moments.size(), 60u);
    for (int i = 0; i < 60; ++i) {
      const absl::Time time = times.Of(moments[i]);
      EXPECT_EQ(time, begin + absl::Minutes(i)) << durable;
      // Of the time while the clock was wrong what is in doubt is found too early.
      const bool in_doubt = i >= 20 && i <= 40;
      const uint64_t found = *log_->SeekTime(time);
      EXPECT_LE(found, first + i) << durable;
      EXPECT_TRUE(in_doubt || found == first + i) << durable << " " << i;
    }
    CloseLog();
  }
}

// Also while it is not known which of the two is right.
TEST_P(ClockJumpsTest, LetTheTimesOfPacketsLeadToThem) {
  OpenLog();
  AppendPackets(20);
  Jump(GetParam());
  AppendPackets(20);
  for (const Met::Entry& entry : Read(1).entries) {
    const absl::Time time = log_->arrival_times().Of(entry.arrival);
    EXPECT_LE(*log_->SeekTime(time), entry.sequence);
    // With the first one after the step, the clock had been past that time before.
    EXPECT_TRUE(log_->Reaches(time) || entry.sequence == 21) << entry.sequence;
  }
}

// A machine without a battery: it starts in 1970 or where the clock was some time ago, and
// learns the time later.
TEST_F(ClockJumpsTest, AStartWithTheClockBehindHidesNoStoredPacket) {
  for (const absl::Duration behind : {absl::Minutes(90), Days(50 * 365)}) {
    options_.boot_id += "a start";
    OpenLog();
    AppendPackets(73);
    const absl::Time asked = scheduler_.Now() - absl::Minutes(60);
    const uint64_t wanted = log_->next() - 60;
    CloseLog();
    options_.boot_id += ", and another";
    const absl::Time off = scheduler_.Now();
    scheduler_.JumpTo(off - behind);
    OpenLog();
    const uint64_t before = AppendPackets(3);
    EXPECT_TRUE(log_->Reaches(asked));
    EXPECT_EQ(*log_->SeekTime(asked), wanted);
    EXPECT_EQ(*log_->SeekTime(off + absl::Minutes(1)), before);
    scheduler_.JumpTo(off + absl::Minutes(10));
    AppendPackets(5);
    EXPECT_TRUE(log_->Reaches(asked));
    EXPECT_EQ(*log_->SeekTime(asked), wanted);
    EXPECT_EQ(*log_->SeekTime(off + absl::Minutes(2)), before);
    EXPECT_EQ(*log_->SeekTime(off + absl::Minutes(8)), before + 1);
    EXPECT_EQ(*log_->SeekTime(off + absl::Minutes(10)), before + 3);
    CloseLog();
  }
}

TEST_F(ClockJumpsTest, ATimeBeforeALogInMemoryBeganIsNotReached) {
  const absl::Time right = scheduler_.Now();
  scheduler_.JumpTo(absl::FromUnixSeconds(30));
  OpenLogInMemory();
  AppendPackets(1);
  scheduler_.JumpTo(right);
  AppendPackets(1);
  EXPECT_FALSE(log_->Reaches(right - absl::Hours(1)));
  EXPECT_TRUE(log_->Reaches(right - absl::Seconds(30)));
  EXPECT_EQ(*log_->SeekTime(right - absl::Seconds(30)), 2u);
  EXPECT_EQ(*log_->SeekTime(right - absl::Seconds(60)), 1u);
}

}  // namespace
}  // namespace wirepas_grpc::core
