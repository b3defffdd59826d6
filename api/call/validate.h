// SPDX-License-Identifier: Apache-2.0
//
// Checks of single fields. All give INVALID_ARGUMENT with the field's name.
#ifndef WIREPAS_GRPC_API_CALL_VALIDATE_H_
#define WIREPAS_GRPC_API_CALL_VALIDATE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/gateway_api/ids.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace wirepas_grpc::api {

// The largest network address: 24 bits.
inline constexpr uint32_t kMaxNetworkAddress = 0xffffff;

// The most values in one field of a filter.
inline constexpr int kMaxFilterValues = 10000;

absl::Status CheckAtMost(absl::string_view field, uint64_t value, uint64_t most);
absl::Status CheckRange(absl::string_view field, uint64_t value, uint64_t least, uint64_t most);

// A network address in a request, 1 to 16777215.
absl::Status CheckNetworkAddress(absl::string_view field, uint32_t address);

using Ids = google::protobuf::RepeatedPtrField<std::string>;
absl::Status CheckIds(absl::string_view field, const Ids& ids);
absl::Status CheckCount(absl::string_view field, int count);

// The two ids that most requests have.
struct SinkName {
  core::GatewayId gateway;
  core::SinkId sink;
};
absl::StatusOr<SinkName> ParseSinkName(absl::string_view gateway_id, absl::string_view sink_id);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_VALIDATE_H_
