// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/inflight_guard.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

// One may be lost for another reason: they come back at QoS 0.
constexpr size_t kLossesThatTell = 3;
// A look ends when so many times the most that were under way at once have come back.
constexpr size_t kRoundsThatTell = 3;
// After so many times more it ends also with one or two missing.
constexpr size_t kPatientRounds = 10;
// The most that is looked at, at a time.
constexpr size_t kMostLookedAt = 1000;

uint64_t KeyOf(absl::string_view topic, absl::string_view payload) {
  return std::max<uint64_t>(1, absl::HashOf(topic, payload));
}

}  // namespace

InflightGuard::InflightGuard(const Options& options, std::unique_ptr<BrokerClient> inner,
                             absl::AnyInvocable<void(size_t)> set_inflight, Scheduler* scheduler)
    : options_(options),
      filter_(absl::StrCat(options.prefix, "#")),
      inner_(std::move(inner)),
      scheduler_(scheduler),
      set_inflight_(std::move(set_inflight)),
      inflight_(options.max_inflight) {}

void InflightGuard::Start(BrokerClient::Handler* handler) {
  handler_ = handler;
  inner_->Start(this);
}

void InflightGuard::Subscribe(const std::string& filter, int qos) {
  MutexLock lock(&mutex_);
  if (filter == filter_) wanted_ = true;
  inner_->Subscribe(filter, qos);
}

void InflightGuard::Unsubscribe(const std::string& filter) {
  MutexLock lock(&mutex_);
  if (filter == filter_) {
    wanted_ = false;
    BeginAnew();
  }
  inner_->Unsubscribe(filter);
}

absl::Status InflightGuard::Publish(const std::string& topic, const std::string& payload, int qos,
                                    bool retain, PublishDone done) {
  uint64_t key = 0;
  {
    MutexLock lock(&mutex_);
    ++under_way_;
    if (qos == 2 && absl::StartsWith(topic, options_.prefix)) key = Note(topic, payload);
  }
  const absl::Status status =
      inner_->Publish(topic, payload, qos, retain,
                      [this, key, done = std::move(done)](const absl::Status& result) mutable {
                        OnDone(key, result.ok());
                        if (done) done(result);
                      });
  if (!status.ok()) OnDone(key, false);
  return status;
}

uint64_t InflightGuard::Note(const std::string& topic, const std::string& payload) {
  const size_t at_once = std::min(under_way_, inflight_);
  if (look_ == Look::kOff && at_once > proven_) {
    // Who has subscribed to it already gets them.
    look_ = wanted_ ? Look::kOn : Look::kAsked;
    if (!wanted_) inner_->Subscribe(filter_, 0);
  }
  if (look_ != Look::kOn || sent_.size() >= kMostLookedAt) return 0;
  most_ = std::max(most_, at_once);
  const uint64_t key = KeyOf(topic, payload);
  sent_[key] = {next_number_++};
  return key;
}

void InflightGuard::OnDone(uint64_t key, bool taken) {
  MutexLock lock(&mutex_);
  --under_way_;
  const auto sent = sent_.find(key);
  if (sent == sent_.end()) return;
  if (taken) {
    sent->second.taken = scheduler_->Now();
  } else {
    sent_.erase(sent);
  }
}

void InflightGuard::OnMessage(const BrokerMessage& message) {
  if (absl::StartsWith(message.topic, options_.prefix)) {
    MutexLock lock(&mutex_);
    if (look_ == Look::kOn) OnCame(KeyOf(message.topic, message.payload));
    if (!wanted_) return;
  }
  handler_->OnMessage(message);
}

void InflightGuard::OnCame(uint64_t key) {
  const auto sent = sent_.find(key);
  if (sent == sent_.end()) return;
  latest_came_ = std::max(latest_came_, sent->second.number);
  sent_.erase(sent);
  ++came_;
  if (came_ < kRoundsThatTell * most_) return;
  if (Lost() >= kLossesThatTell) {
    inflight_ = std::max<size_t>(1, std::min(inflight_, most_) / 2);
    proven_ = std::min(proven_, inflight_);
    set_inflight_(inflight_);
    spdlog::warn(
        "the broker has lost messages that it had acknowledged while {} were under way at once; {} "
        "are sent at a time from now on. --mqtt_max_inflight_messages has to be no more than what "
        "the broker takes",
        most_, inflight_);
  } else if (sent_.empty() || came_ >= kPatientRounds * kRoundsThatTell * most_) {
    proven_ = std::max(proven_, most_);
  } else {
    return;
  }
  BeginAnew();
  if (!wanted_) inner_->Unsubscribe(filter_);
}

size_t InflightGuard::Lost() {
  const absl::Time before = scheduler_->Now() - options_.patience;
  return std::count_if(sent_.begin(), sent_.end(), [&](const auto& sent) {
    return sent.second.number < latest_came_ && sent.second.taken <= before;
  });
}

void InflightGuard::BeginAnew() {
  if (look_ != Look::kNever) look_ = Look::kOff;
  sent_.clear();
  most_ = 0;
  came_ = 0;
  latest_came_ = 0;
}

void InflightGuard::OnState(const BrokerState& state) {
  {
    MutexLock lock(&mutex_);
    // Some brokers close a connection that asks for what it may not have.
    if (look_ == Look::kAsked && !state.connected) may_look_ = false;
    look_ = may_look_ ? Look::kOff : Look::kNever;
    wanted_ = false;
    BeginAnew();
    if (state.connected) {
      proven_ = 1;
      inflight_ = std::min(options_.max_inflight, 2 * inflight_);
      set_inflight_(inflight_);
    }
  }
  handler_->OnState(state);
}

void InflightGuard::OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) {
  if (filter == filter_) {
    MutexLock lock(&mutex_);
    // Refused: it cannot be known.
    if (look_ == Look::kAsked) look_ = answer.status.ok() ? Look::kOn : Look::kNever;
    if (!wanted_) return;
  }
  handler_->OnSubscribed(filter, answer);
}

}  // namespace wirepas_grpc::core
