// SPDX-License-Identifier: Apache-2.0
#include "core/sending/network_send.h"

#include <utility>

#include "core/base/reason.h"
#include "core/sending/derived_id.h"

namespace wirepas_grpc::core {
namespace {

// It was not sent, or its sink refused it for want of room, as in MessageSender: a repetition is
// sent.
bool HadEffect(const RequestOutcome& outcome) {
  return outcome.request_id != 0 &&
         outcome.answer != wirepas::proto::gateway_api::SINK_OUT_OF_MEMORY;
}

}  // namespace

NetworkSend::Ptr NetworkSend::Start(Network* network, MessageSender* sender, RouteMemory::Use use,
                                    NetworkListening::UsePtr listening,
                                    const wirepas::proto::gateway_api::SendPacketReq& packet,
                                    std::optional<RequestId> chosen, Terms terms, Done done) {
  const Ptr send(new NetworkSend(network, sender, std::move(use), std::move(listening), packet,
                                 chosen, std::move(terms), std::move(done)));
  send->GoOn();
  return send;
}

NetworkSend::NetworkSend(Network* network, MessageSender* sender, RouteMemory::Use use,
                         NetworkListening::UsePtr listening,
                         const wirepas::proto::gateway_api::SendPacketReq& packet,
                         std::optional<RequestId> chosen, Terms terms, Done done)
    : network_(network),
      sender_(sender),
      route_(use.route()),
      packet_(packet),
      chosen_(chosen),
      limit_(terms.limit),
      waits_for_places_(terms.waits_for_places),
      use_(std::move(use)),
      listening_(std::move(listening)),
      begun_(std::move(terms.begun)),
      done_(std::move(done)),
      missing_(route_->size()) {
  outcomes_.reserve(route_->size());
  for (const SinkPath& sink : *route_) outcomes_.push_back({sink, {}});
}

void NetworkSend::GoOn() {
  while (true) {
    size_t index;
    absl::AnyInvocable<void(size_t)> begun;
    {
      MutexLock lock(&mutex_);
      if (cancelled_) return;
      index = next_;
      if (index == sinks().size()) begun = std::exchange(begun_, nullptr);
    }
    if (index == sinks().size()) {
      if (begun != nullptr) begun(index);
      return;
    }
    RequestPlaces::PlacePtr place;
    if (waits_for_places_) {
      place = TakePlace();
      if (place == nullptr) return;
    }
    SendThrough(index, std::move(place));
  }
}

RequestPlaces::PlacePtr NetworkSend::TakePlace() {
  RequestPlaces& places = network_->tracker().places();
  absl::StatusOr<RequestPlaces::PlacePtr> place = places.Take(limit_.asker);
  if (place.ok()) return *std::move(place);
  MutexLock lock(&mutex_);
  if (cancelled_) return nullptr;
  wait_ = places.Wait(limit_.asker, [self = shared_from_this()](RequestPlaces::PlacePtr given) {
    size_t index;
    {
      MutexLock locked(&self->mutex_);
      self->wait_ = 0;
      if (self->cancelled_) return;
      index = self->next_;
    }
    self->SendThrough(index, std::move(given));
    self->GoOn();
  });
  return nullptr;
}

void NetworkSend::SendThrough(size_t index, RequestPlaces::PlacePtr place) {
  const SinkPath& sink = sinks()[index];
  RequestLimit limit = limit_;
  limit.place = std::move(place);
  std::optional<RequestId> id;
  if (chosen_.has_value()) id = DerivedId(*chosen_, sink);
  {
    // What is begun has an outcome, whenever it is cancelled.
    MutexLock lock(&mutex_);
    if (cancelled_) return;
    next_ = index + 1;
  }
  const MessageSender::Ticket ticket =
      sender_->Send(sink.gateway, sink.sink, packet_, limit, id,
                    [self = shared_from_this(), index](const RequestOutcome& outcome) {
                      self->OnOutcome(index, outcome);
                    });
  {
    MutexLock lock(&mutex_);
    if (!cancelled_) {
      tickets_.push_back(ticket);
      return;
    }
  }
  sender_->Cancel(ticket);
}

void NetworkSend::OnOutcome(size_t index, const RequestOutcome& outcome) {
  std::vector<SinkOutcome> outcomes;
  std::optional<size_t> first;
  std::optional<RouteMemory::Use> use;  // these end after the lock is released
  NetworkListening::UsePtr listening;
  Done done;
  {
    MutexLock lock(&mutex_);
    RequestOutcome& kept = outcomes_[index].outcome;
    kept = outcome;
    kept.response = nullptr;  // tells no more, and is the gateway's to choose
    if (chosen_.has_value() && FieldOf(kept.status) == "request_id") {
      kept.status = RequestIdUsed(*chosen_);
    }
    if (kept.status.ok() && !first_.has_value()) first_ = index;
    // Of one that was cancelled the sender knows best: its own end may have come meanwhile.
    if (HadEffect(kept) && (!absl::IsCancelled(kept.status) || IsRemembered(index))) {
      use_->NoteEffect();
    }
    if (--missing_ > 0) return;
    outcomes.swap(outcomes_);
    first = first_;
    TakeWhatIsHeld(&use, &listening);
    done = std::exchange(done_, nullptr);
  }
  // Before who waits for it may repeat it.
  use.reset();
  listening.reset();
  if (done != nullptr) End(std::move(outcomes), first, std::move(done));
}

bool NetworkSend::IsRemembered(size_t index) const {
  return chosen_.has_value() && sender_->Remembers(DerivedId(*chosen_, sinks()[index]));
}

void NetworkSend::TakeWhatIsHeld(std::optional<RouteMemory::Use>* use,
                                 NetworkListening::UsePtr* listening) {
  use->emplace(*std::move(use_));
  use_.reset();
  *listening = std::move(listening_);
}

void NetworkSend::End(std::vector<SinkOutcome> outcomes, std::optional<size_t> first, Done done) {
  NetworkOutcome result;
  if (first.has_value()) {
    result.decisive = *first;
  } else {
    result.decisive = LeastCertain(outcomes);
    result.status = StatusOfFailed(outcomes, result.decisive);
  }
  result.sinks = std::move(outcomes);
  done(std::move(result));
}

void NetworkSend::Cancel() {
  std::vector<MessageSender::Ticket> tickets;
  std::optional<RouteMemory::Use> use;  // these end after the lock is released
  NetworkListening::UsePtr listening;
  absl::AnyInvocable<void(size_t)> begun;
  Done done;
  uint64_t wait;
  {
    MutexLock lock(&mutex_);
    if (cancelled_) return;
    cancelled_ = true;
    done = std::exchange(done_, nullptr);
    begun = std::exchange(begun_, nullptr);
    wait = std::exchange(wait_, 0);
    tickets.swap(tickets_);
    // What had no turn has no outcome.
    missing_ -= sinks().size() - next_;
    if (missing_ == 0) TakeWhatIsHeld(&use, &listening);
  }
  if (wait != 0) network_->tracker().places().CancelWait(wait);
  sender_->Cancel(tickets);
}

}  // namespace wirepas_grpc::core
