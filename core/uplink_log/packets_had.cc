// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/packets_had.h"

#include <algorithm>
#include <utility>

namespace wirepas_grpc::core {

PacketsHad::PacketsHad(PacketIds ids, PacketPlaces places)
    : ids_(std::move(ids)), places_(std::move(places)) {
  for (const auto& [gateway_id, place] : places_) {
    first_ = first_ == 0 ? place.sequence : std::min(first_, place.sequence);
    last_ = std::max(last_, place.sequence);
    ids_[gateway_id].erase(place.packet_id);
  }
  any_elsewhere_ =
      std::any_of(ids_.begin(), ids_.end(), [](const auto& of) { return !of.second.empty(); });
}

bool PacketsHad::Had(uint64_t sequence, const Uplink& uplink) const {
  const auto ids = ids_.find(uplink.gateway_id);
  if (ids == ids_.end()) return sequence <= first_;
  if (sequence <= last_) {
    const auto place = places_.find(uplink.gateway_id);
    if (place != places_.end() && sequence <= place->second.sequence) return true;
  }
  return ids->second.contains(uplink.packet_id);
}

}  // namespace wirepas_grpc::core
