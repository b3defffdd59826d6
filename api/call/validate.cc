// SPDX-License-Identifier: Apache-2.0
#include "api/call/validate.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"

namespace wirepas_grpc::api {

absl::Status CheckAtMost(absl::string_view field, uint64_t value, uint64_t most) {
  return CheckRange(field, value, 0, most);
}

absl::Status CheckRange(absl::string_view field, uint64_t value, uint64_t least, uint64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return InvalidField(field, absl::StrCat(value, " is not between ", least, " and ", most));
}

absl::Status CheckNetworkAddress(absl::string_view field, uint32_t address) {
  return CheckRange(field, address, 1, kMaxNetworkAddress);
}

absl::Status CheckIds(absl::string_view field, const Ids& ids) {
  for (int i = 0; i < ids.size(); ++i) {
    if (core::IsValidId(ids[i])) continue;
    return core::CheckId(absl::StrCat(field, "[", i, "]"), ids[i]);
  }
  return absl::OkStatus();
}

absl::Status CheckCount(absl::string_view field, int count) {
  if (count <= kMaxFilterValues) return absl::OkStatus();
  return InvalidField(field,
                      absl::StrCat(count, " values, at most ", kMaxFilterValues, " are possible"));
}

absl::Status FilterSize::AddIds(absl::string_view field, const Ids& ids) {
  if (absl::Status status = CheckCount(field, ids.size()); !status.ok()) return status;
  size_t bytes = 0;
  for (const std::string& id : ids) bytes += id.size();
  return AddBytes(field, bytes);
}

absl::Status FilterSize::AddNumbers(absl::string_view field, int count) {
  if (absl::Status status = CheckCount(field, count); !status.ok()) return status;
  return AddBytes(field, sizeof(uint32_t) * static_cast<size_t>(count));
}

absl::Status FilterSize::AddBytes(absl::string_view field, size_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= kMaxFilterBytes) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("with it the filter's values take ", bytes_,
                                          " bytes, at most ", kMaxFilterBytes, " are possible"));
}

absl::StatusOr<SinkName> ParseSinkName(absl::string_view gateway_id, absl::string_view sink_id) {
  absl::StatusOr<core::GatewayId> gateway = core::GatewayId::Parse(gateway_id);
  if (!gateway.ok()) return gateway.status();
  absl::StatusOr<core::SinkId> sink = core::SinkId::Parse(sink_id);
  if (!sink.ok()) return sink.status();
  return SinkName{*std::move(gateway), *std::move(sink)};
}

}  // namespace wirepas_grpc::api
