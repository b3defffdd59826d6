// SPDX-License-Identifier: Apache-2.0
#include "core/storage/log_tail.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "tests/core/storage/database_fixture.h"

namespace wirepas_grpc::core {
namespace {

namespace fs = ::std::filesystem;

class LogTailTest : public DatabaseFixture {
 protected:
  // The newest log of the folder.
  std::string Log() const {
    std::set<std::string> logs;
    for (const auto& entry : fs::directory_iterator(options_.directory)) {
      if (entry.path().extension() == ".log") logs.insert(entry.path().string());
    }
    return logs.empty() ? "" : *logs.rbegin();
  }
};

// Real logs, with records that are as long as several blocks.
TEST_F(LogTailTest, ACutIsSeenWhereverItIsInARecord) {
  Open();
  std::set<uint64_t> ends = {fs::file_size(Log())};
  for (const size_t size : {10, 40000, 100, 90000, 1}) {
    ASSERT_TRUE(database_->Put(things_, "key", std::string(size, 'x')).ok());
    ends.insert(fs::file_size(Log()));
  }
  const std::string copy = folder_.File("copy");
  fs::copy(Log(), copy);
  for (uint64_t size = *ends.rbegin();; size -= size > 200 ? 97 : 1) {
    fs::resize_file(copy, size);
    const uint64_t whole = *std::prev(ends.upper_bound(std::max(size, *ends.begin())));
    if (size >= *ends.begin()) {
      EXPECT_EQ(TornTailBytes(copy), size - whole) << size;
    } else {
      EXPECT_LE(TornTailBytes(copy), size);
    }
    if (size == 0) break;
  }
  for (const uint64_t end : ends) {
    fs::copy(Log(), copy, fs::copy_options::overwrite_existing);
    fs::resize_file(copy, end);
    EXPECT_EQ(TornTailBytes(copy), 0u) << end;
  }
}

TEST_F(LogTailTest, AnythingElseIsNotTorn) {
  EXPECT_EQ(TornTailBytes(folder_.File("missing")), 0u);
  const std::string file = folder_.File("file");
  std::ofstream(file) << std::string(100000, '\0');
  EXPECT_EQ(TornTailBytes(file), 0u);
  std::ofstream(file) << std::string(100000, '\xff');
  EXPECT_EQ(TornTailBytes(file), 0u);
}

TEST_F(LogTailTest, TheRecoveryTellsOfIt) {
  Open();
  ASSERT_TRUE(database_->Put(things_, "a", "1").ok());
  const uint64_t whole = fs::file_size(Log());
  ASSERT_TRUE(database_->Put(things_, "b", "2").ok());
  const std::string log = Log();
  database_.reset();
  fs::resize_file(log, whole + 3);
  Open();
  EXPECT_EQ(database_->recovery().torn_bytes, 3u);
  EXPECT_FALSE(database_->recovery().details.empty());
  EXPECT_FALSE(database_->recovery().Damaged());
  EXPECT_FALSE(database_->recovery().repaired);
  EXPECT_EQ(Scan(things_), "a=1");
}

}  // namespace
}  // namespace wirepas_grpc::core
