// SPDX-License-Identifier: Apache-2.0
#include "core/directory/news.h"

#include <algorithm>

namespace wirepas_grpc::core {

absl::Time TimeOfEpochMs(uint64_t time_ms) {
  constexpr uint64_t kMaxEpochMs = 253402300799000;
  if (time_ms == 0 || time_ms > kMaxEpochMs) return absl::InfinitePast();
  return absl::FromUnixMillis(static_cast<int64_t>(time_ms));
}

bool IsOlderThanSinks(const NewsTime& list, const GatewayNews& news) {
  return list.IsOlderThan(news.sinks) ||
         std::any_of(news.sink.begin(), news.sink.end(),
                     [&](const auto& told) { return list.IsOlderThan(told.second); });
}

}  // namespace wirepas_grpc::core
