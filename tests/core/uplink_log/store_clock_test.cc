// SPDX-License-Identifier: Apache-2.0
//
// How old entries are over restarts.
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

constexpr absl::Duration kYear = absl::Hours(24 * 365);
constexpr absl::Duration kMinute = absl::Minutes(1);

class UplinkStoreClockTest : public UplinkStoreFixture {
 protected:
  UplinkStoreClockTest() {
    options_.retention = absl::Hours(10);
    options_.boot_id = "boot one";
    // The store may ask until it goes, which is after this object has.
    options_.since_boot = [scheduler = &scheduler_, booted = booted_] {
      return scheduler->MonotonicNow() - *booted;
    };
  }

  void Advance(absl::Duration by) {
    scheduler_.Advance(by);
    if (database_ != nullptr) Drain(&executor_);
  }
  void Boot(const std::string& id) {
    options_.boot_id = id;
    *booted_ = scheduler_.MonotonicNow() - absl::Seconds(30);
  }
  void AppendNow(int count = 1) {
    for (int i = 0; i < count; ++i) {
      const uint64_t sequence = store_->next();
      ASSERT_TRUE(
          store_->Append(sequence, store_->clock().Now(), kTopic, PayloadOf(sequence)).ok());
    }
  }
  uint64_t OldestKept() {
    EXPECT_TRUE(store_->ApplyRetention().ok());
    return store_->oldest();
  }
  // Removes what is kept of the clock, as in a state of an earlier version.
  void ForgetClock() {
    CloseAll();
    auto database = Database::Open(database_options_, {UplinkStore::kTable});
    ASSERT_TRUE(database.ok()) << database.status();
    for (const char* key : {"uplink/clock", "uplink/steady"}) {
      ASSERT_TRUE((*database)->Delete((*database)->meta(), key).ok());
    }
  }

  const std::shared_ptr<Instant> booted_ =
      std::make_shared<Instant>(scheduler_.MonotonicNow() - absl::Hours(1));
};

TEST_F(UplinkStoreClockTest, TheTimeBetweenRunsOnOneBootCounts) {
  Open();
  AppendNow(3);
  CloseAll();
  Advance(absl::Hours(10) - kMinute);
  Open();
  EXPECT_EQ(OldestKept(), 1u);
  Advance(2 * kMinute);
  EXPECT_EQ(OldestKept(), 4u);
}

TEST_F(UplinkStoreClockTest, SoItDoesAfterAKill) {
  Open();
  Advance(absl::Hours(2));
  AppendNow(3);
  Advance(absl::Seconds(30));
  Crash();
  Advance(absl::Hours(10) - kMinute);
  EXPECT_EQ(OldestKept(), 1u);
  Advance(kMinute);
  EXPECT_EQ(OldestKept(), 4u);
}

TEST_F(UplinkStoreClockTest, TheTimeWhileTheMachineWasOffDoesNot) {
  Open();
  AppendNow(3);
  Advance(absl::Hours(4));
  CloseAll();
  Advance(kYear);
  Boot("boot two");
  Open();
  EXPECT_EQ(OldestKept(), 1u);
  Advance(absl::Hours(6) - kMinute);
  EXPECT_EQ(OldestKept(), 1u);
  Advance(2 * kMinute);
  EXPECT_EQ(OldestKept(), 4u);
}

// Of the run that the machine ended only the last minute may not count.
TEST_F(UplinkStoreClockTest, TheEndOfTheMachineCostsAMinute) {
  options_.sync = UplinkStore::SyncPolicy::kEveryPacket;
  Open();
  AppendNow(3);
  for (int i = 0; i < 240; ++i) Advance(kMinute);
  Boot("boot two");
  Crash();
  Advance(absl::Hours(6) - kMinute);
  EXPECT_EQ(OldestKept(), 1u);
  Advance(4 * kMinute);
  EXPECT_EQ(OldestKept(), 4u);
}

TEST_F(UplinkStoreClockTest, EntriesOfAnEarlierVersionCountFromTheOpening) {
  for (const absl::Duration jump : {kYear, -kYear}) {
    Open();
    const uint64_t first = store_->next();
    AppendNow(3);
    Advance(absl::Hours(1));
    AppendNow(3);
    ForgetClock();
    scheduler_.JumpTo(scheduler_.Now() + jump);
    Open();
    EXPECT_EQ(OldestKept(), first);
    AppendNow(3);
    Advance(absl::Hours(10) - kMinute);
    EXPECT_EQ(OldestKept(), first);
    Reopen();
    EXPECT_EQ(OldestKept(), first);
    Advance(2 * kMinute);
    EXPECT_EQ(OldestKept(), first + 9);
    CloseAll();
  }
}

// A run of an earlier version stamps by the wall clock, which may be behind.
TEST_F(UplinkStoreClockTest, SoDoThoseOfARunThatKnewOfNoClock) {
  Open();
  AppendNow(3);
  Advance(absl::Hours(5));
  CloseAll();
  auto database = Database::Open(database_options_, {UplinkStore::kTable});
  ASSERT_TRUE(database.ok()) << database.status();
  const auto clock = (*database)->Get((*database)->meta(), "uplink/clock");
  ASSERT_TRUE(clock.ok());
  database->reset();
  Open();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(store_->Append(store_->next(), absl::UnixEpoch(), kTopic, "x").ok());
  }
  CloseAll();
  database = Database::Open(database_options_, {UplinkStore::kTable});
  ASSERT_TRUE(database.ok()) << database.status();
  ASSERT_TRUE((*database)->Put((*database)->meta(), "uplink/clock", *clock).ok());
  database->reset();
  Open();
  AppendNow(3);
  EXPECT_EQ(OldestKept(), 1u);
  Advance(absl::Hours(10) - kMinute);
  EXPECT_EQ(OldestKept(), 1u);
  Advance(2 * kMinute);
  EXPECT_EQ(OldestKept(), 10u);
}

TEST_F(UplinkStoreClockTest, AStepOfTheWallClockIsKnownAfterAKill) {
  Open();
  AppendNow();
  scheduler_.JumpTo(scheduler_.Now() + kYear);
  const absl::Time step = store_->clock().Now();
  Advance(absl::Seconds(5));
  Drain(&executor_);
  Crash();
  EXPECT_EQ(store_->clock().Find(scheduler_.Now() - absl::Seconds(2)), step + absl::Seconds(3));
}

// Else the state would be written again and again.
TEST_F(UplinkStoreClockTest, AClockThatIsSetAllTheTimeIsSavedEveryTenSeconds) {
  Open();
  std::string last;
  int saved = 0;
  for (int i = 0; i < 40; ++i) {
    scheduler_.JumpTo(scheduler_.Now() + absl::Minutes(1));
    Advance(absl::Seconds(1));
    Drain(&executor_);
    const auto clock = database_->Get(database_->meta(), "uplink/clock");
    ASSERT_TRUE(clock.ok());
    saved += *clock != last;
    last = *clock;
  }
  EXPECT_GE(saved, 4);
  EXPECT_LE(saved, 6);
}

// Those of an earlier version may be stamped in the future: what is known of the wall clock
// since stays all the same, and they can be found.
TEST_F(UplinkStoreClockTest, AStampInTheFutureMakesItForgetNoStep) {
  Open();
  const absl::Time now = scheduler_.Now();
  ASSERT_TRUE(store_->Append(store_->next(), now + 73 * kYear, kTopic, "x").ok());
  ForgetClock();
  Open();
  AppendNow();
  Advance(kMinute);
  scheduler_.JumpTo(scheduler_.Now() + absl::Hours(1));
  AppendNow();
  EXPECT_EQ(OldestKept(), 1u);
  Reopen();
  EXPECT_EQ(OldestKept(), 1u);
  EXPECT_LE(store_->oldest_time(), store_->clock().Now());
  const absl::Time moment = store_->clock().Find(now + absl::Seconds(30));
  EXPECT_LE(moment, store_->clock().Now() - absl::Seconds(30));
}

// ---- numbers after a loss ----

TEST_F(UplinkStoreClockTest, NumbersAfterALossDoNotHangOnTheClock) {
  uint64_t beyond = 1;
  const absl::Time times[] = {absl::UnixEpoch(),
                              scheduler_.Now(),
                              absl::FromUnixSeconds(1LL << 33),
                              absl::FromUnixSeconds(-5),
                              absl::FromUnixSeconds(1LL << 43),
                              absl::UnixEpoch()};
  int boot = 0;
  for (const absl::Time time : times) {
    scheduler_.JumpTo(time);
    Boot(absl::StrCat("boot ", ++boot));
    if (boot == 1) {
      Open();
    } else {
      Crash();
      EXPECT_TRUE(store_->began_with_loss());
    }
    EXPECT_GE(store_->next(), beyond);
    AppendNow(3);
    EXPECT_LT(store_->next(), uint64_t{1} << 60);
    // A million a second for a day may have been lost.
    beyond = store_->next() + 86'400'000'000;
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
