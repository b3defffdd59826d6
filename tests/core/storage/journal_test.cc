// SPDX-License-Identifier: Apache-2.0
#include "core/storage/journal.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/process.h"

namespace wirepas_grpc::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class JournalTest : public ::testing::Test {
 protected:
  void Create(size_t bytes) {
    journal_ = Journal::Create(path_, bytes);
    ASSERT_NE(journal_, nullptr);
  }

  std::vector<uint64_t> Numbers() const {
    std::vector<uint64_t> numbers;
    for (const Journal::Record& record : Journal::Load(path_)) numbers.push_back(record.number);
    return numbers;
  }

  TemporaryDirectory folder_{TemporaryDirectory::kInMemory};
  const std::string path_ = folder_.File("journal");
  std::unique_ptr<Journal> journal_;
};

TEST_F(JournalTest, GivesBackWhatWasAppended) {
  EXPECT_THAT(Journal::Load(path_), IsEmpty());
  Create(1000);
  EXPECT_THAT(Numbers(), IsEmpty());
  const std::string binary("\0\xff\0", 3);
  ASSERT_TRUE(journal_->Append(7, binary));
  ASSERT_TRUE(journal_->Append(8, ""));
  ASSERT_TRUE(journal_->Append(uint64_t{1} << 60, "last"));
  const std::vector<Journal::Record> records = Journal::Load(path_);
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].number, 7u);
  EXPECT_EQ(records[0].value, binary);
  EXPECT_EQ(records[1].value, "");
  EXPECT_EQ(records[2].number, uint64_t{1} << 60);
  EXPECT_EQ(records[2].value, "last");
}

TEST_F(JournalTest, TakesNoMoreThanItsBoundUntilSomethingIsReleased) {
  Create(200);  // each file: two records of 24 + 20 bytes
  const std::string value(20, 'x');
  for (uint64_t number = 1; number <= 4; ++number) ASSERT_TRUE(journal_->Append(number, value));
  EXPECT_FALSE(journal_->Append(5, value));
  journal_->Release(1);
  EXPECT_FALSE(journal_->Append(5, value));
  journal_->Release(2);
  EXPECT_TRUE(journal_->Append(5, value));
  EXPECT_THAT(Numbers(), ElementsAre(3, 4, 5));
  EXPECT_TRUE(journal_->Append(6, value));
  EXPECT_FALSE(journal_->Append(7, value));
  EXPECT_FALSE(journal_->Append(7, std::string(100, 'x')));
  EXPECT_THAT(Numbers(), ElementsAre(3, 4, 5, 6));
}

TEST_F(JournalTest, BeginsAnewEmpty) {
  Create(1000);
  ASSERT_TRUE(journal_->Append(1, "one"));
  Create(1000);
  EXPECT_THAT(Numbers(), IsEmpty());
  Journal::Remove(path_);
  EXPECT_FALSE(std::filesystem::exists(path_ + "-a"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-b"));
}

TEST_F(JournalTest, CutOffAnywhereItKeepsWhatIsWhole) {
  Create(1000);
  ASSERT_TRUE(journal_->Append(1, "one"));
  ASSERT_TRUE(journal_->Append(2, "two two"));
  const size_t first = 24 + 3;
  const size_t both = first + 24 + 7;
  ASSERT_EQ(std::filesystem::file_size(path_ + "-a"), both);
  for (size_t size = both; size-- > 0;) {
    std::filesystem::resize_file(path_ + "-a", size);
    EXPECT_EQ(Numbers().size(), size < first ? 0u : 1u) << size;
  }
}

TEST_F(JournalTest, AWrongByteAnywhereEndsIt) {
  Create(1000);
  ASSERT_TRUE(journal_->Append(1, "one"));
  ASSERT_TRUE(journal_->Append(2, "two two"));
  const std::string file = path_ + "-a";
  std::ifstream input(file, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(input)), {});
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string content = whole;
    content[at] = static_cast<char>(content[at] ^ 0x10);
    std::ofstream(file, std::ios::binary) << content;
    EXPECT_EQ(Numbers().size(), at < 24 + 3 ? 0u : 1u) << at;
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
