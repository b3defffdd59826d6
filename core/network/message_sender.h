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
#include "core/base/mutex.h"
#include "core/network/message_queues.h"
#include "core/network/network.h"
#include "gateway_api/send_packet.pb.h"

namespace wirepas_grpc::core {

// Sends messages into meshes, while a sink has no room again and in order (see
// MessageQueues), and with retries made safe: a message whose request id its caller
// chose is taken by its sink once; repeating the id gives the first one's result, also
// when that comes only after the first caller gave up. Thread-safe.
class MessageSender {
 public:
  // How long a chosen request id is remembered.
  static constexpr absl::Duration kRemembered = absl::Minutes(5);
  // How many are remembered at most; more are RESOURCE_EXHAUSTED.
  static constexpr size_t kMaxRemembered = 100000;

  explicit MessageSender(Network* network, size_t max_remembered = kMaxRemembered)
      : network_(network), max_remembered_(max_remembered), queues_(network) {}

  // Names one call of Send(); nothing to cancel when all are 0.
  struct Ticket {
    RequestId request_id = 0;
    uint64_t waiter = 0;  // 0: the request id was not chosen by the caller
  };

  // `done` is called exactly once, on the executor. INVALID_ARGUMENT: the request
  // id was used for something else. Otherwise as Network::Request() and MessageQueues.
  Ticket Send(const GatewayId& gateway, const SinkId& sink,
              const wirepas::proto::gateway_api::SendPacketReq& request, const RequestLimit& limit,
              std::optional<RequestId> chosen, RequestDone done);

  // Ends the call as CANCELLED unless it has ended. What was sent is sent; with a
  // chosen id its result is still kept for a repetition, unless its sink refuses it: when
  // nobody wants it any more, it is not tried again, and a repetition is sent anew.
  void Cancel(const Ticket& ticket) { Cancel(absl::MakeConstSpan(&ticket, 1)); }
  // All at once: none that waits is sent meanwhile.
  void Cancel(absl::Span<const Ticket> tickets);

  // See MessageQueues::Close().
  void Close() { queues_.Close(); }

  const MessageQueues& queues() const { return queues_; }

 private:
  struct Waiter {
    RequestDone done;
    TimerId timer = 0;
    std::optional<absl::Duration> from_taken;  // see RequestLimit
  };
  struct Entry {
    size_t fingerprint = 0;  // of gateway, sink and message
    Instant expires;
    std::optional<RequestOutcome> outcome;
    std::map<uint64_t, Waiter> waiters;
  };

  Ticket SendChosen(const GatewayId& gateway, const SinkId& sink,
                    const wirepas::proto::gateway_api::SendPacketReq& request,
                    const RequestLimit& limit, RequestId id, RequestDone done);
  void OnTaken(RequestId id);
  void OnOutcome(RequestId id, const RequestOutcome& outcome);
  void OnWaiterTimeout(RequestId id, uint64_t waiter);
  std::optional<Waiter> TakeWaiterLocked(RequestId id, uint64_t waiter)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetLocked(RequestId id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetExpiredLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Network* const network_;
  const size_t max_remembered_;
  MessageQueues queues_;
  Mutex mutex_;
  absl::flat_hash_map<RequestId, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::set<std::pair<Instant, RequestId>> expiry_ ABSL_GUARDED_BY(mutex_);  // of all entries
  uint64_t next_waiter_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_MESSAGE_SENDER_H_
