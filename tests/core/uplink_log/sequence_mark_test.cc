// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/sequence_mark.h"

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "tests/support/process.h"

namespace wirepas_grpc::core {
namespace {

class SequenceMarkTest : public ::testing::Test {
 protected:
  TemporaryDirectory folder_;
  const std::string path_ = folder_.File("mark");
};

TEST_F(SequenceMarkTest, TheLastNumberIsFoundWhileItIsWrittenAndAfter) {
  EXPECT_FALSE(SequenceMark::Last(path_).has_value());
  auto mark = SequenceMark::Create(path_, 1);
  ASSERT_NE(mark, nullptr);
  EXPECT_EQ(SequenceMark::Last(path_), 1u);
  mark->Set(uint64_t{1} << 51);
  EXPECT_EQ(SequenceMark::Last(path_), uint64_t{1} << 51);
  mark->Set(77);
  mark.reset();
  EXPECT_EQ(SequenceMark::Last(path_), 77u);
  mark = SequenceMark::Create(path_, 80);
  EXPECT_EQ(SequenceMark::Last(path_), 80u);
}

TEST_F(SequenceMarkTest, AFileThatIsNotWholeIsNone) {
  for (int size = 0; size < 24; ++size) {
    ASSERT_NE(SequenceMark::Create(path_, 5), nullptr);
    std::filesystem::resize_file(path_, size);
    EXPECT_FALSE(SequenceMark::Last(path_).has_value()) << size;
  }
  for (int at = 0; at < 24; ++at) {
    ASSERT_NE(SequenceMark::Create(path_, 5), nullptr);
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.put('\x7f');
    file.close();
    EXPECT_FALSE(SequenceMark::Last(path_).has_value()) << at;
  }
}

TEST_F(SequenceMarkTest, WhereNoFileCanBeMadeThereIsNone) {
  EXPECT_EQ(SequenceMark::Create(folder_.File("no/such/folder"), 1), nullptr);
}

}  // namespace
}  // namespace wirepas_grpc::core
