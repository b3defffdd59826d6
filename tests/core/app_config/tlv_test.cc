// SPDX-License-Identifier: Apache-2.0
#include "core/app_config/tlv.h"

#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Bytes written as hex, spaces between them allowed.
std::string Bytes(std::string hex) {
  std::erase(hex, ' ');
  return absl::HexStringToBytes(hex);
}

TlvEntry Entry(uint16_t type, const std::string& value) { return {type, value}; }

TlvEntries Decoded(const std::string& hex) {
  const absl::StatusOr<TlvEntries> entries = DecodeTlv(Bytes(hex));
  EXPECT_TRUE(entries.ok()) << hex << ": " << entries.status().message();
  return entries.value_or(TlvEntries());
}

void ExpectNotTlv(const std::string& hex, const std::string& why) {
  const absl::Status status = DecodeTlv(Bytes(hex)).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << hex;
  EXPECT_THAT(std::string(status.message()), HasSubstr(why)) << hex;
}

TEST(TlvTest, DecodesEntriesInTheirOrder) {
  EXPECT_THAT(Decoded("F67E00"), IsEmpty());
  EXPECT_THAT(Decoded("F67E03 C40101 010200FF 0200"),
              ElementsAre(Entry(0xC4, "\x01"), Entry(1, std::string("\x00\xFF", 2)), Entry(2, "")));
}

TEST(TlvTest, ALongTypeHasItsHighByteBehindTheLength) {
  EXPECT_THAT(Decoded("F67E02 348212 4142 FF80FF"),
              ElementsAre(Entry(0x1234, "AB"), Entry(0xFFFF, "")));
}

TEST(TlvTest, AShortTypeMayBeInLongForm) {
  EXPECT_THAT(Decoded("F67E01 C48100 02"), ElementsAre(Entry(0xC4, "\x02")));
}

TEST(TlvTest, WhatFollowsTheEntriesIsPassedOver) {
  EXPECT_THAT(Decoded("F67E01 0501FF 0000000000"), ElementsAre(Entry(5, "\xFF")));
  EXPECT_THAT(Decoded("F67E00 00"), IsEmpty());
  EXPECT_THAT(Decoded("F67E00 01"), IsEmpty());
  EXPECT_THAT(Decoded("F67E01 0101FF 0000000001"), ElementsAre(Entry(1, "\xFF")));
  EXPECT_THAT(Decoded("F67E01 0501FF 0601FE"), ElementsAre(Entry(5, "\xFF")));
}

TEST(TlvTest, ZerosCanBeEntriesIfTheyAreCounted) {
  EXPECT_THAT(Decoded("F67E01 0000"), ElementsAre(Entry(0, "")));
  EXPECT_THAT(Decoded("F67E02 0000 0000"), ElementsAre(Entry(0, "")));
}

TEST(TlvTest, OtherBytesAreNotTlv) {
  for (const char* hex : {"", "F6", "7EF600", "00F67E00", "000000", "F67D00"}) {
    ExpectNotTlv(hex, "does not begin with F6 7E");
  }
}

TEST(TlvTest, NothingMayBeCutOff) {
  ExpectNotTlv("F67E", "number of entries is cut off");
  for (const char* hex :
       {"F67E01", "F67E01 C4", "F67E01 C402", "F67E01 C402FF", "F67E01 C480", "F67E01 C48100"}) {
    ExpectNotTlv(hex, "entry 1 of 1 is cut off");
  }
  ExpectNotTlv("F67E02 0101FF", "entry 2 of 2 is cut off");
  ExpectNotTlv("F67EFF 0100", "entry 2 of 255 is cut off");
}

TEST(TlvTest, OfATypeTwiceTheLastValueCounts) {
  EXPECT_THAT(Decoded("F67E03 050141 060143 050142"), ElementsAre(Entry(5, "B"), Entry(6, "C")));
  EXPECT_THAT(Decoded("F67E02 050141 058100 42"), ElementsAre(Entry(5, "B")));
}

TEST(TlvTest, EncodesTheShortestForm) {
  const TlvEntries entries = {Entry(0xFF, "\x01"), Entry(0x100, ""), Entry(0xABCD, "xy")};
  const absl::StatusOr<std::string> data = EncodeTlv(entries);
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(*data, Bytes("F67E03 FF0101 008001 CD82AB 7879"));
  EXPECT_EQ(TlvSize(entries), data->size());
  EXPECT_EQ(*EncodeTlv({}), Bytes("F67E00"));
}

TEST(TlvTest, EncodesNothingThatCannotBeDecoded) {
  EXPECT_TRUE(EncodeTlv({Entry(1, std::string(127, 'x'))}).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(EncodeTlv({Entry(1, std::string(128, 'x'))}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(EncodeTlv({Entry(1, "a"), Entry(1, "b")}).status()));
  TlvEntries many;
  for (int i = 0; i < 255; ++i) many.push_back(Entry(static_cast<uint16_t>(i), ""));
  EXPECT_TRUE(EncodeTlv(many).ok());
  many.push_back(Entry(255, ""));
  EXPECT_TRUE(absl::IsInvalidArgument(EncodeTlv(many).status()));
}

TEST(TlvTest, AsManyEntriesFitAsIsSaid) {
  TlvEntries entries;
  for (size_t i = 0; i < kMaxAppConfigEntries; ++i) {
    entries.push_back(Entry(static_cast<uint16_t>(i), ""));
  }
  EXPECT_LE(TlvSize(entries), kMaxAppConfigSize);
  entries.push_back(Entry(100, ""));
  EXPECT_GT(TlvSize(entries), kMaxAppConfigSize);
}

class TlvPropertyTest : public testing::Test {
 protected:
  uint32_t Below(uint32_t bound) {
    return std::uniform_int_distribution<uint32_t>(0, bound - 1)(random_);
  }
  std::string RandomBytes(size_t size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(Below(256)));
    return bytes;
  }
  TlvEntries RandomEntries() {
    TlvEntries entries;
    const uint32_t count = Below(10) == 0 ? Below(256) : Below(8);
    const uint32_t step = 1 + Below(257);  // so that no type comes twice
    for (uint32_t i = 0; i < count; ++i) {
      entries.push_back(Entry(static_cast<uint16_t>(i * step), RandomBytes(Below(128))));
    }
    return entries;
  }

  std::mt19937 random_{20240501};
};

TEST_F(TlvPropertyTest, DecodeTakesBackWhatEncodeDid) {
  for (int i = 0; i < 3000; ++i) {
    const TlvEntries entries = RandomEntries();
    const absl::StatusOr<std::string> data = EncodeTlv(entries);
    ASSERT_TRUE(data.ok());
    ASSERT_EQ(data->size(), TlvSize(entries));
    const absl::StatusOr<TlvEntries> decoded = DecodeTlv(*data + RandomBytes(Below(20)));
    ASSERT_TRUE(decoded.ok());
    ASSERT_EQ(*decoded, entries);
  }
}

TEST_F(TlvPropertyTest, CutOffAnywhereItIsNotTlv) {
  for (int i = 0; i < 100; ++i) {
    const std::string data = *EncodeTlv(RandomEntries());
    for (size_t size = 0; size < data.size(); ++size) {
      ASSERT_FALSE(DecodeTlv(data.substr(0, size)).ok()) << absl::BytesToHexString(data);
    }
  }
}

// Whatever is decoded keeps its meaning when it is written back.
TEST_F(TlvPropertyTest, RandomBytesAreRefusedOrKeepTheirMeaning) {
  int decoded_count = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string data = RandomBytes(Below(16));
    // Most of it near to the form.
    if (i % 8 != 0) data = Bytes("F67E") + static_cast<char>(Below(4)) + data;
    for (size_t at = 3; at < data.size(); ++at) data[at] = static_cast<char>(data[at] & 0x83);
    const absl::StatusOr<TlvEntries> entries = DecodeTlv(data);
    if (!entries.ok()) continue;
    ++decoded_count;
    const absl::StatusOr<std::string> encoded = EncodeTlv(*entries);
    ASSERT_TRUE(encoded.ok()) << absl::BytesToHexString(data);
    ASSERT_LE(encoded->size(), data.size());
    const absl::StatusOr<TlvEntries> again = DecodeTlv(*encoded);
    ASSERT_TRUE(again.ok());
    ASSERT_EQ(*again, *entries);
  }
  EXPECT_GT(decoded_count, 1000);
}

}  // namespace
}  // namespace wirepas_grpc::core
