// SPDX-License-Identifier: Apache-2.0
//
// What opening a database says of folders it cannot use, and of damaged ones.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/storage/rocksdb_log.h"
#include "gmock/gmock.h"
#include "tests/core/storage/database_fixture.h"

namespace wirepas_grpc::core {
namespace {

namespace fs = ::std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DatabaseOpenTest : public DatabaseFixture {
 protected:
  // The error of opening options_.directory; its message names the folder in one line.
  absl::Status Error() {
    const absl::Status status = Database::Open(options_, {"things"}).status();
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(options_.directory), Not(HasSubstr("\n"))));
    return status;
  }
};

TEST_F(DatabaseOpenTest, TheFolderIsMadeForItsOwnerAlone) {
  Open();
  struct stat status;
  ASSERT_EQ(stat(options_.directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  EXPECT_FALSE(fs::exists(options_.directory + "/LOG"));
  EXPECT_FALSE(fs::exists(options_.directory + "/salvage"));
}

TEST_F(DatabaseOpenTest, AMissingParentIsNotMade) {
  options_.directory = folder_.File("no/state");
  EXPECT_TRUE(absl::IsNotFound(Error()));
}

TEST_F(DatabaseOpenTest, AFileIsNoFolder) {
  std::ofstream(options_.directory) << "file";
  EXPECT_TRUE(absl::IsFailedPrecondition(Error()));
  options_.directory += "/below";
  EXPECT_TRUE(absl::IsFailedPrecondition(Error()));
}

TEST_F(DatabaseOpenTest, AFolderThatMayNotBeWrittenIsTold) {
  if (geteuid() == 0) {
    // root may write everywhere but where nobody can.
    options_.directory = "/proc/state";
    const absl::Status status = Error();
    EXPECT_TRUE(absl::IsPermissionDenied(status) || absl::IsNotFound(status)) << status;
    return;
  }
  fs::create_directory(options_.directory);
  fs::permissions(options_.directory, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_TRUE(absl::IsPermissionDenied(Error()));
}

TEST_F(DatabaseOpenTest, OneObjectUsesAFolderAtATime) {
  Open();
  const absl::Status status = Error();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("in use"));
  // The one that has it is not disturbed.
  EXPECT_TRUE(database_->Put(things_, "a", "1").ok());
  database_.reset();
  Open();
  EXPECT_EQ(Scan(things_), "a=1");
}

// All files of a folder but the lock, which is taken to look.
std::map<std::string, std::string> FilesOf(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() == "LOCK") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().filename()] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

// What a later version has written may look damaged to this one.
TEST_F(DatabaseOpenTest, ALaterFormatIsRefusedInALineAndLeftAsItIs) {
  Open();
  ASSERT_TRUE(database_->Put(things_, "a", "1").ok());
  database_.reset();
  std::ofstream(options_.directory + "/format") << "format 2\nformat 2\nversion 9.8.7\n";
  for (const auto& entry : fs::directory_iterator(options_.directory)) {
    if (entry.path().filename().string().find("MANIFEST") == 0) {
      std::ofstream(entry.path()) << "another form";
    }
  }
  const auto before = FilesOf(options_.directory);
  const absl::Status status = Error();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(HasSubstr("written by version 9.8.7 in format 2"),
                             testing::Not(HasSubstr("\n"))));
  EXPECT_EQ(FilesOf(options_.directory), before);
}

TEST_F(DatabaseOpenTest, AFormatFileThatIsDamagedOrMissingKeepsNobodyOut) {
  Open();
  ASSERT_TRUE(database_->Put(things_, "a", "1").ok());
  database_.reset();
  const std::string file = options_.directory + "/format";
  const std::string whole = FilesOf(options_.directory).at("format");
  EXPECT_EQ(whole, "format 1\nformat 1\nversion ?\n");
  for (const char* text : {"", "format 2\nformat 1\nversion 1\n", "format 2", "\n\n\n\n", "gone"}) {
    SCOPED_TRACE(text);
    fs::remove(file);
    if (std::string(text) != "gone") std::ofstream(file) << text;
    Open();
    EXPECT_EQ(Scan(things_), "a=1");
    EXPECT_FALSE(database_->recovery().Damaged());
    database_.reset();
    EXPECT_EQ(FilesOf(options_.directory).at("format"), whole);
  }
}

TEST_F(DatabaseOpenTest, TablesThatAreNotNamedStay) {
  Open();
  ASSERT_TRUE(database_->Put(others_, "a", "1").ok());
  database_.reset();
  {
    const auto fewer = Database::Open(options_, {"things"});
    ASSERT_TRUE(fewer.ok()) << fewer.status();
    EXPECT_FALSE((*fewer)->recovery().Damaged());
  }
  Open();
  EXPECT_EQ(Scan(others_), "a=1");
}

TEST_F(DatabaseOpenTest, ARepairTellsWhatItDroppedAndKeepsItAside) {
  Open();
  ASSERT_TRUE(database_->Put(things_, "in a file", "x").ok());
  ASSERT_TRUE(database_->Flush().ok());
  ASSERT_TRUE(database_->Put(others_, "in the log", "x").ok());
  database_.reset();
  uint64_t dropped = 0;
  for (const auto& entry : fs::directory_iterator(options_.directory)) {
    // The largest table file but those of one entry is not told apart: all are cut.
    if (entry.path().extension() != ".sst") continue;
    fs::resize_file(entry.path(), entry.file_size() - 1);
    dropped += entry.file_size() - 1;
  }
  Open();
  const Recovery& recovery = database_->recovery();
  EXPECT_TRUE(recovery.Damaged());
  EXPECT_TRUE(recovery.repaired || !recovery.set_aside.empty());
  EXPECT_GE(recovery.bytes_dropped, dropped);
  EXPECT_FALSE(recovery.details.empty());
  EXPECT_LE(recovery.details.size(), kMaxRecoveryDetails);
  Reopen();
  EXPECT_FALSE(database_->recovery().Damaged());
}

TEST_F(DatabaseOpenTest, FilesTheManifestForgotAreReadBack) {
  Open();
  ASSERT_TRUE(database_->Put(things_, "a", "1").ok());
  ASSERT_TRUE(database_->Flush().ok());
  // As it was before the second file came.
  const std::string old = folder_.File("old");
  ASSERT_TRUE(CopyAtRest(options_.directory, old));
  ASSERT_TRUE(database_->Put(things_, "b", "2").ok());
  ASSERT_TRUE(database_->Put(things_, "a", "9").ok());
  ASSERT_TRUE(database_->Flush().ok());
  database_.reset();
  for (const auto& entry : fs::directory_iterator(options_.directory)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("MANIFEST") || name == "CURRENT") fs::remove(entry.path());
    if (entry.path().extension() == ".log") fs::remove(entry.path());
  }
  for (const auto& entry : fs::directory_iterator(old)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("MANIFEST") || name == "CURRENT") {
      fs::copy(entry.path(), options_.directory + "/" + name);
    }
  }
  Open();
  EXPECT_EQ(*database_->Get(things_, "b"), "2");
  EXPECT_GT(database_->recovery().entries_salvaged, 0u);
  EXPECT_FALSE(fs::exists(options_.directory + "/salvage"));
}

// The end may come before RocksDB has removed a file that it no longer needs.
TEST_F(DatabaseOpenTest, AFileLeftBehindBringsNoDeletedKeyBack) {
  Open();
  ASSERT_TRUE(database_->Put(others_, "gone", "value").ok());
  ASSERT_TRUE(database_->Flush().ok());
  const std::string kept = folder_.File("kept");
  fs::create_directory(kept);
  for (const auto& file : fs::directory_iterator(options_.directory)) {
    if (file.path().extension() == ".sst") fs::copy(file.path(), kept);
  }
  ASSERT_FALSE(fs::is_empty(kept));
  ASSERT_TRUE(database_->Delete(others_, "gone").ok());
  ASSERT_TRUE(database_->Flush().ok());
  database_.reset();
  int number = 900000;
  for (const auto& file : fs::directory_iterator(kept)) {
    fs::copy(file.path(), options_.directory + "/" + std::to_string(++number) + ".sst");
  }
  Open();
  EXPECT_TRUE(absl::IsNotFound(database_->Get(others_, "gone").status()));
}

TEST_F(DatabaseOpenTest, AnIdleDatabaseIsSmall) {
  const auto resident = [] {
    std::ifstream file("/proc/self/statm");
    uint64_t size = 0;
    uint64_t pages = 0;
    uint64_t shared = 0;
    file >> size >> pages >> shared;
    return (pages - shared) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  };
  const uint64_t before = resident();
  Open();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(resident(), before + (12 << 20));
#else
  static_cast<void>(before);
#endif
}

TEST(RocksDbLogTest, DroppedBytesAreReadFromTheLinesThatTellThem) {
  EXPECT_EQ(DroppedBytes("000004.log: dropping 1234 bytes; Corruption: bad record"), 1234u);
  EXPECT_EQ(DroppedBytes("Log #7: dropping 9 bytes; x"), 9u);
  EXPECT_EQ(DroppedBytes("dropping column family"), 0u);
  EXPECT_EQ(DroppedBytes("dropping  bytes"), 0u);
  EXPECT_EQ(DroppedBytes("dropping 12"), 0u);
  EXPECT_EQ(DroppedBytes(""), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
