// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_TRAFFIC_CURSOR_H_
#define WIREPAS_GRPC_CORE_TRAFFIC_CURSOR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// A place in the uplink log that outlives the stream it was given in.
struct Cursor {
  uint64_t run_id = 0;         // the run of the service that gave it, see UplinkLog
  uint64_t next_sequence = 0;  // the first entry that was not delivered
  // Stands for what its reader knows to be missing around here; 0: nothing.
  uint64_t told = 0;
};

// Bytes that are opaque to clients: a format version, then the numbers, little-endian. 17
// bytes with version 1, which has no `told`, and 25 with version 2.
std::string EncodeCursor(const Cursor& cursor);

// Nothing when the bytes are not a cursor.
std::optional<Cursor> DecodeCursor(absl::string_view bytes);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_TRAFFIC_CURSOR_H_
