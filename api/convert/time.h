// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CONVERT_TIME_H_
#define WIREPAS_GRPC_API_CONVERT_TIME_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace wirepas_grpc::api {

// Values beyond what the messages can tell (years 1 to 9999, 10000 years) are cut.
google::protobuf::Timestamp ToTimestamp(absl::Time time);
google::protobuf::Duration ToDuration(absl::Duration duration);

// INVALID_ARGUMENT, naming `field`: not a valid message of its kind.
absl::StatusOr<absl::Time> FromProto(absl::string_view field,
                                     const google::protobuf::Timestamp& time);
absl::StatusOr<absl::Duration> FromProto(absl::string_view field,
                                         const google::protobuf::Duration& duration);

// What to do with a part that is finer than the unit.
enum class FinerPart { kCutOff, kInvalid };

// How many `unit`s a duration is. INVALID_ARGUMENT: negative, more than a uint32
// holds, or finer than the unit where that is invalid.
absl::StatusOr<uint32_t> WholeUnits(absl::string_view field,
                                    const google::protobuf::Duration& duration, absl::Duration unit,
                                    FinerPart finer_part);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CONVERT_TIME_H_
