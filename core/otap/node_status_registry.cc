// SPDX-License-Identifier: Apache-2.0
#include "core/otap/node_status_registry.h"

#include <memory>

namespace wirepas_grpc::core {
namespace {

bool Allows(const absl::flat_hash_set<uint32_t>& set, uint32_t value) {
  return set.empty() || set.contains(value);
}

}  // namespace

bool NodeStatusFilter::Matches(NodeKey key, const NodeStatus& status) const {
  return Allows(network_addresses, NetworkOfNode(key)) &&
         Allows(node_addresses, AddressOfNode(key)) && status.receive_time() >= received_since;
}

NodeStatusRegistry::NodeStatusRegistry(const Options& options, Executor* executor,
                                       Scheduler* scheduler)
    : changes_(executor, scheduler, options.min_wake_interval), options_(options) {}

bool NodeStatusRegistry::IsNewer(NodeKey key, const NodeStatus& status) const {
  MutexLock lock(&mutex_);
  const Table::Entry* known = table_.Find(key);
  return known == nullptr || status.sequence() > known->value.sequence();
}

std::vector<NodeKey> NodeStatusRegistry::Put(const std::vector<NodeWithStatus>& statuses) {
  std::vector<NodeKey> forgotten;
  {
    MutexLock lock(&mutex_);
    for (const auto& [key, status] : statuses) {
      Table::Entry* entry = table_.Find(key);
      if (entry == nullptr) {
        entry = table_.Add(key);
      } else if (status.sequence() > entry->value.sequence()) {
        table_.Touch(entry);
      } else {
        continue;
      }
      entry->value = status;
      if (table_.size() <= options_.max_nodes) continue;
      forgotten.push_back(table_.TakeOldest()->key());
      ++evicted_;
    }
  }
  if (!statuses.empty()) changes_.WakeAll();
  return forgotten;
}

std::optional<NodeStatus> NodeStatusRegistry::Find(NodeKey key) const {
  MutexLock lock(&mutex_);
  const Table::Entry* entry = table_.Find(key);
  if (entry == nullptr) return std::nullopt;
  return entry->value;
}

NodeStatusRegistry::Page NodeStatusRegistry::List(NodeKey from, const NodeStatusFilter& filter,
                                                  size_t max, size_t max_scan) const {
  Page page;
  size_t scanned = 0;
  MutexLock lock(&mutex_);
  table_.VisitByKey(from, [&](const Table::Entry& entry) -> std::optional<NodeKey> {
    if (scanned == max_scan || page.nodes.size() == max) {
      page.next = entry.key();
      return std::nullopt;
    }
    ++scanned;
    if (filter.Matches(entry.key(), entry.value)) {
      page.nodes.push_back({entry.key(), entry.value});
    }
    return entry.key() + 1;
  });
  return page;
}

size_t NodeStatusRegistry::size() const {
  MutexLock lock(&mutex_);
  return table_.size();
}

uint64_t NodeStatusRegistry::evicted() const {
  MutexLock lock(&mutex_);
  return evicted_;
}

NodeStatusWatch::NodeStatusWatch(NodeStatusRegistry* registry, NodeStatusFilter filter, From from)
    : registry_(registry), filter_(std::move(filter)) {
  MutexLock lock(&registry_->mutex_);
  if (from == From::kKnown) {
    registry_->table_.PutAtBegin(&place_);
  } else {
    registry_->table_.PutAtEnd(&place_);
  }
}

NodeStatusWatch::~NodeStatusWatch() {
  if (wait_.has_value()) registry_->changes_.Remove(*wait_);
  MutexLock lock(&registry_->mutex_);
  registry_->table_.Remove(&place_);
}

NodeStatusWatch::Batch NodeStatusWatch::Take(size_t max, size_t max_scan) {
  Batch batch;
  MutexLock lock(&registry_->mutex_);
  for (size_t scanned = 0; batch.statuses.size() < max && scanned < max_scan; ++scanned) {
    const NodeStatusRegistry::Table::Entry* entry = registry_->table_.Next(&place_);
    if (entry == nullptr) return batch;
    if (filter_.Matches(entry->key(), entry->value)) {
      batch.statuses.push_back({entry->key(), entry->value});
    }
  }
  batch.more = true;
  return batch;
}

bool NodeStatusWatch::Wait(absl::AnyInvocable<void()> callback) {
  wait_ = registry_->changes_.Add(std::move(callback));
  bool something;
  {
    MutexLock lock(&registry_->mutex_);
    something = registry_->table_.HasNext(place_);
  }
  return !something || !registry_->changes_.Remove(*wait_);
}

}  // namespace wirepas_grpc::core
