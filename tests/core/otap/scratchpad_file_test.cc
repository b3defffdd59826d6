// SPDX-License-Identifier: Apache-2.0
#include "core/otap/scratchpad_file.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

using testing::HasSubstr;

// A file whose header has these, sequence 7, type 0 and status 0xFFFFFFFF.
std::string File(uint32_t length, uint32_t crc, const std::string& content) {
  std::string file = "SCR1\x9a\x93\x30\x82\xd9\xeb\x0a\xfc\x31\x21\xe3\x37";
  for (int i = 0; i < 4; ++i) file.push_back(static_cast<char>(length >> (8 * i)));
  for (int i = 0; i < 2; ++i) file.push_back(static_cast<char>(crc >> (8 * i)));
  file += std::string("\x07\x00\x00\x00\x00\x00\xff\xff\xff\xff", 10);
  return file + content;
}

void ExpectDamaged(const std::string& file, const std::string& words) {
  const absl::StatusOr<ScratchpadFile> read = ReadScratchpadFile(file);
  EXPECT_TRUE(absl::IsInvalidArgument(read.status()));
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(words));
}

TEST(ScratchpadFileTest, ChecksumIsTheUsualOne) {
  EXPECT_EQ(ScratchpadCrc("123456789"), 0x29b1);
  EXPECT_EQ(ScratchpadCrc(""), 0xffff);
}

TEST(ScratchpadFileTest, TakesTheChecksumFromTheHeader) {
  const absl::StatusOr<ScratchpadFile> file = ReadScratchpadFile(File(9, 0x29b1, "123456789"));
  ASSERT_TRUE(file.ok()) << file.status().message();
  EXPECT_EQ(file->size, 41u);  // the whole file
  EXPECT_EQ(file->crc, 0x29b1);
}

TEST(ScratchpadFileTest, KnowsTheSizeOnlyOfOtherFiles) {
  for (const std::string& bytes :
       {std::string("x"), std::string("SCR1 but no more than that"), std::string(1000, '\0')}) {
    const absl::StatusOr<ScratchpadFile> file = ReadScratchpadFile(bytes);
    ASSERT_TRUE(file.ok()) << file.status().message();
    EXPECT_EQ(file->size, bytes.size());
    EXPECT_FALSE(file->crc.has_value());
  }
}

TEST(ScratchpadFileTest, TellsOfDamage) {
  const std::string file = File(9, 0x29b1, "123456789");
  ExpectDamaged(file.substr(0, 16), "header is cut");
  ExpectDamaged(file.substr(0, 31), "header is cut");
  ExpectDamaged(file.substr(0, 40), "tells of 9 bytes, and 8 follow");
  ExpectDamaged(file + "x", "tells of 9 bytes, and 10 follow");
  ExpectDamaged(File(9, 0x29b1, "123456780"), "another checksum");
  ExpectDamaged(File(9, 0x29b2, "123456789"), "another checksum");
}

}  // namespace
}  // namespace wirepas_grpc::core
