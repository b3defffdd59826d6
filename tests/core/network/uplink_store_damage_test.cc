// SPDX-License-Identifier: Apache-2.0
//
// Files of the state folder that are cut off, missing or overwritten.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "gmock/gmock.h"
#include "tests/core/network/uplink_store_fixture.h"

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
    fs::copy(database_options_.directory, original(), fs::copy_options::recursive);
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
  size_t Check(const std::string& what) {
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
    if (kept + 1 < used_) {
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

// All positions of a small file; of a large one those near its ends and some between.
std::vector<uint64_t> CutPositions(uint64_t size) {
  std::set<uint64_t> positions;
  const uint64_t step = size < 400 ? 1 : size / 23;
  for (uint64_t at = 0; at < size; at += step) positions.insert(at);
  for (uint64_t near = 1; near <= 12 && near <= size; ++near) {
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
      const std::string file = Restore() + "/" + name;
      fs::resize_file(file, position);
      worst = std::min(worst, Check(absl::StrCat(name, " of ", size, " cut at ", position)));
      if (HasFatalFailure()) return;
    }
    std::printf("%s (%zu bytes): %zu of %zu entries kept at worst\n", name.c_str(),
                static_cast<size_t>(size), worst, static_cast<size_t>(used_ - 1));
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
