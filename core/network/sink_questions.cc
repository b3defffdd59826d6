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
  auto ask = [this, id = std::string(gateway_id)] {
    const GatewayPtr gateway = network_->directory().Find(id);
    if (gateway == nullptr || gateway->sinks_known) return;
    {
      MutexLock lock(&mutex_);
      if (stages_.contains(id)) return;
    }
    Ask(id);
  };
  if (!network_->directory().WaitSynced(ask).has_value()) ask();
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

void SinkQuestions::AskNext() {
  while (const std::optional<std::string> id = TakeNext()) {
    const GatewayPtr gateway = network_->directory().Find(*id);
    if (gateway == nullptr || !gateway->reachable()) {
      OnAnswered(*id);
      continue;
    }
    network_->RefreshSinks({gateway}, kTimeout, [this, id = *id](const auto&) {
      OnAnswered(id);
      AskNext();
    });
  }
}

std::optional<std::string> SinkQuestions::TakeNext() {
  MutexLock lock(&mutex_);
  if (waiting_.empty() || asked_ >= kMaxAtOnce) return std::nullopt;
  std::string id = std::move(waiting_.front());
  waiting_.pop_front();
  stages_[id] = Stage::kAsked;
  ++asked_;
  return id;
}

void SinkQuestions::OnAnswered(const std::string& gateway_id) {
  MutexLock lock(&mutex_);
  --asked_;
  const auto found = stages_.find(gateway_id);
  if (found->second == Stage::kAskedAndWantedAgain) {
    found->second = Stage::kWaits;
    waiting_.push_back(gateway_id);
  } else {
    stages_.erase(found);
  }
}

}  // namespace wirepas_grpc::core
