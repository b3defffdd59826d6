// SPDX-License-Identifier: Apache-2.0
#include "core/storage/database.h"

#include <thread>

#include "gtest/gtest.h"
#include "tests/core/storage/database_fixture.h"

namespace wirepas_grpc::core {
namespace {

class DatabaseTest : public DatabaseFixture {
 protected:
  void SetUp() override { Open(); }
};

TEST_F(DatabaseTest, WhatIsPutIsThereAlsoAfterAReopen) {
  ASSERT_TRUE(database_->Put(things_, "a", "1").ok());
  ASSERT_TRUE(database_->Put(things_, "b", std::string("\0x", 2)).ok());
  ASSERT_TRUE(database_->Put(things_, "a", "2", Database::Durability::kMachine).ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(*database_->Get(things_, "a"), "2");
    EXPECT_EQ(*database_->Get(things_, "b"), std::string("\0x", 2));
    EXPECT_TRUE(absl::IsNotFound(database_->Get(things_, "c").status()));
    EXPECT_TRUE(absl::IsNotFound(database_->Get(others_, "a").status()));
    EXPECT_TRUE(absl::IsNotFound(database_->Get(database_->meta(), "a").status()));
    Reopen();
    EXPECT_FALSE(database_->recovery().Damaged());
  }
}

TEST_F(DatabaseTest, DeletedKeysAreGone) {
  for (const char* key : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(database_->Put(things_, key, "x").ok());
  }
  ASSERT_TRUE(database_->Delete(things_, "a").ok());
  ASSERT_TRUE(database_->Delete(things_, "never there").ok());
  EXPECT_EQ(Scan(things_), "b=x c=x d=x");
  Reopen();
  EXPECT_EQ(Scan(things_), "b=x c=x d=x");
}

TEST_F(DatabaseTest, ABatchSpansTables) {
  ASSERT_TRUE(database_->Put(things_, "old", "x").ok());
  Database::Batch batch;
  batch.Put(things_, "a", "1");
  batch.Put(others_, "b", "2");
  batch.Put(database_->meta(), "c", "3");
  batch.Delete(things_, "old");
  ASSERT_TRUE(database_->Write(batch, Database::Durability::kMachine).ok());
  Reopen();
  EXPECT_EQ(Scan(things_), "a=1");
  EXPECT_EQ(Scan(others_), "b=2");
  EXPECT_EQ(*database_->Get(database_->meta(), "c"), "3");
}

TEST_F(DatabaseTest, ScansGoInOrderWithinTheirBounds) {
  for (const char* key : {"d", "a", "c", "b"}) {
    ASSERT_TRUE(database_->Put(things_, key, "x").ok());
    ASSERT_TRUE(database_->Flush().ok());  // some in files, some in memory
  }
  ASSERT_TRUE(database_->Put(things_, "aa", "y").ok());
  EXPECT_EQ(Scan(things_), "a=x aa=y b=x c=x d=x");
  EXPECT_EQ(Scan(things_, "aa", "c"), "aa=y b=x");
  EXPECT_EQ(Scan(things_, "ab"), "b=x c=x d=x");
  EXPECT_EQ(Scan(things_, "e"), "");
  EXPECT_EQ(Scan(things_, "c", "b"), "");
  EXPECT_EQ(ScanBackward(things_), "d=x c=x b=x aa=y a=x");
  EXPECT_EQ(ScanBackward(things_, "aa", "c"), "b=x aa=y");
  int visited = 0;
  ASSERT_TRUE(database_
                  ->Scan(things_, "", "",
                         [&](absl::string_view, absl::string_view) { return ++visited < 2; })
                  .ok());
  EXPECT_EQ(visited, 2);
}

TEST_F(DatabaseTest, AScanSeesTheMomentItBegan) {
  ASSERT_TRUE(database_->Put(things_, "a", "1").ok());
  std::string met;
  ASSERT_TRUE(database_
                  ->Scan(things_, "", "",
                         [&](absl::string_view key, absl::string_view) {
                           met += std::string(key);
                           EXPECT_TRUE(database_->Put(things_, "b", "2").ok());
                           return true;
                         })
                  .ok());
  EXPECT_EQ(met, "a");
}

TEST_F(DatabaseTest, SizesGrowWithWhatIsInMemoryAndOnDisk) {
  EXPECT_LT(database_->ApproximateSize(things_, "", ""), 3000u);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(database_->Put(things_, absl::StrCat(100000 + i), std::string(100, 'x')).ok());
  }
  EXPECT_GT(database_->ApproximateSize(things_, "", ""), 10000u);  // a rough guess
  ASSERT_TRUE(database_->Flush().ok());
  EXPECT_GT(database_->ApproximateSize(things_, "", ""), 100000u);
  EXPECT_LT(database_->ApproximateSize(things_, "100900", ""), 40000u);
  EXPECT_LT(database_->ApproximateSize(others_, "", ""), 3000u);
  EXPECT_GT(database_->DiskBytes(), 100000u);
}

TEST_F(DatabaseTest, DroppedFilesGiveTheirSpaceBack) {
  options_.write_buffer_bytes = 64 << 10;
  Reopen();
  for (int i = 0; i < 20000; ++i) {
    ASSERT_TRUE(database_->Put(things_, absl::StrCat(100000 + i), std::string(100, 'x')).ok());
  }
  ASSERT_TRUE(database_->Flush().ok());
  const uint64_t before = database_->DiskBytes();
  EXPECT_GT(before, 2000000u);
  ASSERT_TRUE(database_->DropFiles(things_, "", "119000").ok());
  Reopen();  // no file waits to be removed then
  EXPECT_LT(database_->DiskBytes(), before / 4);
  EXPECT_EQ(*database_->Get(things_, "119500"), std::string(100, 'x'));
  EXPECT_TRUE(absl::IsNotFound(database_->Get(things_, "100500").status()));
}

TEST_F(DatabaseTest, ManyThreadsWriteReadAndSync) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 2000; ++i) {
        EXPECT_TRUE(database_->Put(things_, absl::StrCat(t, "/", i), "x").ok());
        EXPECT_TRUE(database_->Get(things_, absl::StrCat(t, "/", i)).ok());
        if (i % 500 == 0) {
          EXPECT_TRUE(database_->Sync().ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int entries = 0;
  ASSERT_TRUE(database_
                  ->Scan(things_, "", "",
                         [&](absl::string_view, absl::string_view) {
                           ++entries;
                           return true;
                         })
                  .ok());
  EXPECT_EQ(entries, 6000);
}

TEST_F(DatabaseTest, ThereIsNothingToResumeWithoutAFailure) {
  EXPECT_FALSE(database_->failing());
  EXPECT_TRUE(database_->Resume().ok());
}

}  // namespace
}  // namespace wirepas_grpc::core
