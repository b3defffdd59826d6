// SPDX-License-Identifier: Apache-2.0
#include "core/network/sink_questions.h"

#include <utility>
#include <vector>

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
  absl::btree_set<std::string> ids;
  {
    MutexLock lock(&mutex_);
    ids.swap(when_synced_);
    for (const auto& [id, stage] : stages_) ids.erase(id);
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
    if (gateway == nullptr || !gateway->reachable()) {
      OnEnded(*id, /*in_vain=*/false);
      continue;
    }
    network_->RefreshSinks({gateway}, kTimeout, [this, id = *id](const auto& silent) {
      OnEnded(id, !silent.empty());
      AskNext();
    });
  }
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

void SinkQuestions::OnEnded(const std::string& gateway_id, bool in_vain) {
  const bool connected = network_->broker().connected();
  if (in_vain && connected) network_->directory().OnSilent(gateway_id);
  MutexLock lock(&mutex_);
  --asked_;
  const auto found = stages_.find(gateway_id);
  // Without a connection it was perhaps not asked at all.
  if (found->second == Stage::kAskedAndWantedAgain || (in_vain && !connected)) {
    found->second = Stage::kWaits;
    waiting_.push_back(gateway_id);
  } else {
    stages_.erase(found);
  }
}

}  // namespace wirepas_grpc::core
