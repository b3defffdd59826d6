// SPDX-License-Identifier: Apache-2.0
// Where a simulated gateway takes the ids of its events from.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_EVENT_IDS_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_EVENT_IDS_H_

#include <cstdint>
#include <random>

#include "tests/simulator/profile.h"

namespace wirepas_grpc::sim {

// A polite gateway counts from `seed` up and never begins again. The others are new
// processes after Restart(): the Linux gateway draws 64 random bits, or counts its
// packets from 0 up if `counts_packets`; the embedded one asks a rand() that nobody
// seeds. Not thread-safe.
class EventIds {
 public:
  EventIds(Profile profile, bool counts_packets, uint64_t seed);

  uint64_t OfStatus();
  uint64_t OfPacket();

  void Restart();

 private:
  const Profile profile_;
  const bool counts_packets_;
  uint64_t next_;
  std::mt19937_64 random_;
  std::minstd_rand0 unseeded_;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_EVENT_IDS_H_
