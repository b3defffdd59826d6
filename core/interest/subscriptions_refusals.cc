// SPDX-License-Identifier: Apache-2.0
//
// What comes of the broker's refusals, and when it is asked again.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/gateway_api/topics.h"
#include "core/interest/subscription_records.h"
#include "core/interest/subscriptions.h"

namespace wirepas_grpc::core {

void Subscriptions::OnRefused(Filter* filter, const SubscribeAnswer& answer) {
  SetState(filter, State::kRefused);
  filter->may_pass = answer.may_pass;
  replan_ = true;  // whom else it was to serve is served otherwise
  if (filter->wishes.empty() || (filter->needed && !answer.may_pass)) {
    filter->covered.reset();
    Remember(filter);
  }
  if (std::exchange(filter->may_serve, false)) OpenHoles(filter);
  if (filter->name == kUplinkFilter) all_refused_ = true;
  std::vector<Filter*> unserved;
  std::vector<WishPtr> wishes;
  for (Filter* served : filter->served) {
    if (served != filter && options_.max_uplink_filters > 1) continue;
    unserved.push_back(served);
    for (const Wish* wish : served->wishes) wishes.push_back(wishes_.at(*wish->key));
  }
  const bool stays = std::any_of(wishes.begin(), wishes.end(),
                                 [](const WishPtr& wish) { return wish->terms.stays; });
  if (answer.may_pass || stays) {
    PutOff(*filter, answer.may_pass);
  } else {
    ForgetPause(filter->name);
  }
  for (Filter* served : unserved) {
    if (answer.may_pass) {
      Interrupt(served);
      continue;
    }
    served->covered.reset();
    Remember(served);
  }
  if (answer.may_pass) return;
  const absl::Status refusal = absl::PermissionDeniedError(absl::StrCat(
      "the broker refuses the subscription to ", filter->name, ": ", answer.status.message()));
  for (const WishPtr& wish : wishes) {
    TellRefusal(wish, WithReason(refusal, Reason::kBrokerDenies));
  }
}

void Subscriptions::PutOff(const Filter& filter, bool may_pass) {
  auto found = pauses_.find(filter.name);
  if (found == pauses_.end()) {
    ReconnectDelay delay =
        options_.jitter == nullptr
            ? ReconnectDelay(options_.min_retry, options_.max_retry)
            : ReconnectDelay(options_.min_retry, options_.max_retry, options_.jitter);
    found = pauses_.try_emplace(filter.name, Pause{std::move(delay)}).first;
  }
  Pause& pause = found->second;
  if (pause.timer.has_value()) scheduler_->Cancel(*pause.timer);
  pause.may_pass = may_pass;
  pause.generation = ++pause_generation_;
  pause.timer = scheduler_->RunAfter(
      pause.delay.Next(), [this, topic_filter = filter.name, generation = pause.generation] {
        OnPauseOver(topic_filter, generation);
      });
}

void Subscriptions::ForgetPause(const std::string& topic_filter) {
  const auto found = pauses_.find(topic_filter);
  if (found == pauses_.end()) return;
  if (found->second.timer.has_value()) scheduler_->Cancel(*found->second.timer);
  pauses_.erase(found);
}

void Subscriptions::OnPauseOver(const std::string& topic_filter, uint64_t generation) {
  MutexLock lock(&mutex_);
  const auto found = pauses_.find(topic_filter);
  if (stopped_ || found == pauses_.end() || found->second.generation != generation) return;
  found->second.timer.reset();
  const auto filter = filters_.find(topic_filter);
  const bool needed = filter != filters_.end() && filter->second.needed;
  if (needed && filter->second.refused()) {
    Ask(&filter->second);
    replan_ = true;  // granted, it may serve others too
  } else if (topic_filter == kUplinkFilter && found->second.may_pass) {
    all_refused_ = false;  // whoever has no room needs it
    replan_ = true;
  } else if (!needed) {
    pauses_.erase(found);
  }
  Settle();
}

bool Subscriptions::IsPutOff(const Filter& filter) const {
  if (!filter.refused() || !filter.may_pass) return false;
  const auto found = pauses_.find(filter.name);
  return found != pauses_.end() && found->second.timer.has_value();
}

bool Subscriptions::IsAskedAgain(const std::string& topic_filter) const {
  MutexLock lock(&mutex_);
  const auto found = pauses_.find(topic_filter);
  return found != pauses_.end() && found->second.timer.has_value();
}

bool Subscriptions::AllPutOff() const {
  const auto found = pauses_.find(kUplinkFilter);
  return found != pauses_.end() && found->second.may_pass;
}

bool Subscriptions::IsAwaited(const Filter& filter) const {
  return filter.name == kUplinkFilter && all_refused_ && IsPutOff(filter);
}

void Subscriptions::Interrupt(Filter* filter) {
  if (!filter->covered.has_value() || filter->covered->is_open()) return;
  // What served it may do so for a while yet.
  filter->arrives_in_hole = true;
  // Many are interrupted at once. A gap that was told before tells nothing of this.
  const bool marked = last_mark_ > last_told_ && log_->next() == last_mark_ + 1;
  filter->OpenHole(marked ? last_mark_ : Mark(/*tells=*/false));
  Remember(filter);
}

void Subscriptions::LeaveWithoutRoom(Filter* filter) {
  if (filter->wishes.empty() || !AllPutOff()) {
    filter->covered.reset();
  } else {
    Interrupt(filter);
  }
}

}  // namespace wirepas_grpc::core
