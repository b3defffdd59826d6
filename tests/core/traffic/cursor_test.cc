// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/cursor.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

TEST(CursorTest, SurvivesTheWayThereAndBack) {
  for (const uint64_t run_id : {uint64_t{0}, uint64_t{0x0102030405060708}, kMax}) {
    for (const uint64_t next : {uint64_t{1}, uint64_t{0x80FF00000000FF7F}, kMax}) {
      const std::string bytes = EncodeCursor({run_id, next});
      EXPECT_EQ(bytes.size(), 17u);
      const std::optional<Cursor> cursor = DecodeCursor(bytes);
      ASSERT_TRUE(cursor.has_value());
      EXPECT_EQ(cursor->run_id, run_id);
      EXPECT_EQ(cursor->next_sequence, next);
    }
  }
}

TEST(CursorTest, CarriesWhatWasTold) {
  const std::string bytes = EncodeCursor({7, 8, kMax - 1});
  EXPECT_EQ(bytes.size(), 25u);
  const std::optional<Cursor> cursor = DecodeCursor(bytes);
  ASSERT_TRUE(cursor.has_value());
  EXPECT_EQ(cursor->run_id, 7u);
  EXPECT_EQ(cursor->next_sequence, 8u);
  EXPECT_EQ(cursor->told, kMax - 1);
  EXPECT_EQ(DecodeCursor(EncodeCursor({7, 8}))->told, 0u);
}

// Clients keep cursors over an update of the service.
TEST(CursorTest, ItsBytesDoNotChange) {
  EXPECT_EQ(EncodeCursor({0x0102030405060708, 0x1112131415161718}),
            std::string("\x01\x08\x07\x06\x05\x04\x03\x02\x01\x18\x17\x16\x15\x14\x13\x12\x11"));
}

TEST(CursorTest, WhatIsNoCursorIsRefused) {
  const std::string good = EncodeCursor({7, 8});
  for (size_t size = 0; size < 64; ++size) {
    if (size == good.size()) continue;
    std::string bytes = good;
    bytes.resize(size, '\x01');
    EXPECT_FALSE(DecodeCursor(bytes).has_value()) << size;
  }
  for (int version = 0; version < 256; ++version) {
    std::string bytes = good;
    bytes[0] = static_cast<char>(version);
    EXPECT_EQ(DecodeCursor(bytes).has_value(), version == 1) << version;
    bytes = EncodeCursor({7, 8, 9});
    bytes[0] = static_cast<char>(version);
    EXPECT_EQ(DecodeCursor(bytes).has_value(), version == 2) << version;
  }
  EXPECT_FALSE(DecodeCursor(EncodeCursor({7, 0})).has_value()) << "entries count from 1";
  EXPECT_FALSE(DecodeCursor(std::string(1 << 20, '\x01')).has_value());
}

TEST(CursorTest, RandomBytesAreRefusedOrReadBackTheSame) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 10000; ++i) {
    std::string bytes(random() % 28, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 3);
    const std::optional<Cursor> cursor = DecodeCursor(bytes);
    if (cursor.has_value()) {
      EXPECT_EQ(EncodeCursor(*cursor), bytes);
    }
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
