// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/duplicate_filter.h"

namespace wirepas_grpc::core {

DuplicateFilter::DuplicateFilter(size_t capacity) : ring_(capacity) { seen_.reserve(capacity); }

bool DuplicateFilter::IsDuplicate(uint64_t packet_id) {
  if (seen_.contains(packet_id)) return true;
  if (filled_ == ring_.size()) {
    seen_.erase(ring_[position_]);
  } else {
    ++filled_;
  }
  ring_[position_] = packet_id;
  position_ = (position_ + 1) % ring_.size();
  seen_.insert(packet_id);
  return false;
}

}  // namespace wirepas_grpc::core
