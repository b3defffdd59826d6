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
// The most that is looked at, at a time: what is lost goes from it when it is overdue.
constexpr size_t kMostLookedAt = 1000;
// The most topics that are known to come back.
constexpr size_t kMostTopics = 10'000;

// Time counts in ticks: the scheduler's clock may jump, its timers do not.
constexpr int kTicksOfPatience = 5;
// What has been taken so many ago has had its time: if later ones have come, or if not. Brokers
// keep the order, but may be slow.
constexpr int kOverdue = kTicksOfPatience + 1;
constexpr int kAbandoned = 6 * kTicksOfPatience + 1;
constexpr int kLongestLook = 24 * kTicksOfPatience;

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
      inflight_(options.max_inflight) {
  MutexLock lock(&ticker_->mutex);
  ticker_->guard = this;
}

InflightGuard::~InflightGuard() {
  Stop();
  MutexLock lock(&ticker_->mutex);
  ticker_->guard = nullptr;
}

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

absl::Status InflightGuard::Enqueue(Outgoing publish) {
  uint64_t key = 0;
  bool asked = false;
  {
    MutexLock lock(&mutex_);
    ++under_way_;
    const Look before = look_;
    if (publish.qos == 2 && absl::StartsWith(publish.topic, options_.prefix)) {
      key = Note(publish.topic, publish.payload);
    }
    asked = look_ == Look::kAsked && before != look_;
  }
  publish.done = [this, key, done = std::move(publish.done)](const absl::Status& result) mutable {
    OnDone(key, result.ok());
    if (done) done(result);
  };
  const absl::Status status = inner_->Enqueue(std::move(publish));
  if (!status.ok()) OnDone(key, false);
  if (asked && absl::IsUnavailable(status)) {
    // Without a connection nothing was asked, and its end is no answer.
    MutexLock lock(&mutex_);
    if (look_ == Look::kAsked) look_ = Look::kOff;
  }
  return status;
}

uint64_t InflightGuard::Note(const std::string& topic, const std::string& payload) {
  const size_t at_once = std::min(under_way_, inflight_);
  if (look_ == Look::kOff && at_once > proven_) {
    // Who has subscribed to it already gets them.
    if (wanted_) {
      BeginLook();
    } else {
      look_ = Look::kAsked;
      inner_->Subscribe(filter_, 0);
    }
  }
  if (look_ != Look::kOn || sent_.size() >= kMostLookedAt) return 0;
  most_ = std::max(most_, at_once);
  const uint64_t key = KeyOf(topic, payload);
  sent_[key] = {.number = next_number_++, .topic = absl::HashOf(absl::string_view(topic))};
  return key;
}

void InflightGuard::OnDone(uint64_t key, bool taken) {
  MutexLock lock(&mutex_);
  --under_way_;
  const auto sent = sent_.find(key);
  if (sent == sent_.end()) return;
  if (taken) {
    sent->second.taken = ticks_;
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
  if (telling_.size() < kMostTopics) telling_.insert(sent->second.topic);
  sent_.erase(sent);
  ++came_;
  if (sent_.empty() || lost_ >= kLossesThatTell) Judge(/*over=*/false);
}

void InflightGuard::BeginLook() {
  look_ = Look::kOn;
  TickAfter(options_.patience / kTicksOfPatience);
}

void InflightGuard::TickAfter(absl::Duration delay) {
  timer_ = scheduler_->RunAfter(delay, [ticker = ticker_, generation = ++generation_] {
    MutexLock lock(&ticker->mutex);
    if (ticker->guard != nullptr) ticker->guard->OnTick(generation);
  });
}

void InflightGuard::OnTick(uint64_t generation) {
  MutexLock lock(&mutex_);
  if (generation != generation_) return;
  timer_.reset();
  if (look_ == Look::kPaused) look_ = Look::kOff;
  if (look_ != Look::kOn) return;
  ++ticks_;
  TakeOverdue();
  Judge(/*over=*/ticks_ >= kLongestLook);
  if (look_ == Look::kOn) TickAfter(options_.patience / kTicksOfPatience);
}

void InflightGuard::TakeOverdue() {
  absl::erase_if(sent_, [this](const auto& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const Sent& sent = entry.second;
    const int limit = sent.number < latest_came_ ? kOverdue : kAbandoned;
    if (!sent.taken.has_value() || ticks_ - *sent.taken < limit) return false;
    ++(telling_.contains(sent.topic) ? lost_ : untold_);
    return true;
  });
}

void InflightGuard::Judge(bool over) {
  const bool enough = most_ > 0 && came_ >= kRoundsThatTell * most_;
  if (lost_ >= kLossesThatTell && (enough || over)) {
    SendFewer();
    return EndLook();
  }
  const bool all_came = sent_.empty() && lost_ + untold_ == 0;
  const bool long_enough = over || came_ >= kPatientRounds * kRoundsThatTell * most_;
  const bool goes_well =
      all_came || (long_enough && untold_ < kLossesThatTell && Overtaken() < kLossesThatTell);
  if (enough && goes_well) {
    proven_ = std::max(proven_, most_);
    telling_.clear();
    return EndLook();
  }
  if (!over) return;
  const bool pause = untold_ >= kLossesThatTell;
  EndLook();
  if (!pause) return;
  look_ = Look::kPaused;
  TickAfter(kLongestLook * (options_.patience / kTicksOfPatience));
}

void InflightGuard::SendFewer() {
  inflight_ = std::max<size_t>(1, std::min(inflight_, most_) / 2);
  proven_ = std::min(proven_, inflight_);
  // Rights may have changed: what tells has to come back anew before it is halved again.
  telling_.clear();
  set_inflight_(inflight_);
  spdlog::warn(
      "the broker has lost messages that it had acknowledged while {} were under way at once; {} "
      "are sent at a time from now on. --mqtt_max_inflight_messages has to be no more than what "
      "the broker takes",
      most_, inflight_);
}

size_t InflightGuard::Overtaken() const {
  return std::count_if(sent_.begin(), sent_.end(),
                       [this](const auto& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
                         return entry.second.number < latest_came_;
                       });
}

void InflightGuard::EndLook() {
  BeginAnew();
  if (!wanted_) inner_->Unsubscribe(filter_);
}

void InflightGuard::BeginAnew() {
  if (look_ != Look::kNever) look_ = Look::kOff;
  if (timer_.has_value()) scheduler_->Cancel(*timer_);
  timer_.reset();
  ++generation_;
  sent_.clear();
  ticks_ = 0;
  most_ = came_ = lost_ = untold_ = 0;
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
    telling_.clear();
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
    if (look_ == Look::kAsked && answer.status.ok()) {
      BeginLook();
    } else if (look_ == Look::kAsked) {
      look_ = Look::kNever;  // it cannot be known
    }
    if (!wanted_) return;
  }
  handler_->OnSubscribed(filter, answer);
}

}  // namespace wirepas_grpc::core
