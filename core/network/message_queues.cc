// SPDX-License-Identifier: Apache-2.0
#include "core/network/message_queues.h"

#include <algorithm>
#include <utility>

#include "absl/random/distributions.h"
#include "absl/strings/str_cat.h"
#include "core/gateway_api/error_status.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

// How long before its time a message ends that waits for its turn: its caller's own limit
// shall not come first.
constexpr absl::Duration kMargin = absl::Milliseconds(50);
constexpr int kMarginFraction = 10;

RequestOutcome EndedWith(absl::Status status, RequestId id) {
  RequestOutcome outcome;
  outcome.status = std::move(status);
  outcome.request_id = id;
  return outcome;
}

RequestOutcome NeverSent(const SinkPath& sink) {
  RequestOutcome outcome = EndedWith(
      absl::ResourceExhaustedError(absl::StrCat(
          RequestTargetText(sink.gateway.value(), sink.sink.value()),
          ": the sink had no room for the messages before it (SINK_OUT_OF_MEMORY); nothing was "
          "sent")),
      0);
  outcome.answer = gw::SINK_OUT_OF_MEMORY;
  return outcome;
}

bool IsUnsent(const RequestOutcome& outcome) {
  return outcome.request_id == 0 && !absl::IsCancelled(outcome.status);
}

// Network::Request() could not take it.
bool IsBeyondBound(const RequestOutcome& outcome) {
  return absl::IsResourceExhausted(outcome.status) && !outcome.answer.has_value();
}

}  // namespace

struct MessageQueues::Message {
  Message(SinkPath sink_in, const gw::SendPacketReq& packet_in, Wish wish, RequestDone done_in)
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
  uint64_t number = 0;
  RequestPlaces::PlacePtr place;  // null: there was no need

  // Guarded by the queues' mutex.
  gw::SendPacketReq packet;  // empty while it is under way and nobody wants it
  absl::Duration longest;    // time that a caller gave it
  Instant begin;
  Instant end;                // nothing is sent after it
  bool end_is_final = false;  // it counts from when the broker took the message
  bool waits = false;         // in a queue, with `timer` on
  bool under_way = false;     // `packet` was handed on for the present try
  bool holds_up = false;      // the present try counts in Queue::sent, with `timer` on
  bool of_queue = false;      // the present try came out of a queue
  bool unwanted = false;      // is not tried again
  bool cancelled = false;     // the present try is to end
  TimerId timer = 0;
  uint64_t armed = 0;                     // how often `timer` was: one that runs may be an old one
  std::optional<RequestOutcome> refusal;  // of the last try

  // A message that waited had its margin left at least.
  absl::Duration TryLimit(Instant now) const {
    return std::max({end - now, begin + listen - now, std::min(margin, longest)});
  }
};

RequestId MessageQueues::Send(const GatewayId& gateway, const SinkId& sink,
                              const gw::SendPacketReq& packet, Wish wish, RequestDone done) {
  RequestId id = wish.id.value_or(0);
  RequestPlaces::PlacePtr place = std::move(wish.limit.place);
  const auto message =
      std::make_shared<Message>(SinkPath{gateway, sink}, packet, std::move(wish), std::move(done));
  const auto refuse = [&](absl::Status status) {
    if (message->place != nullptr) message->place->GiveBack();
    Post(message, EndedWith(std::move(status), 0));
    return id;
  };
  if (network_->draining() && !message->limit.admitted) return refuse(ShuttingDown());
  bool queued = false;
  {
    MutexLock lock(&mutex_);
    const auto queue = queues_.find(message->sink);
    const bool reachable = Reachable(*message);
    queued = queue != queues_.end() && reachable;
    if (reachable && place == nullptr) {
      absl::StatusOr<RequestPlaces::PlacePtr> taken =
          network_->tracker().places().Take(message->limit.asker);
      if (!taken.ok()) return refuse(taken.status());
      place = *std::move(taken);
    }
    message->place = std::move(place);
    if (messages_.contains(id)) {
      return refuse(absl::AlreadyExistsError("a request with this id is pending"));
    }
    while (id == 0 || messages_.contains(id)) id = absl::Uniform<uint64_t>(random_);
    message->id = id;
    message->number = next_number_++;
    message->begin = network_->scheduler().MonotonicNow();
    message->end = message->begin + message->limit.timeout;
    if (queued && !Enqueue(message, &queue->second)) {
      if (message->place != nullptr) message->place->GiveBack();
      Post(message, EndOfWait(*message));
      return id;
    }
    messages_.emplace(id, message);
  }
  if (queued) {
    Pump(message->sink);
  } else {
    SendNow(message);
  }
  return id;
}

bool MessageQueues::Reachable(const Message& message) const {
  if (!network_->broker().connected()) return false;
  const bool synced = network_->directory().synced();
  const GatewayPtr gateway = network_->directory().Find(message.sink.gateway.value());
  if (gateway != nullptr) return gateway->reachable();
  return !synced || message.limit.allow_unknown_gateway;
}

void MessageQueues::SendNow(const MessagePtr& message) {
  gw::WirepasMessage content;
  RequestLimit limit = message->limit;
  limit.admitted = true;  // by Send()
  limit.place = message->place;
  bool first;
  {
    MutexLock lock(&mutex_);
    *content.mutable_send_packet_req() = message->packet;
    message->under_way = true;
    first = !message->refusal.has_value();
    const Instant now = network_->scheduler().MonotonicNow();
    if (!first || !limit.from_taken || message->listen > limit.timeout) {
      limit.timeout = message->TryLimit(now);
      limit.from_taken = false;
    }
  }
  if (!first) retries_.fetch_add(1, std::memory_order_relaxed);
  absl::AnyInvocable<void()> taken = nullptr;
  if (first && (message->limit.from_taken || message->taken != nullptr)) {
    taken = [this, message] { OnTaken(message); };
  }
  const RequestId request = network_->Request(
      RequestKind::kSendData, message->sink.gateway, &message->sink.sink, std::move(content), limit,
      message->id, [this, message](const RequestOutcome& outcome) { OnOutcome(message, outcome); },
      std::move(taken));
  bool cancelled;
  {
    MutexLock lock(&mutex_);
    cancelled = message->cancelled;
  }
  // Before there was a request to cancel.
  if (cancelled && request != 0) network_->CancelRequest(request);
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
    Queue* queue = nullptr;  // whose others the try held up till now
    if (message->holds_up) queue = &Release(message);
    if (refused) {
      // The answer may come before the word that the broker has the message.
      OnTakenLocked(message);
      message->refusal = outcome;
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

void MessageQueues::OnSilence(const MessagePtr& message, uint64_t armed) {
  {
    MutexLock lock(&mutex_);
    if (!message->holds_up || message->armed != armed) return;
    Release(message);
  }
  network_->executor().Post([this, sink = message->sink] { Pump(sink); });
}

MessageQueues::Queue& MessageQueues::Release(const MessagePtr& message) {
  message->holds_up = false;
  network_->scheduler().Cancel(message->timer);
  Queue& queue = queues_[message->sink];
  --queue.sent;
  return queue;
}

bool MessageQueues::Enqueue(const MessagePtr& message, Queue* queue) {
  const absl::Duration left = message->end - message->margin - network_->scheduler().MonotonicNow();
  if (left <= absl::ZeroDuration() || closed_) return false;
  message->waits = true;
  message->under_way = false;
  ArmTimeOver(message, left);
  queue->waiting.emplace(message->number, message);
  ++waiting_;
  return true;
}

void MessageQueues::ArmTimeOver(const MessagePtr& message, absl::Duration left) {
  network_->scheduler().Cancel(message->timer);
  message->timer = network_->scheduler().RunAfter(
      left, [this, message, armed = ++message->armed] { OnTimeOver(message, armed); });
}

void MessageQueues::Pause(const SinkPath& sink, Queue* queue) {
  queue->window = 1;
  if (queue->pausing) return;
  queue->pausing = true;
  const double chance = absl::Uniform(random_, 1 - kJitter, 1 + kJitter);
  network_->scheduler().RunAfter(queue->pause * chance, [this, sink] {
    {
      MutexLock lock(&mutex_);
      queues_[sink].pausing = false;
    }
    network_->executor().Post([this, sink] { Pump(sink); });
  });
  queue->pause = std::min(2 * queue->pause, kLongestPause);
}

MessageQueues::MessagePtr MessageQueues::Next(const SinkPath& sink) {
  const auto found = queues_.find(sink);
  if (found == queues_.end()) return nullptr;
  Queue& queue = found->second;
  if (queue.pausing || queue.pumping || queue.sent >= queue.window) return nullptr;
  if (queue.waiting.empty()) {
    if (queue.sent == 0) queues_.erase(found);
    return nullptr;
  }
  MessagePtr message = std::move(queue.waiting.begin()->second);
  queue.waiting.erase(queue.waiting.begin());
  --waiting_;
  message->waits = false;
  network_->scheduler().Cancel(message->timer);  // one that runs finds that it does not wait
  message->of_queue = message->holds_up = true;
  const absl::Duration hold = std::min(
      kHoldsUp, std::max(message->end - network_->scheduler().MonotonicNow(), message->margin));
  message->timer = network_->scheduler().RunAfter(
      hold, [this, message, armed = ++message->armed] { OnSilence(message, armed); });
  ++queue.sent;
  queue.pumping = true;
  return message;
}

void MessageQueues::Pump(const SinkPath& sink) {
  while (true) {
    MessagePtr message;
    {
      MutexLock lock(&mutex_);
      message = Next(sink);
    }
    if (message == nullptr) return;
    SendNow(message);
    MutexLock lock(&mutex_);
    queues_[sink].pumping = false;
  }
}

void MessageQueues::OnTimeOver(const MessagePtr& message, uint64_t armed) {
  MutexLock lock(&mutex_);
  if (!message->waits || message->armed != armed) return;
  Take(message);
  Post(message, EndOfWait(*message));
}

RequestOutcome MessageQueues::EndOfWait(const Message& message) const {
  if (message.refusal.has_value()) return *message.refusal;
  return closed_ ? EndedWith(ShuttingDown(), 0) : NeverSent(message.sink);
}

std::vector<RequestId> MessageQueues::Cancel(absl::Span<const RequestId> ids,
                                             absl::Span<const RequestId> unwanted) {
  std::vector<MessagePtr> ended;
  std::vector<RequestId> sent;
  std::vector<RequestId> dropped;
  {
    MutexLock lock(&mutex_);
    for (const RequestId id : ids) {
      const auto found = messages_.find(id);
      if (found == messages_.end()) continue;
      const MessagePtr message = found->second;
      message->unwanted = message->cancelled = true;
      if (message->waits) {
        Take(message);
        ended.push_back(message);
      } else {
        sent.push_back(id);
      }
    }
    for (const RequestId id : unwanted) {
      const auto found = messages_.find(id);
      if (found == messages_.end()) continue;
      const MessagePtr message = found->second;
      message->unwanted = true;
      if (message->under_way) gw::SendPacketReq().Swap(&message->packet);
      if (!message->waits) continue;
      Take(message);
      dropped.push_back(id);
    }
  }
  for (const MessagePtr& message : ended) {
    Post(message, EndedWith(absl::CancelledError("the call was cancelled"), 0));
  }
  for (const RequestId id : sent) network_->CancelRequest(id);
  return dropped;
}

void MessageQueues::Close() {
  std::vector<MessagePtr> ended;
  MutexLock lock(&mutex_);
  closed_ = true;
  for (const auto& [id, message] : messages_) {
    if (message->waits) ended.push_back(message);
  }
  for (const MessagePtr& message : ended) {
    Take(message);
    Post(message, EndOfWait(*message));
  }
}

void MessageQueues::Forget(RequestId id) {
  {
    MutexLock lock(&mutex_);
    const auto found = messages_.find(id);
    if (found == messages_.end()) return;
    const MessagePtr message = found->second;
    message->unwanted = message->cancelled = true;
    if (message->waits) {
      Take(message);
    } else {
      Erase(message);
    }
  }
  network_->CancelRequest(id);
}

void MessageQueues::Want(RequestId id, const gw::SendPacketReq& packet, absl::Duration timeout) {
  MutexLock lock(&mutex_);
  const auto found = messages_.find(id);
  if (found == messages_.end()) return;
  const MessagePtr& message = found->second;
  if (message->unwanted) message->packet = packet;
  const Instant now = network_->scheduler().MonotonicNow();
  message->end = std::exchange(message->unwanted, false) ? now + timeout
                                                         : std::max(message->end, now + timeout);
  message->longest = std::max(message->longest, timeout);
  if (message->waits) ArmTimeOver(message, message->end - message->margin - now);
}

void MessageQueues::Take(const MessagePtr& message) {
  message->waits = false;
  network_->scheduler().Cancel(message->timer);
  queues_[message->sink].waiting.erase(message->number);
  --waiting_;
  Erase(message);
}

void MessageQueues::Erase(const MessagePtr& message) {
  const auto found = messages_.find(message->id);
  // Before its caller is told, who may go on with the next.
  if (message->place != nullptr) message->place->GiveBack();
  // After Forget() the id may be another message's.
  if (found != messages_.end() && found->second == message) messages_.erase(found);
}

void MessageQueues::Post(const MessagePtr& message, RequestOutcome outcome) {
  network_->executor().Post([message, outcome = std::move(outcome)] { message->done(outcome); });
}

size_t MessageQueues::waiting() const {
  MutexLock lock(&mutex_);
  return waiting_;
}

}  // namespace wirepas_grpc::core
