// SPDX-License-Identifier: Apache-2.0
//
// Whether the statuses that the broker retains have been read, and who has none there any more.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/directory/directory.h"

namespace wirepas_grpc::core {

// What the broker sends again as it is subscribed to again: what a gateway told since, by
// answers too, stands.
bool NetworkDirectory::IsReplay(uint64_t status_on, const NewsTime& time, const GatewayNews& news) {
  MutexLock lock(&mutex_);
  return status_on == connection_ && time.made <= news.status.made;
}

void NetworkDirectory::NoteStatus(absl::string_view gateway_id, bool retained) {
  MutexLock lock(&mutex_);
  sync_.OnStatus(retained, scheduler_->MonotonicNow());
  if (retained) absence_check_.OnRetainedStatus(gateway_id, messages());
  const auto taken = gateways_.find(gateway_id);
  if (taken == gateways_.end()) return;
  taken->second.status_on = connection_;
  if (retained) taken->second.retained_in = round_;
}

void NetworkDirectory::OnStatusSubscribed() {
  MutexLock lock(&mutex_);
  if (!sync_.OnSubscribed(scheduler_->MonotonicNow(), messages())) return;
  RunLater(StatusSync::kQuiet, &NetworkDirectory::CheckSync);
}

void NetworkDirectory::OnStatusAnswer(absl::string_view gateway_id, bool granted) {
  MutexLock lock(&mutex_);
  absence_check_.OnAnswer(gateway_id, granted);
}

// What the gateways are asked when they are heard can be asked only now.
void NetworkDirectory::OnConnected() { heard_round_.fetch_add(1, std::memory_order_release); }

void NetworkDirectory::OnDisconnected() {
  MutexLock lock(&mutex_);
  ++connection_;
  ++round_;
  ++timer_generation_;
  sync_.OnDisconnected(messages());
  std::vector<std::string> asked = absence_check_.OnDisconnected(scheduler_->MonotonicNow());
  if (!asked.empty()) {
    // Not here: CheckAbsence() may be about to ask for them.
    scheduler_->RunAfter(absl::ZeroDuration(),
                         [this, asked = std::move(asked)] { source_->EndAskFor(asked); });
  }
  heard_round_.fetch_add(1, std::memory_order_release);
}

void NetworkDirectory::RunLater(absl::Duration delay, void (NetworkDirectory::*check)(uint64_t)) {
  scheduler_->RunAfter(
      delay, [this, check, generation = ++timer_generation_] { (this->*check)(generation); });
}

void NetworkDirectory::CheckSync(uint64_t generation) {
  StatusSync::Verdict verdict;
  {
    MutexLock lock(&mutex_);
    if (generation != timer_generation_) return;
    verdict = sync_.Check(
        scheduler_->MonotonicNow(), messages(),
        [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return !Unseen(/*limit=*/1).empty(); });
    if (verdict.synced) synced_ = true;
    if (verdict.ask_again) ++round_;
    if (verdict.check_again) RunLater(StatusSync::kQuiet, &NetworkDirectory::CheckSync);
    if (verdict.complete && source_ != nullptr) {
      absence_check_.Begin(scheduler_->MonotonicNow(), Unseen());
      if (absence_check_.active()) {
        RunLater(absl::ZeroDuration(), &NetworkDirectory::CheckAbsence);
      }
    }
  }
  if (verdict.synced) {
    changes_.WakeAll();
    sync_waiters_.WakeAll();
  }
  if (verdict.ask_again && source_ != nullptr) source_->AskForAll();
}

void NetworkDirectory::CheckAbsence(uint64_t generation) {
  AbsenceCheck::Step step;
  {
    MutexLock lock(&mutex_);
    if (generation != timer_generation_) return;
    const Instant now = scheduler_->MonotonicNow();
    step = absence_check_.Next(
        now, messages(),
        [this](absl::string_view id) ABSL_NO_THREAD_SAFETY_ANALYSIS {
          const auto found = gateways_.find(id);
          return found != gateways_.end() && IsUnseen(found->second);
        },
        [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return NextCanary(); });
    Remove(step.gone);
    if (absence_check_.active()) {
      RunLater(absence_check_.NextIn(now), &NetworkDirectory::CheckAbsence);
    }
  }
  if (!step.gone.empty()) changes_.WakeAll();
  if (!step.end_ask.empty()) source_->EndAskFor(step.end_ask);
  if (!step.ask.empty()) source_->AskFor(step.ask);
}

bool NetworkDirectory::IsUnseen(const Entry& entry) const {
  return entry.gateway->state != GatewayState::kUnknown && entry.status_on != connection_;
}

std::vector<std::string> NetworkDirectory::Unseen(size_t limit) const {
  std::vector<std::string> ids;
  for (const auto& [id, entry] : gateways_) {
    if (ids.size() == limit) break;
    if (IsUnseen(entry)) ids.push_back(id);
  }
  return ids;
}

std::string NetworkDirectory::NextCanary() {
  const auto sent = [this](const auto& entry) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return entry.second.retained_in == round_;
  };
  const auto after = gateways_.upper_bound(canary_);
  auto found = std::find_if(after, gateways_.end(), sent);
  if (found == gateways_.end()) found = std::find_if(gateways_.begin(), after, sent);
  canary_ = found != gateways_.end() && sent(*found) ? found->first : "";
  return canary_;
}

void NetworkDirectory::Remove(const std::vector<std::string>& gone) {
  if (gone.empty()) return;
  for (const std::string& id : gone) {
    const auto found = gateways_.find(id);
    CountMemoryLocked(found->second.gateway, nullptr);
    gateways_.erase(found);
  }
  // Those of them that go on sending are found again.
  heard_round_.fetch_add(1, std::memory_order_release);
  ChangedLocked();
}

bool NetworkDirectory::synced() const {
  MutexLock lock(&mutex_);
  return synced_;
}

std::optional<WaitId> NetworkDirectory::WaitSynced(absl::AnyInvocable<void()> callback) {
  const WaitId id = sync_waiters_.Add(std::move(callback));
  if (synced() && sync_waiters_.Remove(id)) return std::nullopt;
  return id;
}

}  // namespace wirepas_grpc::core
