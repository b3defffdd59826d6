// SPDX-License-Identifier: Apache-2.0
#include "core/directory/news.h"

#include <algorithm>

namespace wirepas_grpc::core {

bool IsOlderThanSinks(const NewsTime& list, const GatewayNews& news) {
  return list.IsOlderThan(news.sinks) ||
         std::any_of(news.sink.begin(), news.sink.end(),
                     [&](const auto& told) { return list.IsOlderThan(told.second); });
}

}  // namespace wirepas_grpc::core
