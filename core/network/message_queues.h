// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_MESSAGE_QUEUES_H_
#define WIREPAS_GRPC_CORE_NETWORK_MESSAGE_QUEUES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/random/random.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/base/mutex.h"
#include "core/directory/sink_scope.h"
#include "core/network/network.h"
#include "gateway_api/send_packet.pb.h"

namespace wirepas_grpc::core {

// Sends messages to sinks, and again while a sink has no room for them. Thread-safe.
//
// A message goes out at once, whatever else is under way, until its sink refuses one for
// want of memory. Then that one and all that come for the sink later wait in a queue, in
// order: after a pause the first is tried again, after its answer the next ones, more at
// a time with each answer, and all at once again when none waits. With each refusal the
// pause grows, and only one is tried after it. A try without an answer holds up the others
// for kHoldsUp at most. When too many requests are pending to send one of a queue, it waits
// on as if its sink had refused it.
//
// Every try of a message carries its one request id: the next follows only the answer to
// the one before, and gateways do not take an id for a repetition.
//
// A message holds a place for requests from Send() to its end, whether it is under way or
// waits, unless the place is given back before.
class MessageQueues {
 public:
  static constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
  static constexpr absl::Duration kLongestPause = absl::Seconds(1);
  static constexpr absl::Duration kHoldsUp = absl::Seconds(1);
  // A pause is up to so much of it shorter or longer, by chance.
  static constexpr double kJitter = 0.25;

  explicit MessageQueues(Network* network) : network_(network) {}

  // What a caller wants beyond the message.
  struct Wish {
    // Nothing is sent after its time. One of which every try was refused, or which never
    // had its turn, ends a little before with RESOURCE_EXHAUSTED and SINK_OUT_OF_MEMORY as
    // the answer; with request id 0 if it was never sent. So does one that was refused and
    // cannot be sent again, as the connection or the gateway is gone.
    RequestLimit limit;
    // For the answer to what was sent, if that is longer.
    absl::Duration listen = absl::ZeroDuration();
    std::optional<RequestId> id = std::nullopt;  // not 0; nothing: 64 random bits
    // Called when the broker has taken the message the first time, on its thread; or null.
    absl::AnyInvocable<void()> taken = nullptr;
  };

  // Names one message. Its id may be another's: before it, after it, or if it was refused as
  // the id was pending.
  struct Key {
    RequestId id = 0;
    uint64_t number = 0;  // 0: it was refused at once, and there is nothing to end
  };

  // `done` is called exactly once, on the executor, with an outcome as of
  // Network::Request(). RESOURCE_EXHAUSTED: there is no place for it. One that
  // Network::Request() would refuse at once, as its gateway is offline or there is no broker,
  // does not wait. What was taken before Network::Drain() goes on after it.
  Key Send(const GatewayId& gateway, const SinkId& sink,
           const wirepas::proto::gateway_api::SendPacketReq& packet, Wish wish, RequestDone done);

  // The two halves of Send(), for who holds a lock under which it has to be known which
  // messages there are: what Prepare() has taken can be cancelled, and Begin() sends it
  // unless that was done. Prepare() calls nothing back.
  struct Message;
  using MessagePtr = std::shared_ptr<Message>;
  MessagePtr Prepare(const GatewayId& gateway, const SinkId& sink,
                     const wirepas::proto::gateway_api::SendPacketReq& packet, Wish wish,
                     RequestDone done);
  void Begin(const MessagePtr& message);
  static Key KeyOf(const MessagePtr& message);

  // Ends the messages `cancelled` as CANCELLED unless they have ended. What was sent is sent. The
  // outcome has no request id if the sink did not take the message for sure.
  //
  // Messages that are `unwanted` are not tried again. Those of them that wait, or are about to
  // be sent, are dropped: `done` is not called; they are returned, with how they would have
  // ended. The others are pending requests. Their answers are awaited, for which no more than
  // needed is kept of them; what did not go out yet goes out unless the request is ended.
  //
  // All at once: what one of them leaves room for is none of the others.
  using Ended = std::vector<std::pair<RequestId, RequestOutcome>>;
  Ended Cancel(absl::Span<const Key> cancelled, absl::Span<const Key> unwanted);

  // Ends the request by which a message is under way, unless that was sent or has ended. False:
  // one of these, or it waits.
  bool FailIfUnsent(const Key& key, const absl::Status& status);

  // Ends what waits, and what would wait from now on: as its time would end it, or as
  // UNAVAILABLE if it was never sent.
  void Close();

  // One more caller wants the message, which is `packet`, for `timeout` from now; `unwanted`
  // is forgotten. Does nothing if it has ended.
  void Want(const Key& key, const wirepas::proto::gateway_api::SendPacketReq& packet,
            absl::Duration timeout);

  // Its answer is not awaited any more: what comes of it is told nobody who asks for the id
  // from now on, which is free for another message. `done` is called as after Cancel().
  void Forget(const Key& key);

  // For metrics: how often a message was sent again.
  uint64_t retries() const { return retries_.load(std::memory_order_relaxed); }
  // Messages that wait for their turn.
  size_t waiting() const;

 private:
  // Of a sink that has refused a message, as long as any of its queue is under way.
  struct Queue {
    std::map<uint64_t, MessagePtr> waiting;  // by number
    size_t sent = 0;                         // tries that hold up the others
    size_t window = 1;                       // how many may be
    absl::Duration pause = kFirstPause;      // the next one
    bool pausing = false;
    bool pumping = false;  // somebody is sending, and will look for more
  };

  // Null: it has ended.
  MessagePtr FindLocked(const Key& key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False: its time is over, or nearly, or the queues are closed.
  bool Enqueue(const MessagePtr& message, Queue* queue) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Pause(const SinkPath& sink, Queue* queue) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // (Re)starts the timer of one that waits for `left`.
  void ArmTimeOver(const MessagePtr& message, absl::Duration left)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends a message that is not under way, and its waiting if it does.
  void Take(const MessagePtr& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Erase(const MessagePtr& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The first that is to be sent now; null: none.
  MessagePtr Next(const SinkPath& sink) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Pump(const SinkPath& sink);
  void SendNow(const MessagePtr& message);
  void OnTaken(const MessagePtr& message);
  void OnOutcome(const MessagePtr& message, const RequestOutcome& outcome);
  // The present try does not hold up others any more.
  Queue& Release(const MessagePtr& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // No answer to the try came for kHoldsUp.
  void OnSilence(const MessagePtr& message, uint64_t armed);
  // The broker has taken the message, or was heard to have.
  void OnTakenLocked(const MessagePtr& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether Network::Request() could send to the gateway now.
  bool Reachable(const Message& message) const;
  void OnTimeOver(const MessagePtr& message, uint64_t armed);
  // How one ends that waits, or would.
  RequestOutcome EndOfWait(const Message& message) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Post(const MessagePtr& message, RequestOutcome outcome);
  static RequestOutcome NotSent(absl::Status status);

  Network* const network_;
  std::atomic<uint64_t> retries_ = 0;

  mutable Mutex mutex_;
  absl::flat_hash_map<RequestId, MessagePtr> messages_ ABSL_GUARDED_BY(mutex_);
  std::map<SinkPath, Queue> queues_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;  // in all queues
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 1;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_MESSAGE_QUEUES_H_
