// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/sink_names.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::core {

SinkNamePtr SinkNames::Get(absl::string_view gateway_id, absl::string_view sink_id) {
  std::string key = absl::StrCat(gateway_id, "/", sink_id);  // ids have no slash
  const auto found = names_.find(key);
  if (found != names_.end()) return found->second;
  if (names_.size() >= sweep_at_) DropUnused();
  auto name =
      std::make_shared<const SinkName>(SinkName{std::string(gateway_id), std::string(sink_id)});
  names_.emplace(std::move(key), name);
  return name;
}

void SinkNames::DropUnused() {
  for (auto name = names_.begin(); name != names_.end();) {
    const auto current = name++;
    if (current->second.use_count() == 1) names_.erase(current);
  }
  sweep_at_ = std::max<size_t>(256, 2 * names_.size());
}

}  // namespace wirepas_grpc::core
