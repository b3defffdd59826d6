// SPDX-License-Identifier: Apache-2.0
#include "core/interest/uplink_demand.h"

#include <algorithm>
#include <utility>


namespace wirepas_grpc::core {
namespace {

// Readers that come and go quickly leave patterns behind for the time of the linger:
// at so many, new readers count as interested in everything.
constexpr size_t kMaxWanted = 20000;

}  // namespace

struct UplinkDemand::Reader {
  std::vector<UplinkPattern> patterns;
  absl::AnyInvocable<void()> changed;
  bool lingers = true;

  mutable Mutex mutex;
  bool ended ABSL_GUARDED_BY(mutex) = false;
  std::optional<absl::Status> result ABSL_GUARDED_BY(mutex);
  uint64_t covered_since ABSL_GUARDED_BY(mutex) = 0;
};

UplinkDemand::Interest::Interest(UplinkDemand* demand, std::shared_ptr<Reader> reader)
    : demand_(demand), reader_(std::move(reader)) {}

UplinkDemand::Interest::~Interest() { demand_->Release(reader_); }

std::optional<absl::Status> UplinkDemand::Interest::result() const {
  MutexLock lock(&reader_->mutex);
  return reader_->result;
}

uint64_t UplinkDemand::Interest::covered_since() const {
  MutexLock lock(&reader_->mutex);
  return reader_->covered_since;
}

UplinkDemand::UplinkDemand(const Options& options, UplinkLog* log, BrokerClient* broker,
                           Executor* executor, Scheduler* scheduler)
    : options_(options),
      log_(log),
      broker_(broker),
      executor_(executor),
      scheduler_(scheduler),
      wide_(options.max_filters <= 1) {}

// ---- readers ----

UplinkDemand::InterestPtr UplinkDemand::Acquire(const TrafficFilter& filter,
                                                absl::AnyInvocable<void()> changed,
                                                Leaving leaving) {
  auto reader = std::make_shared<Reader>();
  reader->lingers = leaving == Leaving::kLingers;
  reader->patterns = PatternsOf(filter, std::max<size_t>(options_.max_filters, 1));
  reader->changed = std::move(changed);
  MutexLock lock(&mutex_);
  if (wanted_.size() > kMaxWanted) reader->patterns = {UplinkPattern()};
  for (const UplinkPattern& pattern : reader->patterns) {
    if (!wanted_.contains(pattern)) Add(pattern);
  }
  UpdateWidth();
  for (const UplinkPattern& pattern : reader->patterns) {
    Wanted& wanted = wanted_.at(pattern);
    if (reader->lingers) Join(pattern, &wanted);
    wanted.readers.insert(reader);
    // The broker answers each subscription once, so it must be asked anew.
    const UplinkPattern server = *wanted.server;
    if (subscriptions_.at(server).refused) Ask(server);
  }
  DropStale();
  CheckReader(reader);
  return std::make_unique<Interest>(this, std::move(reader));
}

void UplinkDemand::Join(const UplinkPattern& pattern, Wanted* wanted) {
  if (wanted->linger.has_value()) scheduler_->Cancel(*wanted->linger);
  wanted->linger.reset();
  ++wanted->generation;
  ++wanted->lingering;
  if (wanted->lasting) return;
  wanted->lasting = true;
  if (wanted->covered_since.has_value()) SetCovered(pattern, wanted, wanted->covered_since);
}

void UplinkDemand::Release(const std::shared_ptr<Reader>& reader) {
  {
    MutexLock lock(&reader->mutex);
    reader->ended = true;
  }
  MutexLock lock(&mutex_);
  bool removed = false;
  for (const UplinkPattern& pattern : reader->patterns) {
    Wanted& wanted = wanted_.at(pattern);
    wanted.readers.erase(reader);
    if (stopped_) continue;
    if (reader->lingers) {
      if (--wanted.lingering == 0) StartLinger(pattern, &wanted);
    } else if (wanted.readers.empty() && !wanted.linger.has_value()) {
      Remove(pattern);
      removed = true;
    }
  }
  if (!removed) return;
  UpdateWidth();
  DropStale();
}

void UplinkDemand::Stop() {
  MutexLock lock(&mutex_);
  stopped_ = true;
}

void UplinkDemand::StartLinger(const UplinkPattern& pattern, Wanted* wanted) {
  const uint64_t generation = ++wanted->generation;
  wanted->linger = scheduler_->RunAfter(
      options_.linger, [this, pattern, generation] { DropIfUnused(pattern, generation); });
}

void UplinkDemand::DropIfUnused(const UplinkPattern& pattern, uint64_t generation) {
  MutexLock lock(&mutex_);
  const auto found = wanted_.find(pattern);
  if (found == wanted_.end() || found->second.generation != generation) return;
  Wanted& wanted = found->second;
  if (!wanted.readers.empty()) {
    wanted.linger.reset();
    wanted.lasting = false;
    if (options_.store != nullptr) options_.store->ForgetCovered(pattern);
    return;
  }
  Remove(pattern);
  UpdateWidth();
  DropStale();
}

absl::Status UplinkDemand::Restore() {
  if (options_.store == nullptr) return absl::OkStatus();
  const absl::StatusOr<UplinkDemandStore::Contents> contents = options_.store->Load();
  if (!contents.ok()) return contents.status();
  MutexLock lock(&mutex_);
  if (!wanted_.empty()) return absl::FailedPreconditionError("there are readers already");
  for (const auto& [pattern, since] : contents->covered) {
    Add(pattern);
    Wanted& wanted = wanted_.at(pattern);
    wanted.covered_since = since;
    wanted.lasting = true;
    StartLinger(pattern, &wanted);
  }
  UpdateWidth();
  for (auto& [server, subscription] : subscriptions_) {
    const auto wanted = wanted_.find(server);
    if (wanted != wanted_.end()) subscription.covers_since = wanted->second.covered_since;
  }
  // Unless the broker says that it kept the session.
  interrupted_ = !wanted_.empty();
  DropStale();
  for (const UplinkPattern& asked : contents->asked) {
    if (subscriptions_.contains(asked)) continue;
    broker_->Unsubscribe(asked.TopicFilter());
    options_.store->ForgetAsked(asked);
  }
  return absl::OkStatus();
}

size_t UplinkDemand::subscriptions() const {
  MutexLock lock(&mutex_);
  return subscriptions_.size();
}

// ---- what is wanted ----

UplinkPattern UplinkDemand::FindTop(const UplinkPattern& pattern) const {
  for (const UplinkPattern& covering : pattern.Covering()) {
    if (wanted_.contains(covering) && !refused_.contains(covering)) return covering;
  }
  return pattern;
}

void UplinkDemand::FindTops() {
  tops_ = 0;
  for (auto& [pattern, wanted] : wanted_) {
    wanted.top = FindTop(pattern);
    tops_ += wanted.top == pattern;
  }
  UpdateWidth();
  ServeAll();
}

void UplinkDemand::Add(const UplinkPattern& pattern) {
  Wanted& added = wanted_[pattern];
  added.top = FindTop(pattern);
  if (added.top == pattern) ++tops_;
  Serve(pattern, &added);
  if (added.top != pattern || !pattern.has_wildcards() || refused_.contains(pattern)) return;
  for (auto& [other, wanted] : wanted_) {
    if (other == pattern || !pattern.Covers(other)) continue;
    if (wanted.top == other) --tops_;
    wanted.top = pattern;
    Serve(other, &wanted);
  }
}

void UplinkDemand::Remove(const UplinkPattern& pattern) {
  const auto found = wanted_.find(pattern);
  const bool was_top = found->second.top == pattern;
  --subscriptions_.at(*found->second.server).served;
  wanted_.erase(found);
  if (options_.store != nullptr) options_.store->ForgetCovered(pattern);
  refused_.erase(pattern);
  if (!was_top) return;
  --tops_;
  if (!pattern.has_wildcards()) return;
  for (auto& [other, wanted] : wanted_) {
    if (wanted.top != pattern) continue;
    wanted.top = FindTop(other);
    if (wanted.top == other) ++tops_;
    Serve(other, &wanted);
  }
}

void UplinkDemand::SetCovered(const UplinkPattern& pattern, Wanted* wanted,
                              std::optional<uint64_t> since) {
  wanted->covered_since = since;
  if (options_.store == nullptr || !wanted->lasting) return;
  if (since.has_value()) {
    options_.store->SetCovered(pattern, *since);
  } else {
    options_.store->ForgetCovered(pattern);
  }
}

// ---- readers are told ----

void UplinkDemand::CheckReader(const std::shared_ptr<Reader>& reader) {
  uint64_t covered_since = 0;
  for (const UplinkPattern& pattern : reader->patterns) {
    Wanted& wanted = wanted_.at(pattern);
    if (!subscriptions_.at(*wanted.server).granted) return;
    covered_since = std::max(covered_since, wanted.covered_since.value_or(0));
  }
  Tell(reader, absl::OkStatus(), covered_since);
}

void UplinkDemand::Tell(const std::shared_ptr<Reader>& reader, const absl::Status& result,
                        uint64_t covered_since) {
  {
    MutexLock lock(&reader->mutex);
    const bool known = reader->result.has_value() && (result.ok() || !reader->result->ok());
    if (reader->ended || known) return;
    reader->result = result;
    reader->covered_since = covered_since;
  }
  executor_->Post([reader] {
    {
      MutexLock lock(&reader->mutex);
      if (reader->ended) return;
    }
    reader->changed();
  });
}

}  // namespace wirepas_grpc::core
