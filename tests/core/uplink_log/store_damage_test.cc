// SPDX-License-Identifier: Apache-2.0
//
// Files of the state folder that are cut off, missing or overwritten.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "gmock/gmock.h"
#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {
namespace {

namespace fs = ::std::filesystem;

class UplinkStoreDamageTest : public UplinkStoreFixture {
 protected:
  UplinkStoreDamageTest() {
    options_.boot_id = "boot";
    options_.sync = UplinkStore::SyncPolicy::kNever;
    database_options_.write_buffer_bytes = 64 << 10;
  }

  // A log of three runs with table files on several levels and entries that are in the
  // write-ahead log only, as a SIGKILL leaves it.
  void MakeOriginal() {
    for (int run = 0; run < 3; ++run) {
      Open();
      for (int i = 0; i < 1500; ++i) Append();
      if (run < 2) CloseAll();
    }
    used_ = store_->next();
    ASSERT_TRUE(CopyAtRest(database_options_.directory, original()));
    CloseAll();
  }

  std::string original() const { return folder_.File("original"); }

  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(original())) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  // A fresh copy of the original to open.
  std::string Restore() {
    CloseAll();
    fs::remove_all(database_options_.directory);
    fs::copy(original(), database_options_.directory, fs::copy_options::recursive);
    return database_options_.directory;
  }

  // Opens, checks all that must hold of a damaged log, and returns how many of the
  // entries are left.
  size_t Check(const std::string& what, bool must_tell = true) {
    SCOPED_TRACE(what);
    Open();
    if (HasFatalFailure()) return 0;
    const Met met = Read(1);
    size_t kept = 0;
    bool told = last_.expired;
    uint64_t last = 0;
    for (const Met::Entry& entry : met.entries) {
      EXPECT_GT(entry.sequence, last);
      last = entry.sequence;
      if (entry.gap.has_value()) {
        told = true;
        continue;
      }
      ++kept;
      EXPECT_EQ(entry.payload, PayloadOf(entry.sequence));
      EXPECT_LT(entry.sequence, used_);
    }
    if (must_tell && kept + 1 < used_) {
      EXPECT_TRUE(told) << "lost without a word: " << used_ - 1 - kept;
      EXPECT_GE(store_->next(), used_) << "a number would be used again";
    }
    const uint64_t appended = Append();
    Reopen();
    if (HasFatalFailure()) return 0;
    EXPECT_FALSE(store_->began_with_loss());
    const Met again = Read(appended);
    EXPECT_EQ(again.entries.size(), 1u);
    return kept;
  }

  uint64_t used_ = 0;
};

// Under `tests/run --long` all positions of a small file and many of a large one;
// otherwise those near the ends and some between.
std::vector<uint64_t> CutPositions(uint64_t size) {
  const bool all = std::getenv("WIREPAS_GRPC_LONG_TESTS") != nullptr;
  std::set<uint64_t> positions;
  const uint64_t step = std::max<uint64_t>(1, all ? size < 4096 ? 1 : size / 97 : size / 11);
  for (uint64_t at = 0; at < size; at += step) positions.insert(at);
  for (uint64_t near = 1; near <= 6 && near <= size; ++near) {
    positions.insert(size - near);
    positions.insert(near - 1);
  }
  return {positions.begin(), positions.end()};
}

TEST_F(UplinkStoreDamageTest, EveryFileMayBeCutOffAnywhere) {
  MakeOriginal();
  Restore();
  EXPECT_EQ(Check("whole"), used_ - 1);
  for (const std::string& name : Files()) {
    const uint64_t size = fs::file_size(original() + "/" + name);
    size_t worst = used_ - 1;
    for (const uint64_t position : CutPositions(size)) {
      fs::resize_file(Restore() + "/" + name, position);
      worst = std::min(worst, Check(absl::StrCat(name, " of ", size, " cut at ", position)));
      if (HasFatalFailure()) return;
    }
    // What a file costs at most: a write buffer full of entries, of which each takes 80
    // bytes and more.
    EXPECT_GE(worst + database_options_.write_buffer_bytes / 80, used_ - 1) << name;
  }
}

// Nothing but these two knows of the last entries.
TEST_F(UplinkStoreDamageTest, JournalAndLastNumberMayBothBeMissing) {
  MakeOriginal();
  const std::string folder = Restore();
  fs::resize_file(folder + "/uplink-journal-a", 0);
  fs::resize_file(folder + "/uplink-journal-b", 0);
  fs::remove(folder + "/uplink-next");
  EXPECT_LT(Check("journal and last number"), used_ - 1);
}

TEST_F(UplinkStoreDamageTest, EveryFileMayBeMissing) {
  MakeOriginal();
  for (const std::string& name : Files()) {
    fs::remove(Restore() + "/" + name);
    const size_t kept = Check(absl::StrCat(name, " missing"));
    if (HasFatalFailure()) return;
    EXPECT_GE(kept + database_options_.write_buffer_bytes / 80, used_ - 1) << name;
  }
}

// As file systems leave them after power was lost.
TEST_F(UplinkStoreDamageTest, EveryFileMayEndInZeros) {
  MakeOriginal();
  for (const std::string& name : Files()) {
    const uint64_t size = fs::file_size(original() + "/" + name);
    for (const uint64_t position : {size, size / 2, uint64_t{0}}) {
      const std::string file = Restore() + "/" + name;
      fs::resize_file(file, position);
      fs::resize_file(file, size + 4096);
      Check(absl::StrCat(name, " of ", size, " zero from ", position));
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(UplinkStoreDamageTest, BytesMayBeWrongAnywhere) {
  MakeOriginal();
  for (const std::string& name : Files()) {
    const uint64_t size = fs::file_size(original() + "/" + name);
    for (uint64_t at = 0; at < size; at += std::max<uint64_t>(size / 11, 1)) {
      std::fstream file(Restore() + "/" + name, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(at));
      file.write("\xa5\x5a\xa5", static_cast<std::streamsize>(std::min<uint64_t>(3, size - at)));
      file.close();
      Check(absl::StrCat(name, " of ", size, " wrong at ", at));
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(UplinkStoreDamageTest, ManyFilesMayBeCutOffAtOnce) {
  MakeOriginal();
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const std::string directory = Restore();
    for (const std::string& name : Files()) {
      const uint64_t size = fs::file_size(original() + "/" + name);
      if (size > 0 && random() % 3 == 0) fs::resize_file(directory + "/" + name, random() % size);
    }
    // Where the mark is cut off too, it cannot be told what the others lost.
    const bool marked = fs::file_size(directory + "/uplink-next") == 24;
    Check(absl::StrCat("seed ", seed), marked);
    if (HasFatalFailure()) return;
  }
}

TEST_F(UplinkStoreDamageTest, FilesThatAreNoDatabaseAtAllAreSetAside) {
  fs::create_directory(database_options_.directory);
  for (const char* name : {"CURRENT", "MANIFEST-000001", "000002.log", "000003.sst"}) {
    std::ofstream(database_options_.directory + "/" + name) << "garbage\n";
  }
  Open();
  EXPECT_TRUE(database_->recovery().Damaged());
  EXPECT_TRUE(store_->began_with_loss());
  Append(3);
  Reopen();
  EXPECT_FALSE(database_->recovery().Damaged());
  EXPECT_EQ(Read(1).entries.size(), 4u);
}

TEST_F(UplinkStoreDamageTest, WhatIsMovedAsideIsBounded) {
  MakeOriginal();
  Restore();
  for (int i = 0; i < 6; ++i) {
    CloseAll();
    std::ofstream(database_options_.directory + "/CURRENT", std::ios::trunc) << "garbage\n";
    Open();
    ASSERT_TRUE(database_->recovery().Damaged());
  }
  int damaged = 0;
  for (const auto& entry : fs::directory_iterator(database_options_.directory)) {
    if (entry.path().filename().string().starts_with("damaged-")) ++damaged;
  }
  EXPECT_EQ(damaged, 2);
}

}  // namespace
}  // namespace wirepas_grpc::core
