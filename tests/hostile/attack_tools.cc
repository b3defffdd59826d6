// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/attack_tools.h"

#include <utility>

#include "absl/time/clock.h"
#include "core/base/instant.h"

namespace wirepas_grpc::hostile {

std::vector<RawConnection> Connect(int port, int count, absl::string_view bytes) {
  std::vector<RawConnection> connections;
  const core::Instant end = core::Instant::Now() + 5 * kRound;
  for (int i = 0; i < count && core::Instant::Now() < end; ++i) {
    RawConnection connection(port);
    if (!connection.connected()) break;
    connection.Send(bytes, kRound);
    connections.push_back(std::move(connection));
  }
  return connections;
}

uint64_t Repeat(RawConnection* connection, absl::string_view bytes, bool reading) {
  const core::Instant end = core::Instant::Now() + kRound;
  uint64_t sent = 0;
  while (core::Instant::Now() < end) {
    const size_t went = connection->Send(bytes, end - core::Instant::Now(), reading);
    sent += went;
    if (went < bytes.size()) break;
  }
  return sent;
}

std::string Times(absl::string_view piece, size_t bytes) {
  std::string all;
  while (all.size() < bytes) all.append(piece.data(), piece.size());
  return all;
}

void Hold(absl::Duration how_long) { absl::SleepFor(how_long); }

}  // namespace wirepas_grpc::hostile
