// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/record.h"

#include <limits>

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

constexpr absl::Time kArrival = absl::FromUnixMicros(1'700'000'000'123'456);

TEST(UplinkRecordTest, KeysSortAsTheirNumbers) {
  uint64_t last = 0;
  for (const uint64_t sequence : {uint64_t{1}, uint64_t{255}, uint64_t{256}, uint64_t{1} << 32,
                                  uint64_t{1} << 51, std::numeric_limits<uint64_t>::max()}) {
    EXPECT_LT(absl::string_view(UplinkKey(last)), absl::string_view(UplinkKey(sequence)));
    EXPECT_EQ(ParseUplinkKey(UplinkKey(sequence)), sequence);
    last = sequence;
  }
  EXPECT_FALSE(ParseUplinkKey("").has_value());
  EXPECT_FALSE(ParseUplinkKey("1234567").has_value());
  EXPECT_FALSE(ParseUplinkKey("123456789").has_value());
}

// The bytes are on disks: they may never change.
TEST(UplinkRecordTest, TheFormStaysAsItIs) {
  std::string value;
  EncodePacketRecord(absl::FromUnixMicros(0x0102030405060708), "ab", "xyz", &value);
  EXPECT_EQ(value, std::string("\1\1\x08\x07\x06\x05\x04\x03\x02\x01\2\0abxyz", 17));
  EncodeGapRecord(absl::FromUnixMicros(-1), Gap{GapReason::kBrokerDisconnected, 258}, &value);
  EXPECT_EQ(value, std::string("\1\2\xff\xff\xff\xff\xff\xff\xff\xff\4\2\1\0\0\0\0\0\0", 19));
}

TEST(UplinkRecordTest, EveryReasonComesBack) {
  for (const GapReason reason :
       {GapReason::kSlowReader, GapReason::kCursorExpired, GapReason::kServiceRestarted,
        GapReason::kBrokerDisconnected, GapReason::kNotSubscribed, GapReason::kStorageLoss}) {
    for (const std::optional<uint64_t> lost :
         {std::optional<uint64_t>(), std::optional<uint64_t>(0), std::optional<uint64_t>(~0ull)}) {
      std::string value;
      EncodeGapRecord(kArrival, Gap{reason, lost}, &value);
      const auto record = ParseUplinkRecord(value);
      ASSERT_TRUE(record.has_value() && record->gap.has_value());
      EXPECT_EQ(record->gap->reason, reason);
      EXPECT_EQ(record->gap->lost, lost);
      EXPECT_EQ(record->arrival, kArrival);
    }
  }
}

TEST(UplinkRecordTest, ValuesCutOffAreNoneOrShorterPayloads) {
  std::string value;
  EncodePacketRecord(kArrival, "topic", "payload", &value);
  for (size_t size = 0; size < value.size(); ++size) {
    const auto record = ParseUplinkRecord(absl::string_view(value).substr(0, size));
    EXPECT_EQ(record.has_value(), size >= 12 + 5) << size;
  }
  EncodeGapRecord(kArrival, Gap{GapReason::kNotSubscribed, 5}, &value);
  for (size_t size = 0; size < value.size(); ++size) {
    const auto record = ParseUplinkRecord(absl::string_view(value).substr(0, size));
    EXPECT_EQ(record.has_value(), size == 11) << size;
  }
}

TEST(UplinkRecordTest, UnknownVersionsKindsAndReasonsAreNone) {
  std::string value;
  EncodeGapRecord(kArrival, Gap{GapReason::kNotSubscribed, {}}, &value);
  for (const auto& [at, byte] : {std::pair{0, 2}, {0, 0}, {1, 0}, {1, 3}, {10, 0}, {10, 7}}) {
    std::string bad = value;
    bad[at] = static_cast<char>(byte);
    EXPECT_FALSE(ParseUplinkRecord(bad).has_value()) << at << " " << byte;
  }
}

TEST(UplinkRecordTest, TimesBeyondAllReasonDoNotOverflow) {
  for (const absl::Time time : {absl::InfinitePast(), absl::InfiniteFuture(), absl::UnixEpoch()}) {
    std::string value;
    EncodePacketRecord(time, "", "", &value);
    EXPECT_TRUE(ParseUplinkRecord(value).has_value());
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
