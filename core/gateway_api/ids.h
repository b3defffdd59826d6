// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_GATEWAY_API_IDS_H_
#define WIREPAS_GRPC_CORE_GATEWAY_API_IDS_H_

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// The longest gateway or sink id this service takes, in bytes. MQTT bounds a whole
// topic at 65535.
inline constexpr size_t kMaxIdLength = 256;

// Whether `id` can be one level of a topic: 1 to kMaxIdLength printable ASCII
// characters, without '/', '+' and '#' (MQTT 3.1.1, section 4.7.1).
bool IsValidId(absl::string_view id);

// An id that is known to be valid. Topics to publish on are made of these only, so
// no unchecked input can reach one.
template <typename Tag>
class CheckedId {
 public:
  // INVALID_ARGUMENT, naming the field (Tag::kField) and what is wrong.
  static absl::StatusOr<CheckedId> Parse(absl::string_view id);

  const std::string& value() const { return value_; }
  friend bool operator==(const CheckedId& a, const CheckedId& b) = default;
  friend auto operator<=>(const CheckedId& a, const CheckedId& b) = default;

 private:
  explicit CheckedId(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

struct GatewayIdTag {
  static constexpr char kField[] = "gateway_id";
};
struct SinkIdTag {
  static constexpr char kField[] = "sink_id";
};
using GatewayId = CheckedId<GatewayIdTag>;
using SinkId = CheckedId<SinkIdTag>;

// For error messages: the printable start of what somebody sent.
std::string Printable(absl::string_view text);

absl::Status CheckId(absl::string_view field, absl::string_view id);

template <typename Tag>
absl::StatusOr<CheckedId<Tag>> CheckedId<Tag>::Parse(absl::string_view id) {
  if (absl::Status status = CheckId(Tag::kField, id); !status.ok()) return status;
  return CheckedId(std::string(id));
}

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_GATEWAY_API_IDS_H_
