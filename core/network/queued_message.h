// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_QUEUED_MESSAGE_H_
#define WIREPAS_GRPC_CORE_NETWORK_QUEUED_MESSAGE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/base/scheduler.h"
#include "core/network/message_queues.h"

namespace wirepas_grpc::core {

// A message from Send() to its end. For the two halves of MessageQueues alone.
struct MessageQueues::Message {
  // How long before its time a message ends that waits for its turn: its caller's own limit
  // shall not come first.
  static constexpr absl::Duration kMargin = absl::Milliseconds(50);
  static constexpr int kMarginFraction = 10;

  Message(SinkPath sink_in, const wirepas::proto::gateway_api::SendPacketReq& packet_in, Wish wish,
          RequestDone done_in)
      : sink(std::move(sink_in)),
        limit(wish.limit),
        listen(wish.listen),
        margin(std::min(kMargin, limit.timeout / kMarginFraction)),
        taken(std::move(wish.taken)),
        done(std::move(done_in)),
        packet(packet_in),
        longest(limit.timeout) {}

  const SinkPath sink;
  const RequestLimit limit;  // without a place
  const absl::Duration listen;
  const absl::Duration margin;
  absl::AnyInvocable<void()> taken;  // called at most once, by one thread
  RequestDone done;                  // the same
  RequestId id = 0;                  // these are set before others see it
  uint64_t number = 0;               // 0: it was refused at once
  RequestPlaces::PlacePtr place;     // null: there was no need
  bool queued = false;               // from the beginning

  // Guarded by the queues' mutex.
  wirepas::proto::gateway_api::SendPacketReq
      packet;              // empty while it is under way and nobody wants it
  absl::Duration longest;  // time that a caller gave it
  Instant begin;
  Instant end;                // nothing is sent after it
  bool end_is_final = false;  // it counts from when the broker took the message
  bool waits = false;         // in a queue, with `timer` on
  bool under_way = false;     // the present try is, or was, a pending request
  RequestKey request{0};      // that of the last try
  bool holds_up = false;      // the present try counts in Queue::sent, with `timer` on
  bool of_queue = false;      // the present try came out of a queue
  bool unwanted = false;      // is not tried again
  bool ended = false;         // is in no map any more
  TimerId timer = 0;
  uint64_t armed = 0;                     // how often `timer` was: one that runs may be an old one
  uint32_t refusals = 0;                  // how often its sink had no room for it
  std::optional<RequestOutcome> refusal;  // of the last try

  // A message that waited had its margin left at least.
  absl::Duration TryLimit(Instant now) const {
    return std::max({end - now, begin + listen - now, std::min(margin, longest)});
  }
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_QUEUED_MESSAGE_H_
