// SPDX-License-Identifier: Apache-2.0
//
// Entries on their way into the table.
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

using ::testing::SizeIs;

class UplinkStoreJournalTest : public UplinkStoreFixture {
 protected:
  UplinkStoreJournalTest() { options_.boot_id = "boot"; }

  // What is in the table, which no call of the store has looked at.
  size_t InTable() const {
    size_t count = 0;
    EXPECT_TRUE(database_
                    ->Scan(database_->table(UplinkStore::kTable), "", "",
                           [&count](absl::string_view, absl::string_view) { return ++count > 0; })
                    .ok());
    return count;
  }
};

TEST_F(UplinkStoreJournalTest, EntriesComeIntoTheTableByThemselves) {
  Open();
  Append(5);
  EXPECT_EQ(InTable(), 0u);
  scheduler_.Advance(UplinkIntake::kGather);
  Drain(&executor_);
  EXPECT_EQ(InTable(), 5u);
  EXPECT_EQ(store_->statistics().appended, 5u);
  Append(1);
  scheduler_.Advance(UplinkIntake::kGather);
  Drain(&executor_);
  EXPECT_EQ(InTable(), 6u);
}

TEST_F(UplinkStoreJournalTest, WhatWasOnItsWaySurvivesAKill) {
  Open();
  Append(3);
  Read(1);
  Append(4);
  EXPECT_EQ(InTable(), 3u);
  Crash();
  EXPECT_EQ(InTable(), 7u);
  EXPECT_EQ(store_->next(), 8u);
  EXPECT_FALSE(store_->began_with_loss());
  const Met met = Read(1);
  ASSERT_THAT(met.entries, SizeIs(7));
  for (const Met::Entry& entry : met.entries) EXPECT_EQ(entry.payload, PayloadOf(entry.sequence));
}

TEST_F(UplinkStoreJournalTest, TurnsOfTheFilesDoNotMix) {
  Open();
  for (int round = 1; round <= 20; ++round) {
    for (int i = 0; i < 7; ++i) {
      Append(17);
      scheduler_.Advance(UplinkIntake::kGather);
      Drain(&executor_);
    }
    Append(5);
    Crash();
    if (HasFatalFailure()) return;
    const uint64_t count = round * (7 * 17 + 5);
    EXPECT_EQ(store_->next(), count + 1);
    const Met met = Read(1);
    ASSERT_THAT(met.entries, SizeIs(count));
    for (const Met::Entry& entry : met.entries) EXPECT_EQ(entry.payload, PayloadOf(entry.sequence));
  }
}

TEST_F(UplinkStoreJournalTest, AFullJournalKeepsNothingOut) {
  options_.journal_bytes = 2 << 10;
  Open();
  Append(100);
  EXPECT_GT(InTable(), 50u);
  EXPECT_LT(InTable(), 100u);
  EXPECT_THAT(Read(1).entries, SizeIs(100));
  Append(100);
  Crash();
  EXPECT_THAT(Read(1).entries, SizeIs(200));
}

// Whether the disk follows is the disk's affair: what it does not take is told.
TEST_F(UplinkStoreJournalTest, AFloodIsStoredOrTold) {
  database_options_.write_buffer_bytes = 64 << 10;
  Open();
  constexpr uint64_t kEntries = 5000;
  const std::string payload(1000, 'x');
  uint64_t refused = 0;
  for (uint64_t i = 1; i <= kEntries; ++i) {
    if (!store_->Append(i, scheduler_.Now(), kTopic, payload).ok()) ++refused;
  }
  const auto is_drained = [this] {
    store_->SeekTime(scheduler_.Now()).IgnoreError();
    const UplinkStore::Statistics statistics = store_->statistics();
    return statistics.appended + statistics.failed == kEntries;
  };
  const absl::Time end = absl::Now() + absl::Seconds(60);
  while (!is_drained() && absl::Now() < end) std::this_thread::yield();
  EXPECT_EQ(store_->statistics().failed, refused);
  uint64_t stored = 0;
  uint64_t missing = 0;
  for (const Met::Entry& entry : Read(1).entries) {
    entry.gap.has_value() ? missing += *entry.gap->lost : ++stored;
  }
  EXPECT_EQ(stored, store_->statistics().appended);
  EXPECT_EQ(missing, refused);
}

TEST_F(UplinkStoreJournalTest, WhatWasForgottenDoesNotComeBack) {
  options_.retention = absl::Minutes(1);
  Open();
  Append(10);
  scheduler_.Advance(absl::Minutes(2));
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 11u);
  Crash();
  EXPECT_EQ(store_->oldest(), 11u);
  EXPECT_EQ(store_->next(), 11u);
}

TEST_F(UplinkStoreJournalTest, WithEveryPacketSyncedThereIsNone) {
  Open();
  Append(3);
  options_.sync = UplinkStore::SyncPolicy::kEveryPacket;
  Crash();
  Append(4);
  EXPECT_EQ(InTable(), 7u);
  EXPECT_THAT(Read(1).entries, SizeIs(7));
  options_.sync = UplinkStore::SyncPolicy::kNever;
  Crash();
  EXPECT_THAT(Read(1).entries, SizeIs(7));
}

}  // namespace
}  // namespace wirepas_grpc::core
