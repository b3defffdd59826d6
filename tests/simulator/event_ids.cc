// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/event_ids.h"

namespace wirepas_grpc::sim {

EventIds::EventIds(Profile profile, bool counts_packets, uint64_t seed)
    : profile_(profile),
      counts_packets_(counts_packets && profile == Profile::kLinux),
      next_(counts_packets_ ? 0 : seed),
      random_(seed) {}

uint64_t EventIds::OfStatus() {
  switch (profile_) {
    case Profile::kLinux:
      return random_();
    case Profile::kEmbedded: {
      const uint64_t low = unseeded_();
      return low + (uint64_t{unseeded_()} << 32);
    }
    case Profile::kPolite:
      break;
  }
  return next_++;
}

uint64_t EventIds::OfPacket() { return counts_packets_ ? next_++ : OfStatus(); }

void EventIds::Restart() {
  if (counts_packets_) next_ = 0;
  unseeded_ = {};
}

}  // namespace wirepas_grpc::sim
