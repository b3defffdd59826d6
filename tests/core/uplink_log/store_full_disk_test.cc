// SPDX-License-Identifier: Apache-2.0
//
// A file system of a few megabytes that fills up.
#include <filesystem>

#include "gmock/gmock.h"
#include "tests/core/uplink_log/full_disk_fixture.h"

namespace wirepas_grpc::core {
namespace {

using UplinkStoreFullDiskTest = FullDiskFixture;

TEST_F(UplinkStoreFullDiskTest, WritesFailWhileItIsFullAndSucceedAfterwards) {
  Open();
  Append(100);
  Fill();
  const uint64_t first_lost = AppendUntilItFails();
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(absl::IsResourceExhausted(TryAppend()));
  Upkeep();
  EXPECT_TRUE(absl::IsResourceExhausted(TryAppend()));
  const uint64_t last_lost = store_->next() - 1;
  EXPECT_EQ(store_->statistics().failed, last_lost - first_lost + 1);
  EXPECT_EQ(
      Read(1, {.max_entries = 100000, .max_bytes = 10 << 20, .end = first_lost}).entries.size(),
      first_lost - 1);

  std::filesystem::remove(Ballast());
  Upkeep();
  const uint64_t stored = Append();
  EXPECT_EQ(stored, last_lost + 1);
  const Met met = Read(first_lost);
  ASSERT_EQ(met.entries.size(), 2u);
  EXPECT_EQ(met.entries[0].gap->lost, last_lost - first_lost + 1);
  EXPECT_EQ(met.entries[1].sequence, stored);

  // Again, and over a restart.
  Fill();
  AppendUntilItFails();
  std::filesystem::remove(Ballast());
  Upkeep();
  Append(10);
  const uint64_t next = store_->next();
  Reopen();
  EXPECT_EQ(store_->next(), next);
  EXPECT_FALSE(store_->began_with_loss());
  EXPECT_EQ(Read(1).entries.back().sequence, next - 1);
}

// RocksDB ends the process when a log that has failed is synced by it for the first time.
TEST_F(UplinkStoreFullDiskTest, SyncsWhileItIsFull) {
  options_.sync = UplinkStore::SyncPolicy::kInterval;
  Open();
  Append(1);
  Fill();
  AppendUntilItFails();
  EXPECT_TRUE(absl::IsResourceExhausted(database_->Sync()));
  EXPECT_TRUE(absl::IsResourceExhausted(database_->Flush()));
  for (int i = 0; i < 3; ++i) Upkeep();
  EXPECT_EQ(store_->statistics().syncs, 0u);

  std::filesystem::remove(Ballast());
  Upkeep();
  Append(1);
  Upkeep();
  EXPECT_GT(store_->statistics().syncs, 0u);
}

TEST_F(UplinkStoreFullDiskTest, WhatWasOnItsWayIsToldToo) {
  options_.journal_bytes = 256 << 10;
  Open();
  Append(100);
  Fill();
  while (store_->statistics().failed == 0 && !HasFailure()) {
    for (int i = 0; i < 100; ++i) TryAppend().IgnoreError();
    scheduler_.Advance(UplinkIntake::kGather);
    Drain(&executor_);
    ASSERT_LT(store_->next(), 100'000u);
  }
  std::filesystem::remove(Ballast());
  Upkeep();
  const uint64_t stored = Append();
  const Met met = Read(1, {.max_entries = 200'000, .max_bytes = 100 << 20});
  uint64_t lost = 0;
  for (const Met::Entry& entry : met.entries) {
    if (entry.gap.has_value()) lost += *entry.gap->lost;
  }
  EXPECT_EQ(lost, store_->statistics().failed);
  EXPECT_EQ(met.entries.back().sequence, stored);
}

TEST_F(UplinkStoreFullDiskTest, RetentionFreesAFullDisk) {
  options_.retention = absl::Hours(1);
  options_.retention_interval = absl::Seconds(1);
  Open();
  const uint64_t first_lost = AppendUntilItFails();
  Upkeep();
  EXPECT_TRUE(absl::IsResourceExhausted(TryAppend()));
  scheduler_.Advance(absl::Hours(2));
  for (int i = 0; i < 3; ++i) Upkeep();
  const uint64_t stored = Append();
  EXPECT_GT(stored, first_lost);
  const Met met = Read(stored);
  ASSERT_EQ(met.entries.size(), 1u);
  EXPECT_EQ(met.entries[0].sequence, stored);
}

TEST_F(UplinkStoreFullDiskTest, WhatCouldNotBeStoredIsToldAfterAnUncleanEnd) {
  options_.boot_id = "boot";
  Open();
  Append(100);
  Fill();
  const uint64_t first_lost = AppendUntilItFails();
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(absl::IsResourceExhausted(TryAppend()));
  // As a SIGKILL leaves the files.
  const std::string copy = folder_.File("copy");
  ASSERT_TRUE(CopyAtRest(database_options_.directory, copy));
  CloseAll();
  database_options_.directory = copy;
  Open();
  EXPECT_EQ(store_->next(), first_lost + 10);
  EXPECT_FALSE(store_->began_with_loss());
  const Met met = Read(first_lost);
  ASSERT_EQ(met.entries.size(), 1u);
  EXPECT_EQ(met.entries[0].gap->lost, 10u);
}

TEST_F(UplinkStoreFullDiskTest, AFullDiskIsToldWhenOpening) {
  Fill();
  const auto database = Database::Open(database_options_, {UplinkStore::kTable});
  EXPECT_TRUE(absl::IsResourceExhausted(database.status())) << database.status();
  std::filesystem::remove(Ballast());
  Open();
  Append(10);
  CloseAll();
  Fill();
  const auto again = Database::Open(database_options_, {UplinkStore::kTable});
  EXPECT_TRUE(absl::IsResourceExhausted(again.status())) << again.status();
  EXPECT_THAT(std::string(again.status().message()),
              ::testing::HasSubstr(database_options_.directory));
  std::filesystem::remove(Ballast());
  Open();
  EXPECT_EQ(store_->next(), 11u);
  EXPECT_EQ(Read(1).entries.size(), 10u);
}

TEST_F(UplinkStoreFullDiskTest, TheLogKeepsToItsBoundOnASmallDisk) {
  options_.max_bytes = 512 << 10;
  database_options_.write_buffer_bytes = 64 << 10;
  Open();
  for (int i = 0; i < 200; ++i) {
    Append(100);
    ASSERT_TRUE(store_->ApplyRetention().ok());
  }
  EXPECT_EQ(store_->statistics().failed, 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
