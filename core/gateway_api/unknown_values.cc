// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/unknown_values.h"

#include <set>

#include "google/protobuf/unknown_field_set.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

// Calls `take` with each number of the field that is not known, in the order in which they came.
template <typename Take>
void VisitUnknown(const google::protobuf::Message& message, int field, Take take) {
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    if (unknown.field(i).number() != field ||
        unknown.field(i).type() != google::protobuf::UnknownField::TYPE_VARINT) {
      continue;
    }
    // As protobuf reads enums: the low half, a negative one being extended to the whole.
    take(static_cast<int32_t>(unknown.field(i).varint()));
  }
}

}  // namespace

std::optional<int32_t> UnknownValue(const google::protobuf::Message& message, int field) {
  std::optional<int32_t> last;
  VisitUnknown(message, field, [&last](int32_t number) { last = number; });
  return last;
}

std::vector<int32_t> UnknownValues(const google::protobuf::Message& message, int field,
                                   size_t most) {
  std::set<int32_t> least;
  VisitUnknown(message, field, [&least, most](int32_t number) {
    least.insert(number);
    if (least.size() > most) least.erase(std::prev(least.end()));
  });
  return {least.begin(), least.end()};
}

std::optional<int32_t> UnknownCode(const gw::ResponseHeader& header) {
  if (header.res() != gw::UNKNOWN_ERROR_CODE) return std::nullopt;
  return UnknownValue(header, gw::ResponseHeader::kResFieldNumber);
}

std::vector<int32_t> UnknownFeatures(const gw::StatusEvent& status) {
  return UnknownValues(status, gw::StatusEvent::kGwFeaturesFieldNumber, kMaxUnknownFeatures);
}

std::vector<int32_t> UnknownFeatures(const gw::GatewayInfo& info) {
  return UnknownValues(info, gw::GatewayInfo::kGwFeaturesFieldNumber, kMaxUnknownFeatures);
}

}  // namespace wirepas_grpc::core
