// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_UPLINK_START_H_
#define WIREPAS_GRPC_API_NETWORK_UPLINK_START_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/call/namespaces.h"
#include "core/interest/coverage.h"
#include "core/network/network.h"
#include "core/traffic/cursor.h"
#include "core/traffic/gap.h"
#include "core/uplink_log/packet_search.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

// Where a subscriber wants to start.
struct UplinkStart {
  enum class Kind { kNow, kAfterCursor, kFromTime, kOldest, kAfterPackets };
  Kind kind = Kind::kNow;
  core::Cursor cursor;
  absl::Time time;
  core::PacketIds packets;
  std::optional<core::PacketPlaces> places;  // of the packets, once they were searched for
  bool allow_gap = false;
  uint64_t filter_hash = 0;  // of the filter
};

// INVALID_ARGUMENT, naming the field.
absl::StatusOr<UplinkStart> ParseStart(const mesh::SubscribeUplinkRequest& request);

// The log that starts are places in.
struct UplinkSource {
  const core::UplinkLog* log;
  absl::Time begin;  // since when this run feeds the log
};

// The first entry to give, and what is missing before it.
struct UplinkPosition {
  uint64_t sequence = 0;
  std::optional<core::Gap> gap;
  uint64_t told = 0;  // see core::Cursor
};

// What a cursor carries for a reader of this filter who knows that `coverage` began when it
// did, and of its hole: a start with that cursor and filter tells nothing of either. Another
// filter, a later beginning or a first hole gives another number. Not 0.
uint64_t ToldOf(uint64_t filter_hash, const core::Coverage& coverage);

// `coverage`: what of the log has all that the subscriber wants. A start at which something
// was missed is a gap, allowed or not. Waits for the disk when NeedsDisk(). For packets their
// places are to be set before.
// OUT_OF_RANGE: the start is not kept and no gap is allowed; the message says what
// the oldest is. INVALID_ARGUMENT: a cursor that this service cannot have given.
absl::StatusOr<UplinkPosition> FindStart(const UplinkStart& start, const UplinkSource& source,
                                         const core::Coverage& coverage);

bool NeedsDisk(const UplinkStart& start, const UplinkSource& source);

// The errors of FindStart() as of now, as far as they are known without waiting.
absl::Status CheckStart(const UplinkStart& start, const UplinkSource& source);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_UPLINK_START_H_
