// SPDX-License-Identifier: Apache-2.0
//
// What the broker is asked for, and what comes of its answers.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/interest/uplink_demand.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {

// ---- subscriptions ----

// Narrow again only well below the bound, so that a reader more or less there does
// not change everything.
void UplinkDemand::UpdateWidth() {
  if (options_.max_filters <= 1) return;
  const bool many = tops_ > (wide_ ? options_.max_filters / 2 : options_.max_filters);
  const bool wide = many && !refused_.contains(UplinkPattern());
  if (wide == wide_) return;
  wide_ = wide;
  ServeAll();
}

void UplinkDemand::ServeAll() {
  for (auto& [pattern, wanted] : wanted_) Serve(pattern, &wanted);
}

void UplinkDemand::Serve(const UplinkPattern& pattern, Wanted* wanted) {
  const UplinkPattern server = wide_ ? UplinkPattern() : wanted->top;
  if (wanted->server == server) return;
  if (!subscriptions_.contains(server)) Ask(server);
  Subscription& subscription = subscriptions_[server];
  ++subscription.served;
  // What it was covered by goes only when this is granted.
  if (wanted->server.has_value()) --subscriptions_.at(*wanted->server).served;
  if (!wanted->covered_since.has_value() && subscription.granted) {
    SetCovered(pattern, wanted, subscription.covers_since);
  }
  wanted->server = server;
  if (!subscription.granted) return;
  for (const auto& reader : wanted->readers) CheckReader(reader);
}

void UplinkDemand::Ask(const UplinkPattern& server) {
  subscriptions_[server].refused = false;
  std::string filter = server.TopicFilter();
  if (options_.store != nullptr) options_.store->SetAsked(server);
  // Under the lock, so that it cannot pass an Unsubscribe() on another thread.
  broker_->Subscribe(filter, options_.qos);
  by_filter_.insert_or_assign(std::move(filter), server);
}

void UplinkDemand::Drop(const UplinkPattern& server) {
  const std::string filter = server.TopicFilter();
  broker_->Unsubscribe(filter);
  if (options_.store != nullptr) options_.store->ForgetAsked(server);
  by_filter_.erase(filter);
  subscriptions_.erase(server);
}

bool UplinkDemand::AllAnswered() const {
  return std::all_of(subscriptions_.begin(), subscriptions_.end(), [](const auto& entry) {
    return entry.second.granted || entry.second.refused;
  });
}

void UplinkDemand::DropStale() {
  std::vector<UplinkPattern> stale;
  for (const auto& [server, subscription] : subscriptions_) {
    if (subscription.served == 0) stale.push_back(server);
  }
  if (stale.empty() || (connected_ && !AllAnswered())) return;
  for (const UplinkPattern& server : stale) Drop(server);
  if (subscriptions_.empty()) interrupted_ = false;  // nobody is left to be told
}

// ---- from the broker ----

void UplinkDemand::OnConnected(bool session_present) {
  MutexLock lock(&mutex_);
  connected_ = true;
  // The broker kept the session, and with it what came meanwhile.
  if (session_present) interrupted_ = false;
}

void UplinkDemand::OnDisconnected() {
  MutexLock lock(&mutex_);
  connected_ = false;
  for (auto& [server, subscription] : subscriptions_) {
    interrupted_ |= subscription.granted;
    subscription.granted = false;
    subscription.refused = false;
  }
  // Those that are wanted are asked for again by themselves; this one is not.
  if (!wanted_.contains(UplinkPattern())) refused_.erase(UplinkPattern());
}

void UplinkDemand::OnSubscribed(const std::string& topic_filter, const absl::Status& status) {
  MutexLock lock(&mutex_);
  const auto found = by_filter_.find(topic_filter);
  if (found == by_filter_.end()) return;  // given up meanwhile
  const UplinkPattern server = found->second;
  if (status.ok()) {
    OnGranted(server);
  } else {
    OnRefused(server, status);
  }
  DropStale();
}

void UplinkDemand::OnGranted(const UplinkPattern& server) {
  Subscription& subscription = subscriptions_.at(server);
  subscription.granted = true;
  MarkInterruption();
  if (!subscription.covers_since.has_value()) {
    subscription.covers_since = log_->AppendGap({GapReason::kNotSubscribed, 0}) + 1;
  }
  for (auto& [pattern, wanted] : wanted_) {
    if (wanted.server != server) continue;
    if (!wanted.covered_since.has_value()) {
      SetCovered(pattern, &wanted, subscription.covers_since);
    }
    for (const auto& reader : wanted.readers) CheckReader(reader);
  }
  if (refused_.erase(server) > 0) FindTops();
}

void UplinkDemand::MarkInterruption() {
  const bool any_granted = std::any_of(subscriptions_.begin(), subscriptions_.end(),
                                       [](const auto& entry) { return entry.second.granted; });
  if (!interrupted_ || !any_granted || !AllAnswered()) return;
  log_->AppendGap({GapReason::kBrokerDisconnected, std::nullopt});
  spdlog::warn("uplinks: what came while the broker was away is lost");
  interrupted_ = false;
}

void UplinkDemand::OnRefused(const UplinkPattern& server, const absl::Status& status) {
  Subscription& subscription = subscriptions_.at(server);
  subscription.refused = true;
  subscription.covers_since.reset();
  // Whom else it was to serve is served otherwise.
  if (refused_.insert(server).second) FindTops();
  MarkInterruption();
  const absl::Status refusal = absl::PermissionDeniedError(absl::StrCat(
      "the broker refuses the subscription to ", server.TopicFilter(), ": ", status.message()));
  for (auto& [pattern, wanted] : wanted_) {
    if (wanted.server != server) continue;
    SetCovered(pattern, &wanted, std::nullopt);
    for (const auto& reader : wanted.readers) Tell(reader, refusal, 0);
  }
}

}  // namespace wirepas_grpc::core
