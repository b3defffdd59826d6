// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/call/asker.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/call/request_size.h"
#include "api/network/rpcs.h"
#include "api/network/send_message.h"
#include "core/base/mutex.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::SendMessagesRequest;
using Response = mesh::SendMessagesResponse;
using Reactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;
using Ticket = core::MessageSender::Ticket;

// Requests of one stream that are read and whose responses are not yet written. The
// stream reads on when one of them is, and when the request read last has a place.
constexpr size_t kMaxUnanswered = 10000;

// The bytes of one request, several times what the largest message takes.
constexpr size_t kMaxRequestSize = 16 << 10;

// Smaller ones have no room for more fields than may be.
constexpr size_t kWorthMeasuring = 2 * kMaxStreamedFields;

absl::Status CheckFields(grpc::ByteBuffer* bytes) {
  if (bytes->Length() < kWorthMeasuring) return absl::OkStatus();
  grpc::ProtoBufferReader reader(bytes);
  return MeasureRequest(*Request::descriptor(), bytes->Length(), &reader, kMaxStreamedFields)
      .status();
}

absl::Status Decode(grpc::ByteBuffer* bytes, Request* request) {
  if (bytes->Length() > kMaxRequestSize) {
    return core::WithReason(
        absl::ResourceExhaustedError(
            absl::StrCat("a request of the stream is larger than ", kMaxRequestSize >> 10, " KiB")),
        core::Reason::kTooLarge);
  }
  if (absl::Status status = CheckFields(bytes); !status.ok()) return status;
  if (grpc::SerializationTraits<Request>::Deserialize(bytes, request).ok()) {
    return absl::OkStatus();
  }
  return core::WithReason(
      absl::InvalidArgumentError("a request of the stream is not a SendMessagesRequest"),
      core::Reason::kMalformedRequest);
}

grpc::ByteBuffer Encode(const Response& response) {
  grpc::ByteBuffer bytes;
  bool owned = false;
  (void)grpc::SerializationTraits<Response>::Serialize(response, &bytes, &owned);
  return bytes;
}

// One stream. When the service shuts down it reads no more, answers what it has read, and ends.
//
// gRPC has at most one read and one write of it under way; requests are
// pending at core, by number; responses wait in a queue that kMaxUnanswered bounds.
// Owned by gRPC until it is done with the call, and by pending requests.
class MessageStream final : public Reactor,
                            public OpenStream,
                            public std::enable_shared_from_this<MessageStream> {
 public:
  MessageStream(Engine* engine, core::AskerPtr asker) : engine_(engine), asker_(std::move(asker)) {}

  // Called in the RPC's handler.
  void Start(StreamRegistry::PlacePtr place) {
    {
      core::MutexLock lock(&mutex_);  // OnCancel() may come on another thread at once
      place_ = std::move(place);
      self_ = shared_from_this();
    }
    StartSendInitialMetadata();
    StartRead(&request_bytes_);
  }

  void End(const grpc::Status& status) override {
    {
      core::MutexLock lock(&mutex_);
      if (end_.has_value()) return;
      end_ = status;
    }
    Advance();
  }

  bool acts() const override { return true; }
  void Drain(const grpc::Status& status) override {
    {
      core::MutexLock lock(&mutex_);
      drain_ = status;
    }
    Advance();
  }

 private:
  void OnReadDone(bool ok) override {
    Request request;
    const absl::Status decoded = ok ? Decode(&request_bytes_, &request) : absl::OkStatus();
    request_bytes_.Clear();
    if (ok && decoded.ok()) {
      Take(request);
    } else {
      core::MutexLock lock(&mutex_);
      reading_ = false;
      requests_ended_ = true;
      bad_request_ = decoded;
    }
    Advance();
  }

  void OnWriteDone(bool ok) override {
    {
      core::MutexLock lock(&mutex_);
      writing_ = false;
      --unanswered_;
      if (!ok && !end_.has_value()) end_ = grpc::Status::CANCELLED;
    }
    Advance();
  }

  void OnCancel() override { End(grpc::Status::CANCELLED); }

  void OnDone() override {
    std::shared_ptr<MessageStream> last;  // destroyed after the lock is released
    core::MutexLock lock(&mutex_);
    place_ = nullptr;
    last = std::move(self_);
  }

  // Takes the request that was read.
  void Take(const Request& request) {
    const uint64_t correlation_id = request.correlation_id();
    const Target target = TargetOf(request.request().sink().gateway_id(), request.request().sink().sink_id());
    const absl::StatusOr<MessageToSend> send =
        request.has_request() ? Parse(request.request()) : InvalidField("request", "missing");
    uint64_t number;
    core::RequestPlaces::PlacePtr place;
    bool admitted;
    {
      core::MutexLock lock(&mutex_);
      // What was read before the service shuts down is answered, however long it waits for a
      // place; what comes with its end is not sent.
      admitted = !engine_->network->draining();
      reading_ = false;
      if (finished_ || end_.has_value()) return;  // the stream is over
      ++unanswered_;
      number = next_number_++;
      if (send.ok()) {
        pending_.try_emplace(number);
        place = TakePlaceLocked(number, correlation_id, target, *send, admitted);
      }
    }
    if (!send.ok()) {
      Response response;
      response.set_correlation_id(correlation_id);
      *response.mutable_error() = ToCallError(send.status(), target);
      core::MutexLock lock(&mutex_);
      responses_.push_back(std::move(response));
      return;
    }
    if (place != nullptr) Send(number, correlation_id, target, *send, admitted, std::move(place));
  }

  // Null: the client's share is used up, or all places are taken. Then nothing more is read
  // until there is one, with which the message is sent.
  core::RequestPlaces::PlacePtr TakePlaceLocked(uint64_t number, uint64_t correlation_id,
                                                const Target& target, const MessageToSend& send,
                                                bool admitted)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    core::RequestPlaces& places = engine_->network->tracker().places();
    absl::StatusOr<core::RequestPlaces::PlacePtr> place = places.Take(asker_);
    if (place.ok()) return *std::move(place);
    waits_for_place_ =
        places.Wait(asker_, [self = shared_from_this(), number, correlation_id, target, send,
                             admitted](core::RequestPlaces::PlacePtr given) {
          {
            core::MutexLock lock(&self->mutex_);
            self->waits_for_place_ = 0;
            if (!self->pending_.contains(number)) return;  // the stream is over
          }
          self->Send(number, correlation_id, target, send, admitted, std::move(given));
          self->Advance();
        });
    return nullptr;
  }

  void Send(uint64_t number, uint64_t correlation_id, const Target& target,
            const MessageToSend& send, bool admitted, core::RequestPlaces::PlacePtr place) {
    // Thousands may wait for the broker before it.
    core::RequestLimit limit = kRequestLimit;
    limit.from_taken = true;
    limit.allow_unknown_gateway = send.allow_unknown_gateway;
    limit.admitted = admitted;
    limit.place = std::move(place);
    const Ticket ticket = engine_->sender.Send(
        send.name.gateway, send.name.sink, send.message, limit, send.request_id,
        [self = shared_from_this(), number, correlation_id,
         target](const core::RequestOutcome& outcome) {
          self->OnOutcome(number, correlation_id, target, outcome);
        });
    KeepTicket(number, ticket);
  }

  // Unless the outcome has come meanwhile. At the end of the stream, what is pending
  // has been given up already.
  void KeepTicket(uint64_t number, const Ticket& ticket) {
    {
      core::MutexLock lock(&mutex_);
      const auto found = pending_.find(number);
      if (found != pending_.end()) {
        found->second = ticket;
        return;
      }
      if (!finished_) return;
    }
    engine_->sender.Cancel(ticket);
  }

  void OnOutcome(uint64_t number, uint64_t correlation_id, const Target& target,
                 const core::RequestOutcome& outcome) {
    Response response;
    response.set_correlation_id(correlation_id);
    if (outcome.status.ok()) {
      *response.mutable_sent() = ToSendMessageResponse(outcome, target);
    } else {
      *response.mutable_error() = ToCallError(outcome, target);
    }
    {
      core::MutexLock lock(&mutex_);
      if (pending_.erase(number) == 0) return;  // the stream is over
      if (outcome.status.ok() || outcome.fate() != core::RequestFate::kNotSent) sent_ = true;
      responses_.push_back(std::move(response));
    }
    Advance();
  }

  // The end of a drained stream that has sent something: what repeats calls by themselves after
  // UNAVAILABLE would repeat all of it.
  static grpc::Status CutShort() {
    core::RequestOutcome outcome;
    outcome.status = core::WithReason(
        absl::DeadlineExceededError(
            "the service is shutting down; what has no response was not sent"),
        core::Reason::kShuttingDown);
    outcome.maybe_done = true;
    return ToGrpcStatus(outcome, {});
  }

  // The end after a request that could not be taken. What was sent before has its responses.
  grpc::Status EndOf(const absl::Status& bad_request) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    core::RequestOutcome outcome;
    outcome.status = bad_request;
    outcome.maybe_done = sent_;
    return ToGrpcStatus(outcome, {});
  }

  // Does what is due: finishes, or reads on and writes the next response.
  void Advance() {
    bool write = false;
    bool more_to_write = false;
    {
      core::MutexLock lock(&mutex_);
      if (finished_) return;
      if (!end_.has_value() && unanswered_ == 0) {
        if (requests_ended_) {
          end_ = bad_request_.ok() ? grpc::Status::OK : EndOf(bad_request_);
        } else if (drain_.has_value()) {
          end_ = sent_ ? CutShort() : *drain_;
        }
      }
      if (!end_.has_value()) {
        const bool reads = !requests_ended_ && !drain_.has_value();
        if (!reading_ && reads && unanswered_ < kMaxUnanswered && waits_for_place_ == 0) {
          reading_ = true;
          // Under the lock, so that the call cannot be finished before.
          StartRead(&request_bytes_);
        }
        if (writing_ || responses_.empty()) return;
        write = writing_ = true;
        response_ = Encode(responses_.front());
        responses_.pop_front();
        more_to_write = !responses_.empty();
      } else if (writing_) {
        return;  // the end of the write comes here again
      } else {
        finished_ = true;
      }
    }
    if (!write) return FinishNow();
    grpc::WriteOptions options;
    if (more_to_write) options.set_buffer_hint();  // the transport may gather
    StartWrite(&response_, options);
  }

  // Gives up what is pending and ends the call. The last that touches gRPC.
  void FinishNow() {
    std::vector<Ticket> tickets;
    grpc::Status status;
    uint64_t waits_for_place;
    {
      core::MutexLock lock(&mutex_);
      for (const auto& [number, ticket] : pending_) tickets.push_back(ticket);
      pending_.clear();
      responses_.clear();
      status = *end_;
      waits_for_place = std::exchange(waits_for_place_, 0);
    }
    if (waits_for_place != 0) engine_->network->tracker().places().CancelWait(waits_for_place);
    engine_->sender.Cancel(tickets);
    Finish(std::move(status));
  }

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
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  // The wait of the request that was read last; 0: it has its place.
  uint64_t waits_for_place_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<uint64_t, Ticket> pending_ ABSL_GUARDED_BY(mutex_);
  std::deque<Response> responses_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

Reactor* SendMessages(Engine* engine, const grpc::CallbackServerContext& context) {
  const auto stream = std::make_shared<MessageStream>(engine, AskerOf(engine->network, context));
  absl::StatusOr<StreamRegistry::PlacePtr> place = engine->streams.Add(stream);
  if (!place.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(place.status()));
  stream->Start(*std::move(place));
  return stream.get();
}

}  // namespace wirepas_grpc::api
