// SPDX-License-Identifier: Apache-2.0
//
// Checks of single fields. All give INVALID_ARGUMENT with the field's name.
#ifndef WIREPAS_GRPC_API_CALL_VALIDATE_H_
#define WIREPAS_GRPC_API_CALL_VALIDATE_H_

#include <cstddef>
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
// The most that the values of all fields of a filter take, in bytes: ids as long as they are,
// numbers 4 each.
inline constexpr size_t kMaxFilterBytes = 256 << 10;

absl::Status CheckAtMost(absl::string_view field, uint64_t value, uint64_t most);
absl::Status CheckRange(absl::string_view field, uint64_t value, uint64_t least, uint64_t most);

// A network address in a request, 1 to 16777215.
absl::Status CheckNetworkAddress(absl::string_view field, uint32_t address);

using Ids = google::protobuf::RepeatedPtrField<std::string>;
absl::Status CheckIds(absl::string_view field, const Ids& ids);
absl::Status CheckCount(absl::string_view field, int count);

// Counts the bytes of one filter's values, field by field, and checks how many there are.
class FilterSize {
 public:
  absl::Status AddIds(absl::string_view field, const Ids& ids);
  absl::Status AddNumbers(absl::string_view field, int count);
  absl::Status AddBytes(absl::string_view field, size_t bytes);

 private:
  size_t bytes_ = 0;
};

// The two ids that most requests have.
struct SinkName {
  core::GatewayId gateway;
  core::SinkId sink;
};
absl::StatusOr<SinkName> ParseSinkName(absl::string_view gateway_id, absl::string_view sink_id);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_VALIDATE_H_
