// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_NETWORK_MESSAGE_STREAM_H_
#define WIREPAS_GRPC_API_NETWORK_MESSAGE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/call/engine.h"
#include "api/call/errors.h"
#include "api/call/namespaces.h"
#include "api/call/stream_registry.h"
#include "api/network/send_message.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/network/message_sender.h"
#include "core/requests/places.h"
#include "core/sending/network_send.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {

// One SendMessages. When the service shuts down it reads no more, answers what it has read, and
// ends.
//
// gRPC has at most one read and one write of it under way; requests are
// pending at core, by number; responses wait in a queue that kMaxUnanswered bounds.
// Owned by gRPC until it is done with the call, and by pending requests.
//
// A message through a sink takes one place for requests, one by network a place for each of its
// sinks, one after the other. The stream reads on when the last of them is taken. No sink's message
// keeps its place while another's waits, so that each is given one sooner or later.
//
// message_stream.cc has what gRPC and the registry call, message_stream_send.cc what becomes of a
// request.
class MessageStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                            public OpenStream,
                            public std::enable_shared_from_this<MessageStream> {
 public:
  using Request = mesh::SendMessagesRequest;
  using Response = mesh::SendMessagesResponse;

  MessageStream(Engine* engine, core::AskerPtr asker);

  // Called in the RPC's handler.
  void Start(StreamRegistry::PlacePtr place);

  void End(const grpc::Status& status) override;
  bool acts() const override { return true; }
  void Drain(const grpc::Status& status) override;

 private:
  using Ticket = core::MessageSender::Ticket;

  // Sinks that requests are sent through, one at least of each, of which the responses are not yet
  // written. The stream reads on when they are fewer.
  static constexpr size_t kMaxUnanswered = 10000;

  // A request that is read and has no outcome yet. Through a sink it has the ticket, else `cancel`.
  struct Pending {
    uint64_t correlation_id = 0;
    Target target;
    size_t sinks = 1;  // for how many of `unanswered_` it stands
    Ticket ticket = {};
    absl::AnyInvocable<void()> cancel = nullptr;
  };
  // A response that is not written, and for how many sinks of `unanswered_` it stands.
  struct Queued {
    Response response;
    size_t sinks = 1;
  };

  // ---- gRPC's calls ----
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // Does what is due: finishes, or reads on and writes the next response.
  void Advance();
  // Gives up what is pending and ends the call. The last that touches gRPC.
  void FinishNow();
  static grpc::Status CutShort();
  grpc::Status EndOf(const absl::Status& bad_request) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool ReadsOn() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // ---- how long it may be quiet ----
  // Takes up what the first request says of it. INVALID_ARGUMENT, naming the field.
  absl::Status TakeProgressInterval(const Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AwaitQuiet(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnQuiet();

  // ---- requests ----
  // Takes the request that was read.
  void Take(const Request& request);
  void Refuse(const Request& request, const absl::Status& status);
  // Null: the client's share is used up, or all places are taken. Then nothing more is read
  // until there is one, with which the message is sent.
  core::RequestPlaces::PlacePtr TakePlaceLocked(uint64_t number, const MessageToSend& send,
                                                bool admitted)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Send(uint64_t number, const MessageToSend& send, bool admitted,
            core::RequestPlaces::PlacePtr place);
  void SendToNetwork(uint64_t number, MessageToSend send, bool admitted);
  core::RequestLimit Limit(bool admitted) const;
  // Unless the outcome has come meanwhile. At the end of the stream, what is pending
  // has been given up already.
  void KeepTicket(uint64_t number, const Ticket& ticket);
  void KeepCancel(uint64_t number, absl::AnyInvocable<void()> cancel);
  // All sinks of the request have their places.
  void OnPlaced(uint64_t number, size_t sinks);
  void OnOutcome(uint64_t number, const core::RequestOutcome& outcome);
  void OnOutcome(uint64_t number, const core::NetworkOutcome& outcome);
  // `fill`: void(const Pending&, Response*). `sinks`: that it was sent through.
  template <typename Fill>
  void Answer(uint64_t number, size_t sinks, bool sent, Fill fill);

  Engine* const engine_;
  const core::AskerPtr asker_;
  StreamRegistry::PlacePtr place_;
  std::shared_ptr<MessageStream> self_;  // gRPC's share
  grpc::ByteBuffer request_bytes_;       // gRPC's while it reads
  grpc::ByteBuffer response_;            // gRPC's while it writes

  core::Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool requests_ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status bad_request_ ABSL_GUARDED_BY(mutex_);  // what ended them, unless the client did
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> drain_ ABSL_GUARDED_BY(mutex_);  // the end once all is answered
  bool sent_ ABSL_GUARDED_BY(mutex_) = false;                  // something, for sure or perhaps
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 1;
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;     // sinks, see kMaxUnanswered
  size_t being_written_ ABSL_GUARDED_BY(mutex_) = 0;  // those of the response under way
  // The wait of the request that was read last; 0: it has its place.
  uint64_t waits_for_place_ ABSL_GUARDED_BY(mutex_) = 0;
  // The request by network that was read last, while a sink of it has no place; 0: all have.
  uint64_t placing_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<uint64_t, Pending> pending_ ABSL_GUARDED_BY(mutex_);
  std::deque<Queued> responses_ ABSL_GUARDED_BY(mutex_);

  std::optional<absl::Duration> progress_interval_ ABSL_GUARDED_BY(mutex_);  // of the first request
  core::Instant quiet_since_ ABSL_GUARDED_BY(mutex_);
  std::optional<core::TimerId> quiet_timer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_NETWORK_MESSAGE_STREAM_H_
