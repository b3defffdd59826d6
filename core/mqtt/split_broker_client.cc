// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/split_broker_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::core {

SplitBrokerClient::SplitBrokerClient(std::unique_ptr<BrokerClient> kept,
                                     std::unique_ptr<BrokerClient> clean,
                                     const std::vector<std::string>& clean_filters,
                                     std::function<bool(const std::string&)> also_clean)
    : clean_filters_(clean_filters.begin(), clean_filters.end()),
      also_clean_(std::move(also_clean)),
      left_over_(clean_filters_),
      kept_(this, std::move(kept)),
      clean_(this, std::move(clean)) {}

SplitBrokerClient::~SplitBrokerClient() { Stop(); }

void SplitBrokerClient::Start(Handler* handler) {
  handler_ = handler;
  kept_.client->Start(&kept_);
  clean_.client->Start(&clean_);
}

void SplitBrokerClient::Stop() {
  clean_.client->Stop();
  kept_.client->Stop();
}

SplitBrokerClient::Side& SplitBrokerClient::SideOf(const std::string& filter) {
  const bool clean =
      clean_filters_.contains(filter) || (also_clean_ != nullptr && also_clean_(filter));
  return clean ? clean_ : kept_;
}

void SplitBrokerClient::Subscribe(const std::string& filter, int qos) {
  SideOf(filter).client->Subscribe(filter, qos);
}

void SplitBrokerClient::Unsubscribe(const std::string& filter) {
  SideOf(filter).client->Unsubscribe(filter);
}

absl::Status SplitBrokerClient::Enqueue(Outgoing publish) {
  return clean_.client->Enqueue(std::move(publish));
}

void SplitBrokerClient::OnMessage(const BrokerMessage& message) {
  MutexLock lock(&message_mutex_);
  handler_->OnMessage(message);
}

void SplitBrokerClient::OnState(Side* side, const BrokerState& state) {
  MutexLock lock(&event_mutex_);
  side->state = state;
  const bool was_connected =
      std::exchange(connected_, kept_.state.connected && clean_.state.connected);
  if (side == &kept_ && state.connected) {
    session_kept_ = session_kept_ && state.session_present;
    GiveUpLeftOver(state.session_present);
  }
  if (!connected_) {
    if (was_connected || down_since_ == absl::InfinitePast()) down_since_ = state.since;
    // What the clean one goes through is no news while the kept one is missing too, nor is
    // a connection of the kept one unless it leaves the other one's failure to be told.
    const bool news =
        was_connected ||
        (side == &kept_ ? !state.connected || clean_.state.attempts > 0 : kept_.state.connected);
    if (!news) return;
  }
  handler_->OnState(Combined());
  if (connected_) session_kept_ = true;
}

BrokerState SplitBrokerClient::Combined() {
  const Side& missing = kept_.state.connected ? clean_ : kept_;
  const Side& other = kept_.state.connected ? kept_ : clean_;
  BrokerState combined = missing.state;
  if (connected_) {
    combined.since = std::max(kept_.state.since, clean_.state.since);
    combined.session_present = session_kept_;
    return combined;
  }
  combined.since = down_since_;
  if (other.state.connected && combined.reason != DisconnectReason::kStopped) {
    combined.detail = absl::StrCat(
        &missing == &kept_ ? "the connection for uplinks: " : "the connection for requests: ",
        combined.detail);
  }
  return combined;
}

void SplitBrokerClient::GiveUpLeftOver(bool session_present) {
  if (!session_present) left_over_.clear();
  for (const std::string& filter : left_over_) kept_.client->Unsubscribe(filter);
}

void SplitBrokerClient::OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) {
  MutexLock lock(&event_mutex_);
  if (connected_) handler_->OnSubscribed(filter, answer);
}

void SplitBrokerClient::OnUnsubscribed(Side* side, const std::string& filter) {
  MutexLock lock(&event_mutex_);
  if (side != &SideOf(filter)) {
    left_over_.erase(filter);
  } else if (connected_) {
    handler_->OnUnsubscribed(filter);
  }
}

}  // namespace wirepas_grpc::core
