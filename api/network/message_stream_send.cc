// SPDX-License-Identifier: Apache-2.0
//
// What becomes of one request of the stream.
#include <algorithm>
#include <utility>

#include "api/call/asker.h"
#include "api/call/gateway.h"
#include "api/network/message_stream.h"
#include "api/network/network_send.h"

namespace wirepas_grpc::api {

void MessageStream::Take(const Request& request) {
  absl::StatusOr<MessageToSend> send =
      request.has_request() ? Parse(request.request()) : InvalidField("request", "missing");
  uint64_t number = 0;
  core::RequestPlaces::PlacePtr place;
  bool admitted;
  absl::Status status = send.status();
  {
    core::MutexLock lock(&mutex_);
    // What was read before the service shuts down is answered, however long it waits for a
    // place; what comes with its end is not sent.
    admitted = !engine_->network->draining();
    reading_ = false;
    if (finished_ || end_.has_value()) return;  // the stream is over
    ++unanswered_;
    status.Update(TakeProgressInterval(request));
    if (status.ok()) {
      number = next_number_++;
      Pending& pending = pending_[number];
      pending.correlation_id = request.correlation_id();
      pending.target = send->target();
      if (send->sink.has_value()) {
        place = TakePlaceLocked(number, *send, admitted);
      } else {
        placing_ = number;
      }
    }
  }
  if (!status.ok()) return Refuse(request, status);
  if (!send->sink.has_value()) return SendToNetwork(number, *std::move(send), admitted);
  if (place != nullptr) Send(number, *send, admitted, std::move(place));
}

void MessageStream::Refuse(const Request& request, const absl::Status& status) {
  Queued queued;
  queued.response.set_correlation_id(request.correlation_id());
  *queued.response.mutable_error() = ToCallError(status, TargetOf(request.request()));
  core::MutexLock lock(&mutex_);
  responses_.push_back(std::move(queued));
}

core::RequestPlaces::PlacePtr MessageStream::TakePlaceLocked(uint64_t number,
                                                             const MessageToSend& send,
                                                             bool admitted) {
  core::RequestPlaces& places = engine_->network->tracker().places();
  absl::StatusOr<core::RequestPlaces::PlacePtr> place = places.Take(asker_);
  if (place.ok()) return *std::move(place);
  waits_for_place_ = places.Wait(asker_, [self = shared_from_this(), number, send,
                                          admitted](core::RequestPlaces::PlacePtr given) {
    {
      core::MutexLock lock(&self->mutex_);
      self->waits_for_place_ = 0;
      if (!self->pending_.contains(number)) return;  // the stream is over
    }
    self->Send(number, send, admitted, std::move(given));
    self->Advance();
  });
  return nullptr;
}

core::RequestLimit MessageStream::Limit(bool admitted) const {
  core::RequestLimit limit = LimitOf(asker_, kRequestLimit);
  limit.from_taken = true;  // thousands may wait for the broker before it
  limit.admitted = admitted;
  return limit;
}

void MessageStream::Send(uint64_t number, const MessageToSend& send, bool admitted,
                         core::RequestPlaces::PlacePtr place) {
  core::RequestLimit limit = Limit(admitted);
  limit.allow_unknown_gateway = send.allow_unknown_gateway;
  limit.place = std::move(place);
  KeepTicket(number, SendThroughSink(
                         engine_, send, limit,
                         [self = shared_from_this(), number](const core::RequestOutcome& outcome) {
                           self->OnOutcome(number, outcome);
                         }));
}

void MessageStream::SendToNetwork(uint64_t number, MessageToSend send, bool admitted) {
  core::NetworkSend::Terms terms{.limit = Limit(admitted),
                                 .waits_for_places = true,
                                 .begun = [self = shared_from_this(), number](size_t sinks) {
                                   self->OnPlaced(number, sinks);
                                 }};
  KeepCancel(number, SendByNetwork(
                         engine_, std::move(send.message), std::move(terms),
                         [self = shared_from_this(), number](const core::NetworkOutcome& outcome) {
                           self->OnOutcome(number, outcome);
                         }));
}

void MessageStream::KeepTicket(uint64_t number, const Ticket& ticket) {
  {
    core::MutexLock lock(&mutex_);
    const auto found = pending_.find(number);
    if (found != pending_.end()) {
      found->second.ticket = ticket;
      return;
    }
    if (!finished_) return;
  }
  engine_->sender.Cancel(ticket);
}

void MessageStream::KeepCancel(uint64_t number, absl::AnyInvocable<void()> cancel) {
  {
    core::MutexLock lock(&mutex_);
    const auto found = pending_.find(number);
    if (found != pending_.end()) {
      found->second.cancel = std::move(cancel);
      return;
    }
    if (!finished_) return;
  }
  cancel();
}

void MessageStream::OnPlaced(uint64_t number, size_t sinks) {
  {
    core::MutexLock lock(&mutex_);
    if (placing_ == number) placing_ = 0;
    const auto found = pending_.find(number);
    if (found != pending_.end()) {
      unanswered_ += sinks - std::exchange(found->second.sinks, sinks);
    }
  }
  Advance();
}

void MessageStream::OnOutcome(uint64_t number, const core::RequestOutcome& outcome) {
  const bool sent = outcome.status.ok() || outcome.fate() != core::RequestFate::kNotSent;
  Answer(number, 1, sent, [&](const Pending& pending, Response* response) {
    if (outcome.status.ok()) {
      *response->mutable_sent() = ToSendMessageResponse(outcome, pending.target);
    } else {
      *response->mutable_error() = ToCallError(outcome, pending.target);
    }
  });
}

void MessageStream::OnOutcome(uint64_t number, const core::NetworkOutcome& outcome) {
  const size_t sinks = std::max<size_t>(outcome.sinks.size(), 1);
  Answer(number, sinks, WasSent(outcome), [&](const Pending&, Response* response) {
    if (outcome.status.ok()) {
      *response->mutable_sent() = ToSendMessageResponse(outcome);
    } else {
      *response->mutable_error() = ToCallError(outcome);
    }
  });
}

template <typename Fill>
void MessageStream::Answer(uint64_t number, size_t sinks, bool sent, Fill fill) {
  Pending pending;  // destroyed after the lock is released
  {
    core::MutexLock lock(&mutex_);
    const auto found = pending_.find(number);
    if (found == pending_.end()) return;  // the stream is over
    pending = std::move(found->second);
    pending_.erase(found);
    if (placing_ == number) placing_ = 0;
    if (sent) sent_ = true;
    Queued queued;
    queued.response.set_correlation_id(pending.correlation_id);
    fill(pending, &queued.response);
    queued.sinks = sinks;
    unanswered_ += sinks - pending.sinks;
    responses_.push_back(std::move(queued));
  }
  Advance();
}

}  // namespace wirepas_grpc::api
