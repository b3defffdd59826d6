// SPDX-License-Identifier: Apache-2.0
//
// What an open connection is given to send, and what became of it.
#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/mqtt/paho_broker_client.h"
#include "core/mqtt/topic_syntax.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

// What Paho is given at a time. It looks through everything it has for each
// publish, so the bulk waits here; and it stalls for up to a second when it hits an
// MQTT 5 broker's receive maximum, so it never does.
constexpr size_t kMaxUnfinished = 256;

// Brokers may put several MQTT packets into one WebSocket frame. Paho handles the first
// and leaves the others until more data comes, so it is made to come: by unsubscribing
// from what nobody subscribes to.
constexpr absl::Duration kNudgeInterval = absl::Seconds(1);
constexpr char kNudgeFilter[] = "wirepas-grpc/nothing";

// An upper bound of an MQTT 5 PUBLISH packet without topic and payload.
constexpr size_t kPublishOverhead = 16;

absl::Status Lost(const absl::Status& status) {
  return WithReason(
      status, absl::IsAborted(status) ? Reason::kConnectionLost : Reason::kBrokerNotConnected);
}

absl::Status CheckLimits(const OutgoingPublish& publish, const BrokerLimits& limits) {
  const size_t size = publish.topic.size() + publish.payload.size();
  if (limits.maximum_packet_size < kPublishOverhead ||
      size > limits.maximum_packet_size - kPublishOverhead) {
    return WithReason(
        absl::InvalidArgumentError(absl::StrCat("the broker takes no packet above ",
                                                limits.maximum_packet_size, " bytes")),
        Reason::kTooLarge);
  }
  if (publish.retain && !limits.retain_available) {
    return WithReason(absl::FailedPreconditionError("the broker keeps no retained messages"),
                      Reason::kBrokerDenies);
  }
  return absl::OkStatus();
}

}  // namespace

void PahoBrokerClient::Serve(PahoConnection& connection) {
  std::optional<OutgoingQueue::Item> item;
  while (NextItem(&item)) {
    CheckQos2(connection);
    if (item.has_value()) Send(connection, *std::move(item));
  }
}

void PahoBrokerClient::SetMaxInflight(size_t max_inflight) {
  if (options_.version == MqttVersion::k5) return;
  MutexLock lock(&mutex_);
  limits_.receive_maximum = std::max<size_t>(1, max_inflight);
  if (CanSend()) changed_.Signal();
}

bool PahoBrokerClient::CanSend() const {
  const size_t window = std::min(kMaxUnfinished, limits_.receive_maximum);
  return !outgoing_.empty() && publishing_.size() + subscribing_.size() < window;
}

bool PahoBrokerClient::Drained() const {
  return (outgoing_.empty() && publishing_.empty()) || Instant::Now() >= drain_deadline_;
}

bool PahoBrokerClient::NextItem(std::optional<OutgoingQueue::Item>* item) {
  MutexLock lock(&mutex_);
  item->reset();
  while (phase_ == Phase::kConnected && !CanSend() && !qos2_to_check_.has_value()) {
    if (!stopping_ && options_.use_websocket) {
      if (changed_.WaitWithTimeout(&mutex_, kNudgeInterval)) {
        *item = OutgoingSubscription{kNudgeFilter, std::nullopt};
        return phase_ == Phase::kConnected;
      }
    } else if (!stopping_) {
      changed_.Wait(&mutex_);
    } else if (Drained()) {
      return false;
    } else {
      changed_.WaitWithTimeout(&mutex_, drain_deadline_ - Instant::Now());
    }
  }
  if (phase_ != Phase::kConnected || (stopping_ && Drained())) return false;
  if (CanSend()) *item = outgoing_.Pop();
  return true;
}

void PahoBrokerClient::Send(PahoConnection& connection, OutgoingQueue::Item item) {
  if (auto* publish = std::get_if<OutgoingPublish>(&item)) {
    SendPublish(connection, std::move(*publish));
  } else {
    SendSubscription(connection, std::get<OutgoingSubscription>(item));
  }
}

void PahoBrokerClient::SendPublish(PahoConnection& connection, OutgoingPublish publish) {
  if (publish.begin != nullptr) {
    const bool wanted = publish.begin();
    publish.begin = nullptr;
    if (!wanted) {
      if (publish.done) {
        publish.done(
            WithReason(absl::CancelledError("not wanted any more: not sent"), Reason::kCancelled));
      }
      return;
    }
  }
  uint64_t id = 0;
  absl::Status status;
  {
    MutexLock lock(&mutex_);
    id = next_id_++;
    publishing_[id] = std::move(publish.done);
    status = CheckLimits(publish, limits_);
    publish.qos = std::min({publish.qos, limits_.maximum_qos, max_qos_});
  }
  if (status.ok()) {
    status = connection.Publish(id, std::move(publish.topic), std::move(publish.payload),
                                publish.qos, publish.retain);
  }
  if (!status.ok()) OnFinished(id, status);
}

void PahoBrokerClient::SendSubscription(PahoConnection& connection,
                                        const OutgoingSubscription& subscription) {
  uint64_t id = 0;
  {
    MutexLock lock(&mutex_);
    id = next_id_++;
    subscribing_[id] = subscription;
  }
  // A broker would end the connection for a malformed filter, again and again.
  if (absl::Status status = CheckTopicFilter(subscription.filter); !status.ok()) {
    return RefuseUnsent(id, status);
  }
  const absl::Status status = subscription.qos.has_value()
                                  ? connection.Subscribe(id, subscription.filter, *subscription.qos)
                                  : connection.Unsubscribe(id, subscription.filter);
  // Whoever waits for the answer is served by the next connection.
  if (!status.ok()) OnLost({DisconnectReason::kConnectionLost, std::string(status.message())});
}

void PahoBrokerClient::FailUnfinished() {
  std::vector<PublishDone> unsent;
  absl::flat_hash_map<uint64_t, PublishDone> sent;
  {
    MutexLock lock(&mutex_);
    unsent = outgoing_.Clear();
    sent.swap(publishing_);
    subscribing_.clear();
    qos2_to_check_.reset();
    phase_ = Phase::kIdle;
  }
  for (PublishDone& done : unsent) {
    if (done) done(Lost(absl::UnavailableError("the connection to the broker was lost: not sent")));
  }
  for (auto& [id, done] : sent) {
    if (done) done(Lost(absl::AbortedError("the connection to the broker was lost: maybe sent")));
  }
}

// What is under way at QoS 2 stays in Paho's memory until the connection ends. Over MQTT
// 3.1.1 these few messages are in nobody's way. Over MQTT 5 Paho counts them as what the
// broker has not taken, up to its receive maximum, and stalls: there it begins anew.
void PahoBrokerClient::CheckQos2(const PahoConnection& connection) {
  std::optional<int> message_id;
  {
    MutexLock lock(&mutex_);
    message_id = std::exchange(qos2_to_check_, std::nullopt);
  }
  if (!message_id.has_value() || !connection.KeepsMessage(*message_id)) return;
  {
    MutexLock lock(&mutex_);
    max_qos_ = 1;
  }
  if (options_.faults != nullptr) ++options_.faults->qos2_answered_as_qos1;
  spdlog::warn(
      "broker {}: it answers messages of QoS 2 as if they were of QoS 1 (see "
      "--mqtt_request_qos); requests go on at QoS 1, where a radio message may go out twice",
      endpoint_);
  if (options_.version == MqttVersion::k5) {
    OnLost({DisconnectReason::kConnectionLost, "the broker does not answer QoS 2 as it should"});
  }
}

void PahoBrokerClient::OnQos2Taken(int message_id) {
  MutexLock lock(&mutex_);
  qos2_to_check_ = message_id;
  changed_.Signal();
}

void PahoBrokerClient::OnFinished(uint64_t id, const absl::Status& status) {
  PublishDone done;
  std::optional<OutgoingSubscription> answered;
  {
    MutexLock lock(&mutex_);
    if (const auto it = publishing_.find(id); it != publishing_.end()) {
      done = std::move(it->second);
      publishing_.erase(it);
    } else {
      answered = TakeAnswered(id);
    }
    if (CanSend() || stopping_) changed_.Signal();
  }
  if (done) done(status);
  // The connection broke, which Paho may say before it tells of its end: that is no answer.
  if (!answered.has_value() || answered->qos.has_value() || absl::IsAborted(status)) return;
  // Paho 1.3 takes every UNSUBACK for a success.
  if (!status.ok() && answered->filter != kNudgeFilter) {
    spdlog::warn("broker {}: {} may still arrive: {}", endpoint_, answered->filter,
                 std::string(status.message()));
  }
  MutexLock lock(&handler_mutex_);
  handler_->OnUnsubscribed(answered->filter);
}

void PahoBrokerClient::OnSuback(uint64_t id, int code) {
  std::optional<OutgoingSubscription> answered;
  {
    MutexLock lock(&mutex_);
    answered = TakeAnswered(id);
    if (CanSend() || stopping_) changed_.Signal();
  }
  if (!answered.has_value() || !answered->qos.has_value()) return;
  const SubscribeAnswer answer = SubscribeAnswerOf(code, *answered->qos);
  MutexLock lock(&handler_mutex_);
  handler_->OnSubscribed(answered->filter, answer);
}

void PahoBrokerClient::RefuseUnsent(uint64_t id, const absl::Status& status) {
  std::optional<OutgoingSubscription> refused;
  {
    MutexLock lock(&mutex_);
    refused = TakeAnswered(id);
  }
  if (!refused.has_value()) return;
  MutexLock lock(&handler_mutex_);
  if (refused->qos.has_value()) {
    handler_->OnSubscribed(refused->filter, {.status = status, .asked_qos = *refused->qos});
  } else {
    handler_->OnUnsubscribed(refused->filter);  // no broker has it
  }
}

std::optional<OutgoingSubscription> PahoBrokerClient::TakeAnswered(uint64_t id) {
  const auto found = subscribing_.find(id);
  if (found == subscribing_.end()) return std::nullopt;
  OutgoingSubscription answered = std::move(found->second);
  subscribing_.erase(found);
  if (phase_ != Phase::kConnected) return std::nullopt;
  return answered;
}

}  // namespace wirepas_grpc::core
