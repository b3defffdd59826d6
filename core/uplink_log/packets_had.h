// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_PACKETS_HAD_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_PACKETS_HAD_H_

#include <cstdint>

#include "core/traffic/uplink.h"
#include "core/uplink_log/packet_search.h"

namespace wirepas_grpc::core {

// What a client that starts after packets has had already, of what a reader meets from its start
// on: of each gateway that the client named, all up to the place of the newest packet that was
// found, and the others of its packets wherever they come; of other gateways all up to the first of
// these places. A value.
class PacketsHad {
 public:
  // `places`: what a search for `ids` has found.
  PacketsHad(PacketIds ids, PacketPlaces places);

  // The place of the first; 0: none was found.
  uint64_t first() const { return first_; }

  bool Had(uint64_t sequence, const Uplink& uplink) const;

  // Whether it had nothing from `sequence` on.
  bool over(uint64_t sequence) const { return sequence > last_ && !any_elsewhere_; }

 private:
  PacketIds ids_;
  PacketPlaces places_;
  uint64_t first_ = 0;
  uint64_t last_ = 0;
  bool any_elsewhere_ = false;  // packets of which no place is known
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_PACKETS_HAD_H_
