// SPDX-License-Identifier: Apache-2.0
#include "api/convert/filter.h"

#include <bitset>
#include <limits>

#include "absl/strings/str_cat.h"
#include "api/call/validate.h"

namespace wirepas_grpc::api {
namespace {

using Numbers = google::protobuf::RepeatedField<uint32_t>;

absl::Status ReadIds(absl::string_view field, const Ids& ids, FilterSize* size,
                     absl::flat_hash_set<std::string>* values) {
  absl::Status status = size->AddIds(field, ids);
  status.Update(CheckIds(field, ids));
  if (status.ok()) values->insert(ids.begin(), ids.end());
  return status;
}

template <typename Take>
absl::Status ReadNumbers(absl::string_view field, const Numbers& numbers, uint32_t most,
                         FilterSize* size, Take take) {
  if (absl::Status status = size->AddNumbers(field, numbers.size()); !status.ok()) return status;
  for (int i = 0; i < numbers.size(); ++i) {
    if (numbers[i] > most) return CheckAtMost(absl::StrCat(field, "[", i, "]"), numbers[i], most);
    take(numbers[i]);
  }
  return absl::OkStatus();
}

absl::Status ReadAddresses(absl::string_view field, const Numbers& numbers, uint32_t most,
                           FilterSize* size, absl::flat_hash_set<uint32_t>* values) {
  return ReadNumbers(field, numbers, most, size, [&](uint32_t number) { values->insert(number); });
}

absl::Status ReadEndpoints(absl::string_view field, const Numbers& numbers, FilterSize* size,
                           std::bitset<256>* values) {
  return ReadNumbers(field, numbers, 255, size, [&](uint32_t number) { values->set(number); });
}

// The fields that both kinds of filters have.
template <typename Filter>
absl::Status ReadCommon(const Filter& filter, FilterSize* size, core::TrafficFilter* result) {
  absl::Status status =
      ReadIds("filter.gateway_ids", filter.gateway_ids(), size, &result->gateway_ids);
  status.Update(ReadIds("filter.sink_ids", filter.sink_ids(), size, &result->sink_ids));
  status.Update(ReadEndpoints("filter.source_endpoints", filter.source_endpoints(), size,
                              &result->source_endpoints));
  status.Update(ReadEndpoints("filter.destination_endpoints", filter.destination_endpoints(), size,
                              &result->destination_endpoints));
  return status;
}

}  // namespace

absl::StatusOr<core::TrafficFilter> ToFilter(const mesh::UplinkFilter& filter) {
  core::TrafficFilter result;
  FilterSize size;
  absl::Status status = ReadCommon(filter, &size, &result);
  status.Update(ReadAddresses("filter.network_addresses", filter.network_addresses(),
                              kMaxNetworkAddress, &size, &result.network_addresses));
  status.Update(ReadAddresses("filter.source_addresses", filter.source_addresses(),
                              std::numeric_limits<uint32_t>::max(), &size,
                              &result.source_addresses));
  if (!status.ok()) return status;
  return result;
}

absl::StatusOr<core::TrafficFilter> ToFilter(const mesh::DownlinkFilter& filter) {
  core::TrafficFilter result;
  FilterSize size;
  absl::Status status = ReadCommon(filter, &size, &result);
  status.Update(ReadAddresses("filter.destination_addresses", filter.destination_addresses(),
                              std::numeric_limits<uint32_t>::max(), &size,
                              &result.destination_addresses));
  if (!status.ok()) return status;
  return result;
}

}  // namespace wirepas_grpc::api
