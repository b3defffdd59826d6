// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/store.h"

#include <limits>
#include <numeric>

#include "gmock/gmock.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UplinkStoreTest : public UplinkStoreFixture {};

TEST_F(UplinkStoreTest, AnEmptyLogBeginsAtOne) {
  Open();
  EXPECT_EQ(store_->next(), 1u);
  EXPECT_EQ(store_->oldest(), 1u);
  EXPECT_FALSE(store_->oldest_time().has_value());
  EXPECT_FALSE(store_->began_with_loss());
  EXPECT_THAT(Read(1).entries, IsEmpty());
  EXPECT_EQ(last_.next, 1u);
  EXPECT_EQ(*store_->SeekTime(scheduler_.Now()), 1u);
}

TEST_F(UplinkStoreTest, WhatIsAppendedIsReadAsItWas) {
  Open();
  const std::string payload("\0\xff binary", 9);
  const absl::Time first = scheduler_.Now();
  ASSERT_TRUE(store_->Append(1, first, "a/topic", payload).ok());
  scheduler_.Advance(absl::Seconds(3));
  ASSERT_TRUE(store_->AppendGap(2, scheduler_.Now(), Gap{GapReason::kBrokerDisconnected, 7}).ok());
  ASSERT_TRUE(store_->Append(3, scheduler_.Now(), "", "").ok());

  const Met met = Read(1);
  ASSERT_EQ(met.entries.size(), 3u);
  EXPECT_EQ(met.entries[0].topic, "a/topic");
  EXPECT_EQ(met.entries[0].payload, payload);
  EXPECT_EQ(met.entries[0].arrival, first);
  ASSERT_TRUE(met.entries[1].gap.has_value());
  EXPECT_EQ(met.entries[1].gap->reason, GapReason::kBrokerDisconnected);
  EXPECT_EQ(met.entries[1].gap->lost, 7u);
  EXPECT_EQ(met.entries[2].sequence, 3u);
  EXPECT_EQ(met.entries[2].topic, "");
  EXPECT_EQ(last_.next, 4u);
  EXPECT_FALSE(last_.expired);
  EXPECT_EQ(store_->oldest_time(), first);
  EXPECT_EQ(store_->statistics().appended, 3u);
}

TEST_F(UplinkStoreTest, EntriesAndNumbersOutliveTheProcess) {
  Open();
  Append(5);
  const uint64_t first_run = store_->run_id();
  Reopen();
  EXPECT_NE(store_->run_id(), first_run);
  EXPECT_EQ(store_->next(), 6u);
  EXPECT_EQ(Append(), 6u);
  EXPECT_THAT(Read(1).sequences(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(UplinkStoreTest, AReadEndsAtItsLimits) {
  Open();
  Append(10);
  EXPECT_THAT(Read(2, {.max_entries = 3}).sequences(), ElementsAre(2, 3, 4));
  EXPECT_EQ(last_.next, 5u);
  const size_t size = sizeof(kTopic) - 1 + PayloadOf(1).size();
  EXPECT_THAT(Read(1, {.max_bytes = 2 * size}).sequences(), ElementsAre(1, 2));
  EXPECT_THAT(Read(1, {.max_bytes = 1}).sequences(), ElementsAre(1));
  EXPECT_THAT(Read(7, {.end = 9}).sequences(), ElementsAre(7, 8));
  EXPECT_EQ(last_.next, 9u);
  EXPECT_THAT(Read(9, {.end = 9}).entries, IsEmpty());
  EXPECT_EQ(last_.next, 9u);
  EXPECT_THAT(Read(99).entries, IsEmpty());
  EXPECT_EQ(last_.next, 99u);
  EXPECT_THAT(Read(1, {.max_entries = 0}).entries, IsEmpty());
  EXPECT_EQ(last_.next, 1u);
}

TEST_F(UplinkStoreTest, AnEntryTheVisitorRefusesIsReadAgain) {
  Open();
  Append(4);
  Met met;
  met.refuse_after = 2;
  EXPECT_EQ(store_->Read(1, {}, &met)->next, 3u);
  EXPECT_THAT(met.sequences(), ElementsAre(1, 2));
}

TEST_F(UplinkStoreTest, ANumberIsUsedOnce) {
  Open();
  Append(2);
  EXPECT_TRUE(absl::IsInvalidArgument(store_->Append(2, scheduler_.Now(), kTopic, "again")));
  EXPECT_TRUE(absl::IsInvalidArgument(
      store_->AppendGap(1, scheduler_.Now(), Gap{GapReason::kNotSubscribed, {}})));
  EXPECT_EQ(Read(2).entries.at(0).payload, PayloadOf(2));
}

TEST_F(UplinkStoreTest, HolesAreToldWhereTheyAre) {
  Open();
  Append(2);                                                              // 1, 2
  ASSERT_TRUE(store_->Append(5, scheduler_.Now(), kTopic, "five").ok());  // 3, 4 are missing
  ASSERT_TRUE(store_->Append(7, scheduler_.Now(), kTopic, "seven").ok());
  const Met met = Read(1);
  EXPECT_THAT(met.sequences(), ElementsAre(1, 2, 3, 5, 6, 7));
  EXPECT_EQ(met.entries[2].gap->reason, GapReason::kStorageLoss);
  EXPECT_EQ(met.entries[2].gap->lost, 2u);
  EXPECT_EQ(met.entries[4].gap->lost, 1u);
  // From within a hole, and up to within one.
  EXPECT_EQ(Read(4).entries.at(0).gap->lost, 1u);
  const Met cut = Read(2, {.end = 4});
  EXPECT_THAT(cut.sequences(), ElementsAre(2, 3));
  EXPECT_EQ(cut.entries[1].gap->lost, 1u);
  EXPECT_EQ(last_.next, 4u);
}

TEST_F(UplinkStoreTest, AMalformedEntryIsAMissingOne) {
  Open();
  Append(3);
  Read(1);  // from here on all is in the table
  const Database::Table table = database_->table(UplinkStore::kTable);
  for (const absl::string_view bad :
       {"", "\x01", "\x02\x01zzzzzzzzzzzzzzzz", "\x01\x03zzzzzzzzzz", "\x01\x01zzzzzzzz\xff\xff"}) {
    ASSERT_TRUE(database_->Put(table, UplinkKey(2), bad).ok());
    const Met met = Read(1);
    ASSERT_THAT(met.sequences(), ElementsAre(1, 2, 3));
    EXPECT_EQ(met.entries[1].gap->lost, 1u);
  }
  ASSERT_TRUE(database_->Put(table, "not a number", "x").ok());
  EXPECT_EQ(Read(1).entries.size(), 3u);
  Reopen();
  EXPECT_EQ(store_->next(), 4u);
}

TEST_F(UplinkStoreTest, SeekFindsTheFirstEntryOfATime) {
  Open();
  const absl::Time start = scheduler_.Now();
  for (int i = 0; i < 100; ++i) {
    Append();
    scheduler_.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(*store_->SeekTime(absl::InfinitePast()), 1u);
  EXPECT_EQ(*store_->SeekTime(start), 1u);
  EXPECT_EQ(*store_->SeekTime(start + absl::Milliseconds(1)), 2u);
  EXPECT_EQ(*store_->SeekTime(start + absl::Seconds(41)), 42u);
  EXPECT_EQ(*store_->SeekTime(start + absl::Seconds(99)), 100u);
  EXPECT_EQ(*store_->SeekTime(start + absl::Seconds(100)), 101u);
  EXPECT_EQ(*store_->SeekTime(absl::InfiniteFuture()), 101u);
}

TEST_F(UplinkStoreTest, SeekGoesOverHoles) {
  Open();
  const absl::Time start = scheduler_.Now();
  for (const uint64_t sequence : {1, 50, 51, 1000}) {
    ASSERT_TRUE(store_->Append(sequence, scheduler_.Now(), kTopic, "x").ok());
    scheduler_.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(*store_->SeekTime(start + absl::Seconds(1)), 50u);
  EXPECT_EQ(*store_->SeekTime(start + absl::Seconds(3)), 1000u);
  EXPECT_EQ(*store_->SeekTime(start + absl::Seconds(4)), 1001u);
}

TEST_F(UplinkStoreTest, SeekComesBackFromAClockThatWasPutBack) {
  Open();
  const absl::Time start = scheduler_.Now();
  for (int i = 0; i < 300; ++i) {
    if (i == 100) scheduler_.JumpTo(start - absl::Hours(5));
    if (i == 200) scheduler_.JumpTo(start + absl::Hours(1));
    Append();
    scheduler_.Advance(absl::Seconds(1));
  }
  for (int hours = -6; hours <= 2; ++hours) {
    const auto found = store_->SeekTime(start + absl::Hours(hours));
    ASSERT_TRUE(found.ok());
    if (*found == store_->next()) continue;
    EXPECT_GE(Read(*found).entries.at(0).arrival, start + absl::Hours(hours));
  }
  EXPECT_EQ(*store_->SeekTime(start + absl::Hours(2)), 301u);
}

TEST_F(UplinkStoreTest, RecentPacketsComeWithTheNewestLast) {
  Open();
  Append(3);
  ASSERT_TRUE(store_->AppendGap(4, scheduler_.Now(), Gap{GapReason::kNotSubscribed, {}}).ok());
  ASSERT_TRUE(store_->Append(5, scheduler_.Now(), "last/topic", "last").ok());
  Reopen();
  std::vector<std::string> payloads;
  const auto collect = [&](absl::string_view, absl::string_view payload) {
    payloads.emplace_back(payload);
  };
  ASSERT_TRUE(store_->VisitRecent(3, collect).ok());
  EXPECT_THAT(payloads, ElementsAre(PayloadOf(2), PayloadOf(3), "last"));
  payloads.clear();
  ASSERT_TRUE(store_->VisitRecent(100, collect).ok());
  EXPECT_EQ(payloads.size(), 4u);
  payloads.clear();
  ASSERT_TRUE(store_->VisitRecent(0, collect).ok());
  EXPECT_THAT(payloads, IsEmpty());
}

TEST_F(UplinkStoreTest, AppendingAfterTheEndIsRefused) {
  Open();
  Append();
  store_->Close();
  store_->Close();
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->Append(2, scheduler_.Now(), kTopic, "x")));
  EXPECT_EQ(Read(1).entries.size(), 1u);
}

TEST_F(UplinkStoreTest, TheLogIsSyncedOncePerIntervalAndOnlyWhenSomethingCame) {
  options_.sync = UplinkStore::SyncPolicy::kInterval;
  Open();
  const auto advance = [this] {
    scheduler_.Advance(absl::Seconds(1));
    Drain(&executor_);
  };
  advance();
  EXPECT_EQ(store_->statistics().syncs, 0u);
  Append(10);
  advance();
  EXPECT_EQ(store_->statistics().syncs, 1u);
  advance();
  EXPECT_EQ(store_->statistics().syncs, 1u);
  Append();
  advance();
  EXPECT_EQ(store_->statistics().syncs, 2u);
}

TEST_F(UplinkStoreTest, OtherPoliciesNeedNoIntervalSync) {
  for (const auto policy :
       {UplinkStore::SyncPolicy::kNever, UplinkStore::SyncPolicy::kEveryPacket}) {
    options_.sync = policy;
    Reopen();
    Append(3);
    scheduler_.Advance(absl::Seconds(5));
    Drain(&executor_);
    EXPECT_EQ(store_->statistics().syncs, 0u);
  }
  EXPECT_EQ(Read(1).entries.size(), 6u);
}

TEST_F(UplinkStoreTest, UpkeepTellsTheSizeOnDisk) {
  Open();
  const uint64_t before = store_->statistics().bytes_on_disk;
  EXPECT_GT(before, 0u);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(
        store_->Append(store_->next(), scheduler_.Now(), kTopic, std::string(1000, 'x')).ok());
  }
  scheduler_.Advance(absl::Seconds(20));
  Drain(&executor_);
  EXPECT_GT(store_->statistics().bytes_on_disk, before + 90000);
}

}  // namespace
}  // namespace wirepas_grpc::core
