// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/duplicate_filter.h"

#include "absl/hash/hash.h"

namespace wirepas_grpc::core {

DuplicateFilter::DuplicateFilter(size_t capacity) : ring_(capacity) { seen_.reserve(capacity); }

bool DuplicateFilter::IsDuplicate(absl::string_view gateway_id, uint64_t event_id) {
  const size_t key = absl::HashOf(gateway_id, event_id);
  if (seen_.contains(key)) return true;
  if (filled_ == ring_.size()) {
    seen_.erase(ring_[position_]);
  } else {
    ++filled_;
  }
  ring_[position_] = key;
  position_ = (position_ + 1) % ring_.size();
  seen_.insert(key);
  return false;
}

}  // namespace wirepas_grpc::core
