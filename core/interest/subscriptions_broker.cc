// SPDX-License-Identifier: Apache-2.0
//
// What is needed at the broker, what it is asked for, and what comes of its answers.
#include <algorithm>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/gateway_api/topics.h"
#include "core/interest/subscription_records.h"
#include "core/interest/subscriptions.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {

// ---- what is needed ----

void Subscriptions::Plan() {
  replan_ = false;
  to_give_up_ = true;
  FindServers();
  AskForNeeded();
  ServeWishes();
}

void Subscriptions::FindServers() {
  std::vector<Filter*> uplinks;
  for (auto& [name, filter] : filters_) {
    filter.was_needed = std::exchange(filter.needed, false);
    filter.served.clear();
    filter.server = filter.wishes.empty() ? nullptr : &filter;
    if (filter.server != nullptr && filter.pattern.has_value()) uplinks.push_back(&filter);
  }
  FindCovering(uplinks);
  std::vector<Filter*> uncovered;
  for (Filter* filter : uplinks) {
    if (filter->server == filter) uncovered.push_back(filter);
  }
  const size_t max = options_.max_uplink_filters;
  if (max <= 1 ? !uplinks.empty() : uncovered.size() > max && !all_refused_) {
    Filter* const all = Get(kUplinkFilter);
    for (Filter* filter : uplinks) filter->server = all;
  } else if (uncovered.size() > max) {
    std::sort(uncovered.begin(), uncovered.end(),
              [](const Filter* a, const Filter* b) { return a->age < b->age; });
    for (size_t i = max; i < uncovered.size(); ++i) uncovered[i]->server = nullptr;
    for (Filter* filter : uplinks) {
      if (filter->server != nullptr) filter->server = filter->server->server;
    }
  }
  for (auto& [name, filter] : filters_) {
    if (filter.server == nullptr) continue;
    filter.server->needed = true;
    filter.server->served.push_back(&filter);
  }
}

void Subscriptions::FindCovering(const std::vector<Filter*>& uplinks) {
  std::vector<bool> has_shape(UplinkPattern::kShapes);
  for (const Filter* filter : uplinks) {
    if (!filter->refused()) has_shape[filter->pattern->shape()] = true;
  }
  std::vector<UplinkPattern::Shape> shapes;
  for (UplinkPattern::Shape shape = 0; shape < UplinkPattern::kShapes; ++shape) {
    if (has_shape[shape]) shapes.push_back(shape);
  }
  // The most general first: what is found so is covered by nothing else.
  std::stable_sort(shapes.begin(), shapes.end(),
                   [](auto a, auto b) { return std::popcount(a) < std::popcount(b); });
  for (Filter* filter : uplinks) {
    for (const UplinkPattern::Shape shape : shapes) {
      if (shape == filter->pattern->shape()) continue;
      const auto wider = filter->pattern->Widened(shape);
      if (!wider.has_value()) continue;
      const auto found = filters_.find(wider->TopicFilter());
      if (found == filters_.end()) continue;
      Filter* const covering = &found->second;
      if (covering->wishes.empty() || covering->refused()) continue;
      if (all_refused_ && shape == 0) continue;  // it is being asked for again
      filter->server = covering;
      break;
    }
  }
}

void Subscriptions::AskForNeeded() {
  for (auto it = filters_.begin(); it != filters_.end();) {
    Filter* const filter = &it->second;
    // What served it may be given up next.
    if (filter->state == State::kLeaving && filter->wishes.empty()) filter->covered.reset();
    if (filter->needed && filter->state == State::kNone) filter->state = State::kWaiting;
    if (!filter->needed && filter->state == State::kWaiting) filter->state = State::kNone;
    const bool newly_needed = filter->refused() && !filter->was_needed && !IsPutOff(*filter);
    const bool to_ask = filter->state == State::kWaiting || filter->state == State::kHeld ||
                        filter->state == State::kLeaving || newly_needed;
    if (filter->needed && connected_ && to_ask) {
      replan_ = replan_ || newly_needed;  // granted, it may serve others too
      Ask(filter);
    }
    const bool over = filter->state == State::kNone && filter->wishes.empty();
    const auto next = std::next(it);
    if (over) filters_.erase(it);
    it = next;
  }
}

void Subscriptions::ServeWishes() {
  Moment moment;
  std::vector<WishPtr> without_room;
  for (const auto& [key, wish] : wishes_) {
    const size_t before = wish->missing;
    wish->missing = 0;
    bool has_room = true;
    for (Filter* filter : wish->filters) {
      has_room = has_room && filter->server != nullptr;
      if (filter->server == nullptr) {
        // The broker may hold it until it is given up.
        if (!filter->granted()) LeaveWithoutRoom(filter);
        Remember(filter);
      }
      if (filter->server == nullptr || !filter->server->granted()) {
        ++wish->missing;
      } else if (filter->pattern.has_value()) {
        Cover(filter, filter->server, &moment);
      }
    }
    if (!has_room) without_room.push_back(wish);
    if (wish->missing == 0 && before > 0) TellGrant(*wish);
  }
  if (AllPutOff()) return;
  for (const WishPtr& wish : without_room) {
    const absl::Status refusal = absl::ResourceExhaustedError(absl::StrCat(
        "the broker refuses the subscription to ", kUplinkFilter, ", and ",
        options_.max_uplink_filters, " narrower ones, the most that are asked for, are in use"));
    TellRefusal(wish, WithReason(refusal, Reason::kTooMany));
  }
}

void Subscriptions::Cover(Filter* filter, Filter* granted, Moment* moment) {
  if (filter->covered.has_value() && !filter->covered->is_open()) return;
  if (!filter->covered.has_value() && filter != granted) {
    Cover(granted, granted, moment);
    filter->covered = granted->covered;
    filter->covered_from = granted->covered_from;
    return Remember(filter);
  }
  const bool hole = filter->covered.has_value();
  const bool tells =
      hole && (filter->arrives_in_hole || ArrivesForOthers(*filter, *granted, moment));
  // Who reads from before the hole meets a gap marker that is not before it.
  const bool told = hole && ToldSinceLastPacket() && last_told_ >= filter->last_hole_begin;
  if (moment->mark == 0 || (tells && !told)) moment->mark = Mark(tells && !told) + 1;
  if (hole) {
    filter->covered->Close(moment->mark);
  } else {
    filter->covered = Coverage{.since = moment->mark};
  }
  filter->arrives_in_hole = false;
  filter->covered_from = log_->Moment();
  Remember(filter);
}

uint64_t Subscriptions::Mark(bool tells) {
  const uint64_t marker = log_->AppendGap(tells ? Gap{GapReason::kBrokerDisconnected, std::nullopt}
                                                : Gap{GapReason::kNotSubscribed, 0});
  if (tells) last_told_ = marker;
  if (!tells && marker != last_mark_ + 1) last_told_ = 0;
  last_mark_ = marker;
  return marker;
}

bool Subscriptions::ToldSinceLastPacket() const {
  return last_told_ != 0 && log_->next() == last_mark_ + 1;
}

bool Subscriptions::ArrivesForOthers(const Filter& filter, const Filter& granted, Moment* moment) {
  // Nothing has come at all.
  if (log_->next() == filter.covered->hole_begin + 1) return false;
  if (!moment->at_broker.has_value()) {
    moment->at_broker.emplace();
    for (const auto& [name, other] : filters_) {
      if (!other.pattern.has_value() || other.state == State::kNone) continue;
      if (other.state != State::kWaiting) moment->at_broker->push_back(&other);
    }
  }
  // What serves it serves all of it; two of one shape have nothing in common.
  return std::any_of(moment->at_broker->begin(), moment->at_broker->end(),
                     [&](const Filter* other) {
                       return other != &filter && other != &granted &&
                              other->pattern->shape() != filter.pattern->shape() &&
                              other->pattern->Intersects(*filter.pattern);
                     });
}

void Subscriptions::OpenHoles(const Filter* refused) {
  std::optional<uint64_t> marker;
  for (auto& [name, filter] : filters_) {
    if (!filter.covered.has_value()) continue;
    if (refused != nullptr && !refused->pattern->Covers(*filter.pattern)) continue;
    if (filter.wishes.empty()) {  // nobody is to be told
      filter.covered.reset();
      continue;
    }
    // What the broker had queued for the refused one may come after the refusal: where it
    // ends is told, not where it begins.
    if (!marker.has_value() && refused == nullptr) {
      // Once, however often it happens before anything is granted.
      if (last_loss_ == 0 || log_->next() != last_loss_ + 1) {
        last_loss_ = log_->AppendGap({GapReason::kBrokerDisconnected, std::nullopt});
        last_told_ = last_mark_ = last_loss_;
      }
      marker = last_loss_;
      spdlog::warn("uplinks: the broker has not kept what comes until it grants them again");
    } else if (!marker.has_value()) {
      marker = Mark(/*tells=*/false);
    }
    filter.arrives_in_hole = filter.arrives_in_hole || refused != nullptr;
    filter.OpenHole(*marker);
    Remember(&filter);
  }
}

// ---- what the broker is asked for ----

void Subscriptions::SetState(Filter* filter, State state) {
  asked_ -= filter->state == State::kAsked;
  asked_ += state == State::kAsked;
  filter->state = state;
  filter->may_pass = false;
}

void Subscriptions::Ask(Filter* filter) {
  if (options_.store != nullptr) options_.store->SetAsked(filter->name);
  SetState(filter, State::kAsked);
  broker_->Subscribe(filter->name, options_.qos);
}

void Subscriptions::Settle() {
  while (asked_ == 0 && replan_) Plan();
  if (!connected_ || asked_ > 0) return;
  if (std::exchange(to_give_up_, false)) GiveUpUnneeded();
  for (const WishPtr& wish : std::exchange(restored_, {})) {
    const bool idle = wish->key != nullptr && wish->holders.empty();
    if (idle && !wish->linger.has_value()) StartLinger(wish);
  }
}

void Subscriptions::GiveUpUnneeded() {
  for (auto& [name, filter] : filters_) {
    const bool at_broker = filter.state == State::kGranted || filter.state == State::kRefused ||
                           filter.state == State::kHeld;
    if (filter.needed || !at_broker || IsAwaited(filter)) continue;
    // Not before the disk has it: a next run would think that it was served all the time.
    if (options_.store != nullptr && filter.pattern.has_value() &&
        options_.store->StillCovers(*filter.pattern)) {
      to_give_up_ = true;
      continue;
    }
    SetState(&filter, State::kLeaving);
    ForgetPause(name);
    filter.may_serve = false;
    if (filter.server == nullptr) LeaveWithoutRoom(&filter);
    broker_->Unsubscribe(name);
  }
}

void Subscriptions::Remember(Filter* filter) {
  if (options_.store == nullptr) return;
  const bool remembered = std::any_of(filter->wishes.begin(), filter->wishes.end(),
                                      [](const Wish* wish) { return wish->terms.remembered; });
  std::optional<Coverage> covered;
  if (remembered && filter->server != nullptr) covered = filter->covered;
  if (covered == filter->remembered) return;
  filter->remembered = covered;
  if (covered.has_value()) {
    options_.store->SetCovered(filter->name, *covered);
  } else {
    options_.store->ForgetCovered(filter->name);
  }
}

void Subscriptions::SetGone(Filter* filter) {
  SetState(filter, State::kNone);
  filter->may_serve = false;
  if (options_.store != nullptr) options_.store->ForgetAsked(filter->name);
  if (filter->wishes.empty()) filter->covered.reset();
}

// ---- from the broker ----

void Subscriptions::OnConnected(bool session_present) {
  MutexLock lock(&mutex_);
  connected_ = true;
  if (!session_present) {
    for (auto& [name, filter] : filters_) filter.may_serve = false;
    OpenHoles(nullptr);
  }
  Plan();
  Settle();
}

void Subscriptions::OnDisconnected() {
  MutexLock lock(&mutex_);
  connected_ = false;
  all_refused_ = false;
  while (!pauses_.empty()) ForgetPause(std::string(pauses_.begin()->first));
  for (auto& [name, filter] : filters_) {
    if (filter.state == State::kNone || filter.state == State::kWaiting) continue;
    SetState(&filter, State::kHeld);
  }
  for (const auto& [key, wish] : wishes_) wish->missing = wish->filters.size();
}

void Subscriptions::OnSubscribed(const std::string& topic_filter, const SubscribeAnswer& answer) {
  MutexLock lock(&mutex_);
  const auto found = filters_.find(topic_filter);
  if (found == filters_.end()) return;
  const State state = found->second.state;
  const bool refused_again = state == State::kGranted && !answer.status.ok();
  if (state != State::kAsked && !refused_again) return;
  if (answer.status.ok()) {
    OnGranted(&found->second);
  } else {
    OnRefused(&found->second, answer);
  }
  Settle();
}

bool Subscriptions::AskAgain(const std::string& topic_filter) {
  MutexLock lock(&mutex_);
  const auto found = filters_.find(topic_filter);
  if (!connected_ || found == filters_.end() || !found->second.granted()) return false;
  broker_->Subscribe(topic_filter, options_.qos);
  return true;
}

void Subscriptions::OnUnsubscribed(const std::string& topic_filter) {
  MutexLock lock(&mutex_);
  const auto found = filters_.find(topic_filter);
  if (found == filters_.end() || found->second.state != State::kLeaving) return;
  SetGone(&found->second);
}

void Subscriptions::OnGranted(Filter* filter) {
  SetState(filter, State::kGranted);
  ForgetPause(filter->name);
  filter->may_serve = filter->pattern.has_value();
  Moment moment;
  if (filter->pattern.has_value()) Cover(filter, filter, &moment);
  if (filter->name == kUplinkFilter && std::exchange(all_refused_, false)) replan_ = true;
  for (Filter* served : filter->served) {
    if (served->pattern.has_value()) Cover(served, filter, &moment);
    for (Wish* wish : served->wishes) {
      if (--wish->missing == 0) TellGrant(*wish);
    }
  }
}

}  // namespace wirepas_grpc::core
