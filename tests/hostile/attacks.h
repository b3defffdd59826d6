// SPDX-License-Identifier: Apache-2.0
//
// What a hostile peer does to the service. Every attack is bounded in bytes, connections and
// time, and closes what it opened before it returns.
#ifndef WIREPAS_GRPC_TESTS_HOSTILE_ATTACKS_H_
#define WIREPAS_GRPC_TESTS_HOSTILE_ATTACKS_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace wirepas_grpc::hostile {

// Ports of 127.0.0.1.
struct Target {
  int grpc_port = 0;
  int metrics_port = 0;
};

struct Attack {
  std::string name;
  // One round. Returns the bytes that the service's machine took.
  uint64_t (*run)(const Target& target);
  // What it takes of the service's memory at most. The aim is 100 MiB, which a machine at rest
  // keeps; one that is at work on other things looks late at the connection that is to end.
  double most_mib = 200;
};

// How gtest shows it.
inline void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }

std::vector<Attack> ConnectionAttacks();
std::vector<Attack> CallAttacks();
std::vector<Attack> FrameAttacks();
std::vector<Attack> MetricsAttacks();

}  // namespace wirepas_grpc::hostile

#endif  // WIREPAS_GRPC_TESTS_HOSTILE_ATTACKS_H_
