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

}  // namespace

struct MessageQueues::Message {
  Message(SinkPath sink_in, const gw::SendPacketReq& packet_in, Wish wish, RequestDone done_in)
      : sink(std::move(sink_in)),
        packet(packet_in),
        limit(wish.limit),
        listen(wish.listen),
        margin(std::min(kMargin, limit.timeout / kMarginFraction)),
        taken(std::move(wish.taken)),
        done(std::move(done_in)) {}

  const SinkPath sink;
  const gw::SendPacketReq packet;
  const RequestLimit limit;
  const absl::Duration listen;
  const absl::Duration margin;
  absl::AnyInvocable<void()> taken;  // called at most once, by one thread
  RequestDone done;                  // the same
  RequestId id = 0;                  // set before others see it
  uint64_t number = 0;

  // Guarded by the queues' mutex.
  absl::Time begin;
  absl::Time end;             // nothing is sent after it
  bool end_is_final = false;  // it counts from when the broker took the message
  bool waits = false;         // in a queue, with `timer` on
  bool out_of_queue = false;  // the present try counts in Queue::sent
  bool cancelled = false;
  TimerId timer = 0;
  std::optional<RequestOutcome> refusal;  // of the last try

  absl::Duration TryLimit(absl::Time now) const {
    return std::max({end - now, begin + listen - now, absl::ZeroDuration()});
  }
};

RequestId MessageQueues::Send(const GatewayId& gateway, const SinkId& sink,
                              const gw::SendPacketReq& packet, Wish wish, RequestDone done) {
  RequestId id = wish.id.value_or(0);
  const auto message =
      std::make_shared<Message>(SinkPath{gateway, sink}, packet, std::move(wish), std::move(done));
  const auto refuse = [&](absl::Status status) {
    Post(message, EndedWith(std::move(status), 0));
    return id;
  };
  bool queued = false;
  {
    MutexLock lock(&mutex_);
    if (messages_.contains(id)) {
      return refuse(absl::AlreadyExistsError("a request with this id is pending"));
    }
    while (id == 0 || messages_.contains(id)) id = absl::Uniform<uint64_t>(random_);
    message->id = id;
    message->number = next_number_++;
    message->begin = network_->scheduler().Now();
    message->end = message->begin + message->limit.timeout;
    const auto queue = queues_.find(message->sink);
    if (queue != queues_.end()) {
      const size_t bound = network_->tracker().max_pending();
      if (waiting_ + network_->tracker().pending() >= bound) {
        return refuse(absl::ResourceExhaustedError(
            absl::StrCat("too many requests are pending, the bound is ", bound)));
      }
      queued = true;
      if (!Enqueue(message, &queue->second)) {
        Post(message, NeverSent(message->sink));
        return id;
      }
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

void MessageQueues::SendNow(const MessagePtr& message) {
  gw::WirepasMessage content;
  *content.mutable_send_packet_req() = message->packet;
  RequestLimit limit = message->limit;
  bool first;
  {
    MutexLock lock(&mutex_);
    first = !message->refusal.has_value();
    const absl::Time now = network_->scheduler().Now();
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
  network_->Request(
      RequestKind::kSendData, message->sink.gateway, &message->sink.sink, std::move(content), limit,
      message->id, [this, message](const RequestOutcome& outcome) { OnOutcome(message, outcome); },
      std::move(taken));
  bool cancelled;
  {
    MutexLock lock(&mutex_);
    cancelled = message->cancelled;
  }
  // Before there was a request to cancel.
  if (cancelled) network_->CancelRequest(message->id);
}

void MessageQueues::OnTaken(const MessagePtr& message) {
  if (message->limit.from_taken) {
    MutexLock lock(&mutex_);
    if (!message->end_is_final) {
      message->end = network_->scheduler().Now() + message->limit.timeout;
      message->end_is_final = true;
    }
  }
  if (message->taken != nullptr) message->taken();
}

void MessageQueues::OnOutcome(const MessagePtr& message, const RequestOutcome& outcome) {
  const bool full = outcome.answer == gw::SINK_OUT_OF_MEMORY;
  bool ended = true;
  {
    MutexLock lock(&mutex_);
    const auto found = queues_.find(message->sink);
    if (message->out_of_queue) --found->second.sent;
    if (full && !message->cancelled) {
      if (message->limit.from_taken && !message->end_is_final) {
        // The answer came before the word that the broker has the message.
        message->end = network_->scheduler().Now() + message->limit.timeout;
        message->end_is_final = true;
      }
      message->refusal = outcome;
      Queue* const queue = &queues_[message->sink];
      ended = !Enqueue(message, queue);
      Pause(message->sink, queue);
    } else if (!full && message->out_of_queue && !found->second.pausing) {
      found->second.window++;
      found->second.pause = kFirstPause;
    }
    if (ended) messages_.erase(message->id);
  }
  if (ended) message->done(outcome);
  Pump(message->sink);
}

bool MessageQueues::Enqueue(const MessagePtr& message, Queue* queue) {
  const absl::Duration left = message->end - message->margin - network_->scheduler().Now();
  if (left <= absl::ZeroDuration()) return false;
  message->waits = true;
  message->out_of_queue = false;
  message->timer = network_->scheduler().RunAfter(left, [this, message] { OnTimeOver(message); });
  queue->waiting.emplace(message->number, message);
  ++waiting_;
  return true;
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
  message->out_of_queue = true;
  network_->scheduler().Cancel(message->timer);  // one that runs finds that it does not wait
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

void MessageQueues::OnTimeOver(const MessagePtr& message) {
  {
    MutexLock lock(&mutex_);
    if (!message->waits) return;
    Take(message);
  }
  Post(message, message->refusal.has_value() ? *message->refusal : NeverSent(message->sink));
  Pump(message->sink);
}

void MessageQueues::Cancel(RequestId id) {
  if (!CancelWaiting(id)) network_->CancelRequest(id);
}

bool MessageQueues::CancelWaiting(RequestId id) {
  MessagePtr message;
  {
    MutexLock lock(&mutex_);
    const auto found = messages_.find(id);
    if (found == messages_.end()) return false;
    message = found->second;
    message->cancelled = true;
    if (!message->waits) return false;
    Take(message);
  }
  Post(message, EndedWith(absl::CancelledError("the call was cancelled"), 0));
  Pump(message->sink);
  return true;
}

void MessageQueues::Take(const MessagePtr& message) {
  message->waits = false;
  network_->scheduler().Cancel(message->timer);
  queues_[message->sink].waiting.erase(message->number);
  --waiting_;
  messages_.erase(message->id);
}

void MessageQueues::Post(const MessagePtr& message, RequestOutcome outcome) {
  network_->executor().Post([message, outcome = std::move(outcome)] { message->done(outcome); });
}

size_t MessageQueues::waiting() const {
  MutexLock lock(&mutex_);
  return waiting_;
}

}  // namespace wirepas_grpc::core
