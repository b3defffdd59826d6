// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_HOSTILE_ATTACK_TOOLS_H_
#define WIREPAS_GRPC_TESTS_HOSTILE_ATTACK_TOOLS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/hostile/raw_connection.h"

namespace wirepas_grpc::hostile {

// A round takes so long, and little more.
inline constexpr absl::Duration kRound = absl::Milliseconds(700);
// What a connection sends at most in a round.
inline constexpr size_t kMostBytes = 12 << 20;

// So many connections, fewer if they are refused, each with `bytes` sent.
std::vector<RawConnection> Connect(int port, int count, absl::string_view bytes);

// Sends `bytes` again and again for a round. Returns how many went.
uint64_t Repeat(RawConnection* connection, absl::string_view bytes, bool reading);

// `piece` so often that it is about so many bytes.
std::string Times(absl::string_view piece, size_t bytes);

// Lets what is open be for the rest of a round.
void Hold(absl::Duration how_long = kRound);

}  // namespace wirepas_grpc::hostile

#endif  // WIREPAS_GRPC_TESTS_HOSTILE_ATTACK_TOOLS_H_
