// SPDX-License-Identifier: Apache-2.0
#include "api/convert/time.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"

namespace wirepas_grpc::api {
namespace {

// The bounds that timestamp.proto and duration.proto state.
constexpr int64_t kMinTimestamp = -62135596800;
constexpr int64_t kMaxTimestamp = 253402300799;
constexpr int64_t kMaxDuration = 315576000000;
constexpr int32_t kMaxNanos = 999999999;

}  // namespace

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  time = std::clamp(time, absl::FromUnixSeconds(kMinTimestamp),
                    absl::FromUnixSeconds(kMaxTimestamp) + absl::Nanoseconds(kMaxNanos));
  google::protobuf::Timestamp proto;
  proto.set_seconds(absl::ToUnixSeconds(time));  // rounds down, as the message wants it
  proto.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(proto.seconds()))));
  return proto;
}

google::protobuf::Duration ToDuration(absl::Duration duration) {
  duration = std::clamp(duration, -absl::Seconds(kMaxDuration), absl::Seconds(kMaxDuration));
  google::protobuf::Duration proto;
  absl::Duration rest;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

absl::StatusOr<absl::Time> FromProto(absl::string_view field,
                                     const google::protobuf::Timestamp& time) {
  if (time.seconds() < kMinTimestamp || time.seconds() > kMaxTimestamp || time.nanos() < 0 ||
      time.nanos() > kMaxNanos) {
    return InvalidField(field, "not a valid timestamp");
  }
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::StatusOr<absl::Duration> FromProto(absl::string_view field,
                                         const google::protobuf::Duration& duration) {
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  if (seconds < -kMaxDuration || seconds > kMaxDuration || nanos < -kMaxNanos ||
      nanos > kMaxNanos || (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0)) {
    return InvalidField(field, "not a valid duration");
  }
  return absl::Seconds(seconds) + absl::Nanoseconds(nanos);
}

absl::StatusOr<uint32_t> WholeUnits(absl::string_view field,
                                    const google::protobuf::Duration& duration, absl::Duration unit,
                                    FinerPart finer_part) {
  const absl::StatusOr<absl::Duration> value = FromProto(field, duration);
  if (!value.ok()) return value.status();
  absl::Duration rest;
  const int64_t units = absl::IDivDuration(*value, unit, &rest);
  if (*value < absl::ZeroDuration() || units > std::numeric_limits<uint32_t>::max()) {
    return InvalidField(field,
                        absl::StrCat("must be between 0 and ", std::numeric_limits<uint32_t>::max(),
                                     " times ", absl::FormatDuration(unit)));
  }
  if (finer_part == FinerPart::kInvalid && rest != absl::ZeroDuration()) {
    return InvalidField(field, absl::StrCat("must be a multiple of ", absl::FormatDuration(unit)));
  }
  return static_cast<uint32_t>(units);
}

}  // namespace wirepas_grpc::api
