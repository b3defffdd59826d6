// SPDX-License-Identifier: Apache-2.0
//
// The queues of sinks that have refused messages: who waits, and who goes next.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/random/distributions.h"
#include "absl/strings/str_cat.h"
#include "core/network/message_queues.h"
#include "core/network/queued_message.h"

namespace wirepas_grpc::core {
namespace {

RequestOutcome NeverSent(const SinkPath& sink) {
  RequestOutcome outcome;
  outcome.status = absl::ResourceExhaustedError(absl::StrCat(
      RequestTargetText(sink.gateway.value(), sink.sink.value()),
      ": the sink had no room for the messages before it (SINK_OUT_OF_MEMORY); nothing was "
      "sent"));
  outcome.status = WithReason(outcome.status, Reason::kSinkBusy);
  outcome.answer = wirepas::proto::gateway_api::SINK_OUT_OF_MEMORY;
  return outcome;
}

}  // namespace

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

void MessageQueues::OnTimeOver(const MessagePtr& message, uint64_t armed) {
  MutexLock lock(&mutex_);
  if (!message->waits || message->armed != armed) return;
  Take(message);
  Post(message, EndOfWait(*message));
}

RequestOutcome MessageQueues::EndOfWait(const Message& message) const {
  if (message.refusal.has_value()) return *message.refusal;
  if (closed_) return NotSent(ShuttingDown());
  if (message.queued || message.of_queue) return NeverSent(message.sink);
  const absl::Status over = absl::UnavailableError(
      absl::StrCat(RequestTargetText(message.sink.gateway.value(), message.sink.sink.value()),
                   ": its time was over before it was sent; nothing was sent"));
  return NotSent(WithReason(over, Reason::kOutOfTime));
}

void MessageQueues::Take(const MessagePtr& message) {
  if (message->waits) {
    message->waits = false;
    network_->scheduler().Cancel(message->timer);
    queues_[message->sink].waiting.erase(message->number);
    --waiting_;
  }
  Erase(message);
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

size_t MessageQueues::waiting() const {
  MutexLock lock(&mutex_);
  return waiting_;
}

}  // namespace wirepas_grpc::core
