// SPDX-License-Identifier: Apache-2.0
#include "api/convert/time.h"

#include <limits>

#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

google::protobuf::Duration Proto(int64_t seconds, int32_t nanos) {
  google::protobuf::Duration duration;
  duration.set_seconds(seconds);
  duration.set_nanos(nanos);
  return duration;
}

TEST(ToTimestamp, RoundsSecondsDownBeforeTheEpoch) {
  const auto time = ToTimestamp(absl::UnixEpoch() - absl::Milliseconds(1));
  EXPECT_EQ(time.seconds(), -1);
  EXPECT_EQ(time.nanos(), 999000000);
}

TEST(ToTimestamp, CutsWhatTheMessageCannotTell) {
  EXPECT_EQ(ToTimestamp(absl::InfiniteFuture()).seconds(), 253402300799);
  EXPECT_EQ(ToTimestamp(absl::InfiniteFuture()).nanos(), 999999999);
  EXPECT_EQ(ToTimestamp(absl::InfinitePast()).seconds(), -62135596800);
}

TEST(ToDuration, KeepsSignsTheSame) {
  const auto duration = ToDuration(absl::Milliseconds(-1500));
  EXPECT_EQ(duration.seconds(), -1);
  EXPECT_EQ(duration.nanos(), -500000000);
  EXPECT_EQ(ToDuration(absl::InfiniteDuration()).seconds(), 315576000000);
}

TEST(FromProto, RefusesInvalidTimestamps) {
  google::protobuf::Timestamp time;
  time.set_nanos(-1);
  EXPECT_FALSE(FromProto("t", time).ok());
  time.set_nanos(0);
  time.set_seconds(253402300800);
  EXPECT_FALSE(FromProto("t", time).ok());
  time.set_seconds(1700000000);
  time.set_nanos(5);
  EXPECT_EQ(*FromProto("t", time), absl::FromUnixSeconds(1700000000) + absl::Nanoseconds(5));
}

TEST(FromProto, RefusesInvalidDurations) {
  EXPECT_FALSE(FromProto("d", Proto(1, -1)).ok());
  EXPECT_FALSE(FromProto("d", Proto(0, 1000000000)).ok());
  EXPECT_FALSE(FromProto("d", Proto(std::numeric_limits<int64_t>::max(), 0)).ok());
  EXPECT_EQ(*FromProto("d", Proto(-1, -500000000)), absl::Milliseconds(-1500));
}

TEST(WholeUnits, CutsOffOrRefusesWhatIsFiner) {
  const auto time = Proto(1, 2500000);
  EXPECT_EQ(*WholeUnits("d", time, absl::Milliseconds(1), FinerPart::kCutOff), 1002u);
  EXPECT_FALSE(WholeUnits("d", time, absl::Milliseconds(1), FinerPart::kInvalid).ok());
}

TEST(WholeUnits, RefusesWhatDoesNotFit) {
  const auto most = std::numeric_limits<uint32_t>::max();
  EXPECT_EQ(*WholeUnits("d", Proto(most, 0), absl::Seconds(1), FinerPart::kInvalid), most);
  EXPECT_FALSE(
      WholeUnits("d", Proto(int64_t{most} + 1, 0), absl::Seconds(1), FinerPart::kInvalid).ok());
  EXPECT_FALSE(WholeUnits("d", Proto(-1, 0), absl::Seconds(1), FinerPart::kInvalid).ok());
  EXPECT_FALSE(WholeUnits("d", Proto(0, -1), absl::Seconds(1), FinerPart::kCutOff).ok());
}

}  // namespace
}  // namespace wirepas_grpc::api
