// SPDX-License-Identifier: Apache-2.0
#include "core/network/sink_questions.h"

#include <utility>
#include <vector>

#include "core/gateway_api/codec.h"
#include "core/network/network.h"

namespace wirepas_grpc::core {

void SinkQuestions::Ask(absl::string_view gateway_id) {
  {
    MutexLock lock(&mutex_);
    const auto [found, first] = stages_.try_emplace(gateway_id, Stage::kWaits);
    if (!first) {
      if (found->second == Stage::kAsked) found->second = Stage::kAskedAndWantedAgain;
      return;
    }
    waiting_.emplace_back(gateway_id);
  }
  AskNext();
}

void SinkQuestions::AskIfUntold(absl::string_view gateway_id) {
  {
    MutexLock lock(&mutex_);
    when_synced_.emplace(gateway_id);
    if (when_synced_.size() > 1) return;  // somebody waits already
  }
  const auto ask = [this] { AskThoseUntold(); };
  if (!network_->directory().WaitSynced(ask).has_value()) network_->executor().Post(ask);
}

void SinkQuestions::AskThoseUntold() {
  std::vector<std::string> ids;
  {
    MutexLock lock(&mutex_);
    for (const std::string& id : when_synced_) {
      if (!stages_.contains(id)) ids.push_back(id);
    }
    when_synced_.clear();
  }
  for (const std::string& id : ids) {
    const GatewayPtr gateway = network_->directory().Find(id);
    if (gateway != nullptr && !gateway->sinks_known) Ask(id);
  }
}

void SinkQuestions::AskAfter(absl::string_view gateway_id, absl::Duration delay) {
  {
    MutexLock lock(&mutex_);
    if (!later_.emplace(gateway_id).second) return;
  }
  network_->scheduler().RunAfter(delay, [this, id = std::string(gateway_id)] {
    {
      MutexLock lock(&mutex_);
      later_.erase(id);
    }
    network_->executor().Post([this, id] { Ask(id); });
  });
}

void SinkQuestions::OnConnected() {
  network_->executor().Post([this] { AskNext(); });
}

void SinkQuestions::AskNext() {
  while (const std::optional<std::string> id = TakeNext()) {
    const GatewayPtr gateway = network_->directory().Find(*id);
    const absl::StatusOr<GatewayId> gateway_id = GatewayId::Parse(*id);
    if (gateway == nullptr || !gateway->reachable() || !gateway_id.ok()) {
      OnEnded(*id, /*again=*/false);
      continue;
    }
    gw::WirepasMessage message;
    message.mutable_get_configs_req();
    RequestLimit limit = kTimeout;
    limit.allow_unknown_gateway = true;
    network_->Request(
        RequestKind::kGetConfigs, *gateway_id, nullptr, std::move(message), limit, std::nullopt,
        [this, id = *id,
         asked = network_->scheduler().MonotonicNow()](const RequestOutcome& outcome) {
          OnOutcome(id, asked, outcome);
          AskNext();
        });
  }
}

void SinkQuestions::OnOutcome(const std::string& id, Instant asked, const RequestOutcome& outcome) {
  if (outcome.status.ok() || outcome.answer.has_value()) return OnEnded(id, /*again=*/false);
  const bool sent = outcome.request_id != 0;
  const bool had_its_time = network_->scheduler().MonotonicNow() - asked >= kTimeout;
  if (sent && had_its_time) network_->directory().OnSilent(id);
  // Sent or not, the connection may have ended it; then it is asked on the next one.
  OnEnded(id, /*again=*/(sent && !had_its_time) || !network_->broker().connected());
  if (!sent && network_->broker().connected()) AskAfter(id, kLateNews);
}

std::optional<std::string> SinkQuestions::TakeNext() {
  if (!network_->broker().connected()) return std::nullopt;
  MutexLock lock(&mutex_);
  if (waiting_.empty() || asked_ >= kMaxAtOnce) return std::nullopt;
  std::string id = std::move(waiting_.front());
  waiting_.pop_front();
  stages_[id] = Stage::kAsked;
  ++asked_;
  return id;
}

void SinkQuestions::OnEnded(const std::string& gateway_id, bool again) {
  MutexLock lock(&mutex_);
  --asked_;
  const auto found = stages_.find(gateway_id);
  if (found->second == Stage::kAskedAndWantedAgain || again) {
    found->second = Stage::kWaits;
    waiting_.push_back(gateway_id);
  } else {
    stages_.erase(found);
  }
}

}  // namespace wirepas_grpc::core
