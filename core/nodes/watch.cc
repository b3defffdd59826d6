// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/watch.h"

#include <utility>

namespace wirepas_grpc::core {

NodeWatch::NodeWatch(NodeRegistry* registry, NodeFilter filter, absl::Duration interval)
    : registry_(registry),
      filter_(std::move(filter)),
      interval_(interval),
      rest_(std::make_shared<Rest>()) {
  MutexLock lock(&registry_->mutex_);
  ++registry_->watchers_;
  next_removal_ = registry_->first_removal_ + registry_->removals_.size();
  registry_->table_.PutAtEnd(&place_);
}

NodeWatch::~NodeWatch() {
  if (timer_.has_value()) registry_->scheduler_->Cancel(*timer_);
  if (wait_.has_value()) registry_->changes_.Remove(*wait_);
  absl::AnyInvocable<void()> callback;  // destroyed after the lock is released
  {
    MutexLock lock(&rest_->mutex);
    callback = std::move(rest_->callback);
    rest_->callback = nullptr;
  }
  std::deque<NodeRegistry::Removal> removals;  // likewise
  MutexLock lock(&registry_->mutex_);
  registry_->table_.Remove(&place_);
  registry_->table_.Remove(&round_end_);
  if (--registry_->watchers_ > 0) return;
  registry_->first_removal_ += registry_->removals_.size();
  removals.swap(registry_->removals_);
}

NodeWatch::Batch NodeWatch::Take(size_t max, size_t max_scan) {
  Batch batch;
  if (in_snapshot_) {
    TakeSnapshot(max, max_scan, &batch);
  } else {
    TakeRound(max, max_scan, &batch);
  }
  return batch;
}

void NodeWatch::TakeSnapshot(size_t max, size_t max_scan, Batch* batch) {
  NodeRegistry::Page page = registry_->List(snapshot_next_, filter_, max, max_scan);
  for (Node& node : page.nodes) {
    told_.insert(node.key);
    batch->changes.push_back({NodeChange::Type::kPresent, std::move(node)});
  }
  batch->more = true;
  snapshot_next_ = page.next.value_or(0);
  if (page.next.has_value()) return;
  batch->snapshot_complete = true;
  in_snapshot_ = false;
}

void NodeWatch::TakeRound(size_t max, size_t max_scan, Batch* batch) {
  {
    MutexLock lock(&rest_->mutex);
    if (rest_->resting) return;
  }
  {
    MutexLock lock(&registry_->mutex_);
    Table& table = registry_->table_;
    if (!std::exchange(in_round_, true)) table.PutAtEnd(&round_end_);
    batch->more = true;
    // What was forgotten goes first: a node may have come back since.
    if (!TakeRemovals(max, batch) || !TakeForgotten(max, max_scan, batch)) {
      told_in_round_ |= !batch->changes.empty();
      return;
    }
    for (size_t scanned = 0; batch->changes.size() < max && scanned < max_scan; ++scanned) {
      const Table::Entry* entry = table.Next(&place_, &round_end_);
      if (entry == nullptr) {
        in_round_ = false;
        batch->more = false;
        break;
      }
      TakeChange(*entry, batch);
    }
  }
  told_in_round_ |= !batch->changes.empty();
  if (!in_round_ && std::exchange(told_in_round_, false)) StartRest();
}

bool NodeWatch::TakeRemovals(size_t max, Batch* batch) {
  std::deque<NodeRegistry::Removal>& removals = registry_->removals_;
  if (next_removal_ < registry_->first_removal_) {
    next_removal_ = registry_->first_removal_;
    doubtful_.assign(told_.begin(), told_.end());
  }
  const uint64_t end = registry_->first_removal_ + removals.size();
  for (; next_removal_ < end; ++next_removal_) {
    if (batch->changes.size() == max) return false;
    const NodeRegistry::Removal& removal = removals[next_removal_ - registry_->first_removal_];
    if (told_.erase(removal.key) == 0) continue;
    batch->changes.push_back({NodeChange::Type::kRemoved, {removal.key, removal.record}});
  }
  return true;
}

bool NodeWatch::TakeForgotten(size_t max, size_t max_scan, Batch* batch) {
  for (size_t scanned = 0; !doubtful_.empty(); ++scanned) {
    if (batch->changes.size() == max || scanned == max_scan) return false;
    const NodeKey key = doubtful_.back();
    doubtful_.pop_back();
    if (registry_->table_.Find(key) != nullptr || told_.erase(key) == 0) continue;
    batch->changes.push_back({NodeChange::Type::kRemoved, {key, NodeRecord()}});
  }
  return true;
}

void NodeWatch::TakeChange(const Table::Entry& entry, Batch* batch) {
  NodeChange::Type type = NodeChange::Type::kUpdated;
  if (!filter_.Matches(entry.key(), entry.value)) {
    if (told_.erase(entry.key()) == 0) return;
    type = NodeChange::Type::kRemoved;
  } else if (told_.insert(entry.key()).second) {
    type = NodeChange::Type::kAdded;
  }
  batch->changes.push_back({type, {entry.key(), entry.value}});
}

bool NodeWatch::HasSomething() const {
  MutexLock lock(&registry_->mutex_);
  return registry_->table_.HasNext(place_) ||
         next_removal_ < registry_->first_removal_ + registry_->removals_.size();
}

void NodeWatch::StartRest() {
  if (interval_ <= absl::ZeroDuration()) return;
  {
    MutexLock lock(&rest_->mutex);
    rest_->resting = true;
  }
  timer_ =
      registry_->scheduler_->RunAfter(interval_, [rest = rest_, executor = registry_->executor_] {
        MutexLock lock(&rest->mutex);
        rest->resting = false;
        if (rest->callback != nullptr) executor->Post(std::move(rest->callback));
        rest->callback = nullptr;
      });
}

bool NodeWatch::Wait(absl::AnyInvocable<void()> callback) {
  {
    MutexLock lock(&rest_->mutex);
    if (rest_->resting) {
      rest_->callback = std::move(callback);
      return true;
    }
  }
  wait_ = registry_->changes_.Add(std::move(callback));
  return !HasSomething() || !registry_->changes_.Remove(*wait_);
}

}  // namespace wirepas_grpc::core
