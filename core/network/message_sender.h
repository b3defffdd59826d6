// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_MESSAGE_SENDER_H_
#define WIREPAS_GRPC_CORE_NETWORK_MESSAGE_SENDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "core/network/message_queues.h"
#include "core/network/network.h"
#include "gateway_api/send_packet.pb.h"

namespace wirepas_grpc::core {

// Sends messages into meshes, while a sink has no room again and in order (see
// MessageQueues), and with retries made safe: a message whose request id its caller
// chose is taken by its sink once; repeating the id gives the first one's result, also
// when that comes only after the first caller gave up. Thread-safe.
//
// An id is remembered, with its result if that has come, for kRemembered from when it was
// first used. It is forgotten at once when it is sure that its message had no effect and may be
// tried again: it was not sent, or its sink had no room for it until its time was over. While a
// call waits for it, its message holds a place for requests. When none
// does any more, an answer is listened for as long as the id is remembered, without a place.
class MessageSender {
 public:
  static constexpr absl::Duration kRemembered = absl::Minutes(5);
  // How many ids are remembered. When a new one comes, the oldest that no call waits for is
  // forgotten for it: a repetition of that is sent anew. Those that calls wait for stay, and
  // if there are no others the new one comes on top of them. An id is what goes to the gateway:
  // the answer to a message that was forgotten is taken for that to the next one of its id
  // through the same sink, if it comes so late.
  static constexpr size_t kMaxRemembered = 100000;

  explicit MessageSender(Network* network, size_t max_remembered = kMaxRemembered)
      : network_(network), max_remembered_(max_remembered), queues_(network) {}

  // Names one call of Send(); nothing to cancel when all are 0.
  struct Ticket {
    RequestId request_id = 0;
    uint64_t waiter = 0;   // 0: the request id was not chosen by the caller
    uint64_t message = 0;  // then: its number, see MessageQueues::Key
  };

  // `done` is called exactly once, on the executor. INVALID_ARGUMENT: the request
  // id was used for something else. Otherwise as Network::Request() and MessageQueues. A
  // repetition needs no place; one that `limit` has is held until its call ends.
  Ticket Send(const GatewayId& gateway, const SinkId& sink,
              const wirepas::proto::gateway_api::SendPacketReq& request, const RequestLimit& limit,
              std::optional<RequestId> chosen, RequestDone done);

  // Ends the call as CANCELLED unless it has ended. What was sent is sent; with a
  // chosen id its result is still kept for a repetition. When nobody wants it any more, it is
  // not tried again. What was not sent when its last call ended, by this or by its time, is not
  // sent any more.
  void Cancel(const Ticket& ticket) { Cancel(absl::MakeConstSpan(&ticket, 1)); }
  // All at once: none that waits is sent meanwhile.
  void Cancel(absl::Span<const Ticket> tickets);

  // Whether a message of this id, chosen by its caller, is remembered.
  bool Remembers(RequestId id) const;

  // See MessageQueues::Close().
  void Close() { queues_.Close(); }

  const MessageQueues& queues() const { return queues_; }
  // Request ids that are remembered.
  size_t remembered() const;

 private:
  struct Waiter {
    RequestDone done;
    TimerId timer = 0;
    std::optional<absl::Duration> from_taken;  // see RequestLimit
    RequestPlaces::PlacePtr place;             // of a repetition
  };
  struct Entry {
    size_t fingerprint = 0;  // of gateway, sink and message
    uint64_t number = 0;     // its own: the id may be forgotten and used again
    Instant expires;
    // None if it was refused at once, for one as the id is that of somebody else's message.
    MessageQueues::Key message;
    RequestPlaces::PlacePtr place;  // the message's; given back when no call waits
    std::optional<RequestOutcome> outcome;
    std::map<uint64_t, Waiter> waiters;
  };

  Ticket SendChosen(const GatewayId& gateway, const SinkId& sink,
                    const wirepas::proto::gateway_api::SendPacketReq& request,
                    const RequestLimit& limit, RequestId id, RequestDone done);
  void OnTaken(RequestId id, uint64_t entry_number);
  void OnOutcome(RequestId id, uint64_t entry_number, const RequestOutcome& outcome);
  void OnWaiterTimeout(RequestId id, uint64_t waiter);
  // Null: it is not there any more.
  Entry* FindLocked(RequestId id, uint64_t entry_number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<Waiter> TakeWaiterLocked(RequestId id, uint64_t waiter)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // No call waits for it any more.
  void SetIdleLocked(RequestId id, Entry* entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetLocked(RequestId id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetExpiredLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Network* const network_;
  const size_t max_remembered_;
  MessageQueues queues_;
  mutable Mutex mutex_;
  absl::flat_hash_map<RequestId, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  // Those that no call waits for, the oldest first.
  std::set<std::pair<Instant, RequestId>> idle_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_entry_ ABSL_GUARDED_BY(mutex_) = 1;
  uint64_t next_waiter_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_MESSAGE_SENDER_H_
