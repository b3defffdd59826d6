// SPDX-License-Identifier: Apache-2.0
//
// Who wants what, and is told. What is asked of the broker: subscriptions_broker.cc.
#include "core/interest/subscriptions.h"

#include <algorithm>
#include <utility>

#include "core/gateway_api/topics.h"
#include "core/interest/subscription_records.h"

namespace wirepas_grpc::core {
namespace {

// Interests that come and go quickly leave wishes behind for the time of the linger: at
// so many, new ones in uplinks count as interests in all.
size_t MaxWanted(const Subscriptions::Options& options) {
  return std::max<size_t>(2000, 4 * options.max_uplink_filters);
}

template <typename T>
void EraseFrom(std::vector<T>* values, const T& value) {
  values->erase(std::find(values->begin(), values->end(), value));
}

}  // namespace

Subscriptions::Interest::Interest(Subscriptions* subscriptions, std::shared_ptr<Wish> wish,
                                  std::shared_ptr<Holder> holder)
    : subscriptions_(subscriptions), wish_(std::move(wish)), holder_(std::move(holder)) {}

Subscriptions::Interest::~Interest() { subscriptions_->Release(wish_, holder_); }

std::optional<absl::Status> Subscriptions::Interest::result() const {
  MutexLock lock(&holder_->mutex);
  return holder_->result;
}

Coverage Subscriptions::Interest::coverage() const {
  MutexLock lock(&subscriptions_->mutex_);
  Coverage coverage;
  for (const Filter* filter : wish_->filters) {
    if (!filter->pattern.has_value()) continue;
    // Refused since: none of it.
    coverage.IntersectWith(filter->covered.value_or(Coverage{.since = ~uint64_t{0}}));
  }
  return coverage;
}

Subscriptions::Subscriptions(const Options& options, UplinkLog* log, BrokerClient* broker,
                             Executor* executor, Scheduler* scheduler)
    : options_(options), log_(log), broker_(broker), executor_(executor), scheduler_(scheduler) {
  if (options_.store == nullptr) return;
  options_.store->SetCaughtUp([this] {
    MutexLock lock(&mutex_);
    if (!stopped_) Settle();
  });
}

Subscriptions::~Subscriptions() {
  if (options_.store != nullptr) options_.store->SetCaughtUp(nullptr);
}

InterestPtr Subscriptions::AcquireUplinks(const TrafficFilter& filter, const Terms& terms,
                                          Changed changed) {
  std::vector<std::string> topic_filters;
  for (const auto& pattern : PatternsOf(filter, std::max<size_t>(options_.max_uplink_filters, 1))) {
    topic_filters.push_back(pattern.TopicFilter());
  }
  std::sort(topic_filters.begin(), topic_filters.end());
  {
    MutexLock lock(&mutex_);
    const bool many = std::max(wishes_.size(), filters_.size()) >= MaxWanted(options_);
    if (many) topic_filters = {kUplinkFilter};
  }
  return Acquire(std::move(topic_filters), terms, std::move(changed));
}

InterestPtr Subscriptions::Acquire(std::vector<std::string> topic_filters, const Terms& terms,
                                   Changed changed) {
  auto holder = std::make_shared<Holder>();
  holder->changed = std::move(changed);
  holder->stays = terms.stays;
  MutexLock lock(&mutex_);
  const size_t wishes = wishes_.size();
  const WishPtr wish = FindWish(std::move(topic_filters), terms);
  if (wish->linger.has_value()) scheduler_->Cancel(*wish->linger);
  wish->linger.reset();
  ++wish->generation;
  wish->holders.insert(holder);
  const bool had_no_room = std::any_of(wish->filters.begin(), wish->filters.end(),
                                       [](const Filter* filter) { return !filter->server; });
  if (wishes_.size() > wishes || had_no_room) Plan();
  for (const Filter* filter : wish->filters) {
    if (filter->server == nullptr || !filter->server->refused()) continue;
    if (IsPutOff(*filter->server)) continue;
    Ask(filter->server);
    replan_ = true;  // granted, it may serve others too
  }
  if (wish->missing == 0) Tell(holder, absl::OkStatus());
  Settle();
  holder->acquired = true;
  return std::make_unique<Interest>(this, wish, std::move(holder));
}

Subscriptions::WishPtr Subscriptions::FindWish(std::vector<std::string> topic_filters,
                                               const Terms& terms) {
  const auto [found, is_new] = wishes_.try_emplace(
      WishKey(std::move(topic_filters), terms.linger, terms.remembered, terms.stays));
  if (!is_new) return found->second;
  auto wish = std::make_shared<Wish>();
  wish->key = &found->first;
  wish->terms = terms;
  for (const std::string& topic_filter : std::get<0>(found->first)) {
    Filter* const filter = Get(topic_filter);
    filter->wishes.push_back(wish.get());
    wish->filters.push_back(filter);
    Remember(filter);
  }
  wish->missing = wish->filters.size();
  found->second = wish;
  return wish;
}

Subscriptions::Filter* Subscriptions::Get(const std::string& topic_filter) {
  const auto [found, is_new] = filters_.try_emplace(topic_filter);
  Filter* const filter = &found->second;
  if (is_new) {
    filter->name = topic_filter;
    filter->pattern = UplinkPattern::FromTopicFilter(topic_filter);
    filter->age = next_age_++;
  }
  return filter;
}

void Subscriptions::Release(const WishPtr& wish, const std::shared_ptr<Holder>& holder) {
  {
    MutexLock lock(&holder->mutex);
    holder->ended = true;
  }
  MutexLock lock(&mutex_);
  wish->holders.erase(holder);
  if (!wish->holders.empty() || stopped_) return;
  const bool unserved = std::any_of(wish->filters.begin(), wish->filters.end(),
                                    [](const Filter* filter) { return filter->unserved(); });
  if (!unserved && wish->terms.linger > absl::ZeroDuration()) return StartLinger(wish);
  Drop(wish);
  Settle();
}

void Subscriptions::StartLinger(const WishPtr& wish) {
  const uint64_t generation = ++wish->generation;
  wish->linger = scheduler_->RunAfter(wish->terms.linger,
                                      [this, lingering = std::weak_ptr<Wish>(wish), generation] {
                                        OnLingerOver(lingering, generation);
                                      });
}

void Subscriptions::OnLingerOver(const std::weak_ptr<Wish>& lingering, uint64_t generation) {
  MutexLock lock(&mutex_);
  const WishPtr wish = lingering.lock();
  if (stopped_ || wish == nullptr || wish->generation != generation) return;
  Drop(wish);
  Settle();
}

void Subscriptions::Drop(const WishPtr& wish) {
  if (wish->key == nullptr) return;
  if (wish->linger.has_value()) scheduler_->Cancel(*wish->linger);
  for (Filter* filter : wish->filters) {
    EraseFrom(&filter->wishes, wish.get());
    Remember(filter);
  }
  replan_ = true;
  wishes_.erase(wishes_.find(*std::exchange(wish->key, nullptr)));
}

void Subscriptions::TellRefusal(const WishPtr& wish, const absl::Status& refusal) {
  if (wish->holders.empty()) return Drop(wish);
  for (const auto& holder : wish->holders) Tell(holder, refusal);
}

void Subscriptions::TellGrant(const Wish& wish) {
  for (const auto& holder : wish.holders) Tell(holder, absl::OkStatus());
}

void Subscriptions::Tell(const std::shared_ptr<Holder>& holder, const absl::Status& result) {
  {
    MutexLock lock(&holder->mutex);
    const bool over = holder->result.has_value() && !holder->result->ok() && !holder->stays;
    if (holder->ended || over || holder->result == result) return;
    holder->result = result;
  }
  if (!holder->acquired) return;
  executor_->Post([holder] {
    {
      MutexLock lock(&holder->mutex);
      if (holder->ended) return;
    }
    holder->changed();
  });
}

absl::Status Subscriptions::Restore(const Terms& terms) {
  SubscriptionStore::Contents contents;
  if (options_.store != nullptr) {
    absl::StatusOr<SubscriptionStore::Contents> loaded = options_.store->Load();
    if (!loaded.ok()) return loaded.status();
    contents = *std::move(loaded);
  }
  MutexLock lock(&mutex_);
  if (!wishes_.empty()) return absl::FailedPreconditionError("there are interests already");
  // Nothing is known of it: then it may be what is asked for without a store.
  if (options_.session_kept && contents.asked.empty()) {
    contents.asked = {kUplinkFilter, kSendDataRequestFilter, kResponseFilter};
    if (options_.store == nullptr) restored_.push_back(FindWish({kUplinkFilter}, terms));
  }
  for (const std::string& asked : contents.asked) {
    Filter* const filter = Get(asked);
    filter->state = State::kHeld;
    filter->may_serve = filter->pattern.has_value();
  }
  for (const auto& [topic_filter, coverage] : contents.covered) {
    Filter* const filter = Get(topic_filter);
    restored_.push_back(FindWish({topic_filter}, terms));
    filter->covered = filter->remembered = coverage;
    filter->arrives_in_hole = coverage.is_open();
    filter->covered_from = log_->Moment();
  }
  Plan();
  return absl::OkStatus();
}

void Subscriptions::Stop() {
  MutexLock lock(&mutex_);
  stopped_ = true;
}

size_t Subscriptions::uplink_filters() const {
  MutexLock lock(&mutex_);
  return std::count_if(filters_.begin(), filters_.end(), [](const auto& entry) {
    return entry.second.needed && entry.second.pattern.has_value();
  });
}

bool Subscriptions::IsGranted(const std::string& topic_filter) const {
  MutexLock lock(&mutex_);
  const auto found = filters_.find(topic_filter);
  return found != filters_.end() && found->second.granted();
}

std::optional<absl::Time> Subscriptions::CoveredFrom(const std::string& topic_filter) const {
  MutexLock lock(&mutex_);
  const auto found = filters_.find(topic_filter);
  if (found == filters_.end()) return std::nullopt;
  const Filter& filter = found->second;
  if (!filter.covered.has_value() || filter.covered->is_open()) return std::nullopt;
  return filter.covered_from;
}

}  // namespace wirepas_grpc::core
