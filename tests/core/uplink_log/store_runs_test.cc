// SPDX-License-Identifier: Apache-2.0
//
// Ends that were clean and ends that were not, and cursors over them.
#include <filesystem>
#include <fstream>

#include "core/uplink_log/runs.h"
#include "gmock/gmock.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

namespace fs = ::std::filesystem;
using ::testing::ElementsAre;

class UplinkStoreRunsTest : public UplinkStoreFixture {
 protected:
  UplinkStoreRunsTest() { options_.boot_id = "boot one"; }
};

TEST_F(UplinkStoreRunsTest, AnUncleanEndOnTheSameBootLosesNothing) {
  Open();
  Append(3);
  const uint64_t run = store_->run_id();
  Crash();
  EXPECT_FALSE(store_->began_with_loss());
  EXPECT_EQ(store_->next(), 4u);
  const auto place = store_->Resolve(run, 4);
  ASSERT_TRUE(place.has_value());
  EXPECT_TRUE(place->exact);
  EXPECT_EQ(place->sequence, 4u);
}

TEST_F(UplinkStoreRunsTest, AnUncleanEndOnAnotherBootIsToldByAMarker) {
  Open();
  Append(3);
  const uint64_t run = store_->run_id();
  options_.boot_id = "boot two";
  Crash();
  EXPECT_TRUE(store_->began_with_loss());
  const uint64_t marker = store_->next() - 1;
  EXPECT_GT(marker, uint64_t{1} << 40);  // beyond any number that may be lost
  Append();
  const Met met = Read(1);
  ASSERT_THAT(met.sequences(), ElementsAre(1, 2, 3, marker, marker + 1));
  EXPECT_EQ(met.entries[3].gap->reason, GapReason::kStorageLoss);
  EXPECT_FALSE(met.entries[3].gap->lost.has_value());

  // A reader that saw what is kept goes on exactly, and meets the marker.
  EXPECT_TRUE(store_->Resolve(run, 4)->exact);
  EXPECT_EQ(Read(4).entries.at(0).sequence, marker);
  // One that saw more is told that something may be lost, and not by the marker too.
  const auto place = store_->Resolve(run, 100);
  ASSERT_TRUE(place.has_value());
  EXPECT_FALSE(place->exact);
  EXPECT_EQ(place->sequence, marker + 1);
  Reopen();
  EXPECT_EQ(store_->Resolve(run, 100)->sequence, marker + 1);
}

TEST_F(UplinkStoreRunsTest, ACleanEndOnAnotherBootLosesNothing) {
  Open();
  Append(3);
  options_.boot_id = "boot two";
  Reopen();
  EXPECT_FALSE(store_->began_with_loss());
  EXPECT_EQ(store_->next(), 4u);
}

TEST_F(UplinkStoreRunsTest, WithEveryPacketSyncedAnotherBootLosesNothing) {
  options_.sync = UplinkStore::SyncPolicy::kEveryPacket;
  Open();
  Append(3);
  options_.boot_id = "boot two";
  Crash();
  EXPECT_FALSE(store_->began_with_loss());
  EXPECT_EQ(store_->next(), 4u);
}

// Power is lost while a packet is written: its sender was never told that it is stored.
TEST_F(UplinkStoreRunsTest, WithEveryPacketSyncedARecordThatIsCutOffIsNoLoss) {
  options_.sync = UplinkStore::SyncPolicy::kEveryPacket;
  Open();
  Append(3);
  const std::string copy = folder_.File("cut off");
  ASSERT_TRUE(CopyAtRest(database_options_.directory, copy));
  fs::path log;
  for (const auto& entry : fs::directory_iterator(copy)) {
    if (entry.path().extension() == ".log" && entry.path() > log) log = entry.path();
  }
  // As long as the beginning of a record's header.
  std::ofstream(log, std::ios::app | std::ios::binary) << std::string("\x01\x02\x03", 3);
  CloseAll();
  database_options_.directory = copy;
  options_.boot_id = "boot two";
  Open();
  EXPECT_EQ(database_->recovery().torn_bytes, 3u);
  EXPECT_FALSE(store_->began_with_loss());
  EXPECT_EQ(store_->next(), 4u);
}

TEST_F(UplinkStoreRunsTest, ACleanEndKeepsNumbersThatLeftAHoleAtTheEnd) {
  Open();
  Append(3);
  // 4 to 9 could not be stored.
  ASSERT_TRUE(store_->Append(10, scheduler_.Now(), kTopic, "ten").ok());
  Read(1);  // from here on all is in the table
  ASSERT_TRUE(database_->Delete(database_->table(UplinkStore::kTable), UplinkKey(10)).ok());
  const uint64_t run = store_->run_id();
  Reopen();
  EXPECT_EQ(store_->next(), 11u);
  EXPECT_TRUE(store_->Resolve(run, 5)->exact);
  const Met met = Read(4);
  EXPECT_THAT(met.sequences(), ElementsAre(4));
  EXPECT_EQ(met.entries[0].gap->lost, 7u);
}

TEST_F(UplinkStoreRunsTest, CursorsOfManyRunsResolve) {
  std::vector<uint64_t> runs;
  for (int i = 0; i < 5; ++i) {
    Reopen();
    runs.push_back(store_->run_id());
    Append(10);
  }
  for (int i = 0; i < 5; ++i) {
    for (const uint64_t next : {10 * i + 1, 10 * i + 5, 10 * i + 11}) {
      const auto place = store_->Resolve(runs[i], next);
      ASSERT_TRUE(place.has_value());
      EXPECT_TRUE(place->exact);
      EXPECT_EQ(place->sequence, next);
    }
  }
  EXPECT_FALSE(store_->Resolve(runs[2], 32)->exact);
  EXPECT_EQ(store_->Resolve(runs[2], 32)->sequence, 31u);
  // A number the current run has not given out yet.
  EXPECT_FALSE(store_->Resolve(store_->run_id(), 99)->exact);
  EXPECT_EQ(store_->Resolve(store_->run_id(), 99)->sequence, 51u);
  EXPECT_FALSE(store_->Resolve(runs[0] + 1, 1).has_value());
}

TEST_F(UplinkStoreRunsTest, RunsGoWithTheirEntries) {
  Open();
  const uint64_t first = store_->run_id();
  Append(10);
  Reopen();
  const uint64_t second = store_->run_id();
  scheduler_.Advance(absl::Hours(1));
  Append(10);
  options_.retention = absl::Minutes(30);
  Reopen();
  Append(1);
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 11u);
  // Its end is still within what is kept: a cursor there misses nothing.
  EXPECT_TRUE(store_->Resolve(first, 11)->exact);
  scheduler_.Advance(absl::Hours(1));
  Append(1);
  ASSERT_TRUE(store_->ApplyRetention().ok());
  EXPECT_EQ(store_->oldest(), 22u);
  EXPECT_FALSE(store_->Resolve(first, 11).has_value());
  EXPECT_FALSE(store_->Resolve(second, 21).has_value());
  Reopen();
  EXPECT_FALSE(store_->Resolve(first, 11).has_value());
  EXPECT_EQ(store_->oldest(), 22u);
}

TEST_F(UplinkStoreRunsTest, TheNumberOfRunsIsBounded) {
  Open();
  UplinkRuns runs(database_.get());
  ASSERT_TRUE(runs.Load().ok());
  const uint64_t present = runs.size();
  for (uint64_t i = 0; i < UplinkRuns::kMaxRuns + 10; ++i) {
    Database::Batch batch;
    UplinkRun run;
    run.id = 1000000 + i;
    run.first = 1;
    ASSERT_TRUE(runs.Start(1, run, &batch).ok());
  }
  EXPECT_EQ(runs.size(), UplinkRuns::kMaxRuns);
  EXPECT_FALSE(runs.Resolve(1000000 + 9 - present, 1, 1).has_value());
  EXPECT_TRUE(runs.Resolve(1000000 + UplinkRuns::kMaxRuns + 9, 1, 1).has_value());
  UplinkRuns loaded(database_.get());
  ASSERT_TRUE(loaded.Load().ok());
  EXPECT_EQ(loaded.size(), UplinkRuns::kMaxRuns);
}

}  // namespace
}  // namespace wirepas_grpc::core
