// SPDX-License-Identifier: Apache-2.0
//
// A message's tries, and what comes of them. Its waiting is in message_queues_wait.cc.
#include "core/network/message_queues.h"

#include <algorithm>
#include <utility>

#include "absl/random/distributions.h"
#include "core/network/queued_message.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

bool IsUnsent(const RequestOutcome& outcome) {
  return outcome.request_id == 0 && !absl::IsCancelled(outcome.status);
}

// Network::Request() could not take it.
bool IsBeyondBound(const RequestOutcome& outcome) {
  return absl::IsResourceExhausted(outcome.status) && !outcome.answer.has_value();
}

}  // namespace

MessageQueues::Key MessageQueues::Send(const GatewayId& gateway, const SinkId& sink,
                                       const gw::SendPacketReq& packet, Wish wish,
                                       RequestDone done) {
  const MessagePtr message = Prepare(gateway, sink, packet, std::move(wish), std::move(done));
  Begin(message);
  return KeyOf(message);
}

MessageQueues::Key MessageQueues::KeyOf(const MessagePtr& message) {
  return {message->id, message->number};
}

MessageQueues::MessagePtr MessageQueues::Prepare(const GatewayId& gateway, const SinkId& sink,
                                                 const gw::SendPacketReq& packet, Wish wish,
                                                 RequestDone done) {
  RequestId id = wish.id.value_or(0);
  RequestPlaces::PlacePtr place = std::move(wish.limit.place);
  const auto message =
      std::make_shared<Message>(SinkPath{gateway, sink}, packet, std::move(wish), std::move(done));
  message->id = id;
  const auto refuse = [&](RequestOutcome outcome) {
    message->ended = true;
    message->number = 0;
    if (place != nullptr) place->GiveBack();
    Post(message, std::move(outcome));
    return message;
  };
  if (network_->draining() && !message->limit.admitted) return refuse(NotSent(ShuttingDown()));
  MutexLock lock(&mutex_);
  const auto queue = queues_.find(message->sink);
  const bool reachable = Reachable(*message);
  message->queued = queue != queues_.end() && reachable;
  if (reachable && place == nullptr) {
    absl::StatusOr<RequestPlaces::PlacePtr> taken =
        network_->tracker().places().Take(message->limit.asker);
    if (!taken.ok()) return refuse(NotSent(taken.status()));
    place = *std::move(taken);
  }
  if (messages_.contains(id)) {
    return refuse(NotSent(RequestIdInUse()));
  }
  while (id == 0 || messages_.contains(id)) id = absl::Uniform<uint64_t>(random_);
  message->id = id;
  message->number = next_number_++;
  message->begin = network_->scheduler().MonotonicNow();
  message->end = message->begin + message->limit.timeout;
  if (message->queued && !Enqueue(message, &queue->second)) return refuse(EndOfWait(*message));
  message->place = std::move(place);
  messages_.emplace(id, message);
  return message;
}

void MessageQueues::Begin(const MessagePtr& message) {
  if (message->queued) {
    Pump(message->sink);
  } else {
    SendNow(message);
  }
}

bool MessageQueues::Reachable(const Message& message) const {
  if (!network_->broker().connected()) return false;
  const bool synced = network_->directory().synced();
  const GatewayPtr gateway = network_->directory().Find(message.sink.gateway.value());
  if (gateway != nullptr) return gateway->reachable();
  return !synced || message.limit.allow_unknown_gateway;
}

void MessageQueues::SendNow(const MessagePtr& message) {
  bool first;
  Network::CallPtr call;
  {
    // Pending at once: what is to end it from now on finds the request.
    MutexLock lock(&mutex_);
    if (message->ended) {
      if (message->holds_up) Release(message);
      return;
    }
    gw::WirepasMessage content;
    *content.mutable_send_packet_req() = message->packet;
    RequestLimit limit = message->limit;
    limit.admitted = true;  // by Prepare()
    limit.place = message->place;
    message->under_way = true;
    first = !message->refusal.has_value();
    if (!first || !limit.from_taken || message->listen > limit.timeout) {
      limit.timeout = message->TryLimit(network_->scheduler().MonotonicNow());
      limit.from_taken = false;
    }
    absl::AnyInvocable<void()> taken = nullptr;
    if (first && (message->limit.from_taken || message->taken != nullptr)) {
      taken = [this, message] { OnTaken(message); };
    }
    call = network_->Prepare(
        RequestKind::kSendData, message->sink.gateway, &message->sink.sink, std::move(content),
        limit, message->id,
        [this, message](const RequestOutcome& outcome) { OnOutcome(message, outcome); },
        std::move(taken));
    message->request = Network::KeyOf(call);
  }
  if (!first) retries_.fetch_add(1, std::memory_order_relaxed);
  network_->Begin(std::move(call));
}

void MessageQueues::OnTaken(const MessagePtr& message) {
  if (message->limit.from_taken) {
    MutexLock lock(&mutex_);
    OnTakenLocked(message);
  }
  if (message->taken != nullptr) message->taken();
}

void MessageQueues::OnTakenLocked(const MessagePtr& message) {
  if (!message->limit.from_taken || message->end_is_final) return;
  message->end =
      std::max(message->end, network_->scheduler().MonotonicNow() + message->limit.timeout);
  message->end_is_final = true;
}

void MessageQueues::OnOutcome(const MessagePtr& message, const RequestOutcome& outcome) {
  bool refused = outcome.answer == gw::SINK_OUT_OF_MEMORY;
  RequestOutcome last = outcome;
  bool ended = true;
  {
    MutexLock lock(&mutex_);
    last.retry_count = message->refusals;  // each but the last was followed by a try
    Queue* queue = nullptr;                // whose others the try held up till now
    if (message->holds_up) queue = &Release(message);
    if (refused) {
      // The answer may come before the word that the broker has the message.
      OnTakenLocked(message);
      message->refusal = last;
      ++message->refusals;
    } else if (message->of_queue && IsBeyondBound(outcome)) {
      refused = true;
      if (message->refusal.has_value()) last = *message->refusal;
    } else if (message->refusal.has_value() && IsUnsent(outcome)) {
      last = *message->refusal;  // it was sent before
    }
    if (refused) {
      queue = &queues_[message->sink];
      if (!message->unwanted) ended = !Enqueue(message, queue);
      // One that was held back by the bound alone may never have been sent.
      if (ended && closed_) last = EndOfWait(*message);
      Pause(message->sink, queue);
    } else if (queue != nullptr && outcome.answer.has_value() && !queue->pausing) {
      queue->window++;
      queue->pause = kFirstPause;
    }
    if (ended) Erase(message);
  }
  if (ended) message->done(last);
  Pump(message->sink);
}

MessageQueues::MessagePtr MessageQueues::FindLocked(const Key& key) const {
  const auto found = messages_.find(key.id);
  if (found == messages_.end() || found->second->number != key.number) return nullptr;
  return found->second;
}

MessageQueues::Ended MessageQueues::Cancel(absl::Span<const Key> cancelled,
                                           absl::Span<const Key> unwanted) {
  Ended dropped;
  MutexLock lock(&mutex_);
  for (const Key& key : cancelled) {
    const MessagePtr message = FindLocked(key);
    if (message == nullptr) continue;
    message->unwanted = true;
    if (message->under_way) {
      network_->CancelRequest(message->request);
    } else {
      Take(message);
      Post(message, NotSent(CallCancelled()));
    }
  }
  for (const Key& key : unwanted) {
    const MessagePtr message = FindLocked(key);
    if (message == nullptr) continue;
    message->unwanted = true;
    if (message->under_way) {
      gw::SendPacketReq().Swap(&message->packet);
    } else {
      RequestOutcome outcome = EndOfWait(*message);
      Take(message);
      dropped.emplace_back(key.id, std::move(outcome));
    }
  }
  return dropped;
}

bool MessageQueues::FailIfUnsent(const Key& key, const absl::Status& status) {
  MutexLock lock(&mutex_);
  const MessagePtr message = FindLocked(key);
  return message != nullptr && network_->tracker().FailIfUnsent(message->request, status);
}

void MessageQueues::Forget(const Key& key) {
  MutexLock lock(&mutex_);
  const MessagePtr message = FindLocked(key);
  if (message == nullptr) return;
  message->unwanted = true;
  if (message->under_way) {
    network_->CancelRequest(message->request);
    Erase(message);
  } else {
    Take(message);
    Post(message, NotSent(CallCancelled()));
  }
}

void MessageQueues::Want(const Key& key, const gw::SendPacketReq& packet, absl::Duration timeout) {
  MutexLock lock(&mutex_);
  const MessagePtr message = FindLocked(key);
  if (message == nullptr) return;
  if (message->unwanted) message->packet = packet;
  const Instant now = network_->scheduler().MonotonicNow();
  message->end = std::exchange(message->unwanted, false) ? now + timeout
                                                         : std::max(message->end, now + timeout);
  message->longest = std::max(message->longest, timeout);
  if (message->waits) ArmTimeOver(message, message->end - message->margin - now);
}

void MessageQueues::Erase(const MessagePtr& message) {
  message->ended = true;
  const auto found = messages_.find(message->id);
  // Before its caller is told, who may go on with the next.
  if (message->place != nullptr) message->place->GiveBack();
  // After Forget() the id may be another message's.
  if (found != messages_.end() && found->second == message) messages_.erase(found);
}

void MessageQueues::Post(const MessagePtr& message, RequestOutcome outcome) {
  network_->executor().Post([message, outcome = std::move(outcome)] { message->done(outcome); });
}

RequestOutcome MessageQueues::NotSent(absl::Status status) {
  RequestOutcome outcome;
  outcome.status = std::move(status);
  return outcome;
}

}  // namespace wirepas_grpc::core
