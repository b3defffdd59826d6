// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/registry.h"

#include <algorithm>
#include <utility>

namespace wirepas_grpc::core {

bool NodeFilter::Matches(NodeKey key, const NodeRecord& record) const {
  return MatchesNetwork(key) && record.last_seen() >= seen_since &&
         (node_addresses.empty() || node_addresses.contains(AddressOfNode(key))) &&
         (gateway_ids.empty() || gateway_ids.contains(record.last_sink->gateway_id));
}

std::optional<NodeKey> NodeFilter::NextKey(NodeKey key) const {
  const NodeKey next = key + 1;
  if (MatchesNetwork(next)) return next;
  const auto network = network_addresses.lower_bound(NetworkOfNode(next));
  if (network == network_addresses.end()) return std::nullopt;
  return MakeNodeKey(*network, 0);
}

NodeRegistry::NodeRegistry(const Options& options, Executor* executor, Scheduler* scheduler)
    : options_(options),
      executor_(executor),
      scheduler_(scheduler),
      changes_(executor, scheduler, options.min_wake_interval) {
  MutexLock lock(&mutex_);
  table_.PutAtEnd(&saved_);
  table_.PutAtEnd(&save_end_);
}

// ---- feeding ----

void NodeRegistry::Count(uint64_t sequence, const Uplink& uplink) {
  if (!uplink.network_address.has_value()) return;
  const NodeKey key = MakeNodeKey(*uplink.network_address, uplink.source_address);
  if (key == Table::kNoKey) return;
  MutexLock lock(&mutex_);
  Table::Entry* entry = table_.Find(key);
  if (entry == nullptr) {
    entry = table_.Add(key);
    // A row of the node may still be there: it will be replaced.
    if (gone_.erase(key) > 0) entry->value.stored = true;
  } else if (sequence <= entry->value.sequence) {
    return;  // read again after a restart
  } else {
    table_.Touch(entry);
  }
  entry->value.Count(sequence, uplink, scheduler_->Now(), &sinks_);
  changed_ = true;
  if (table_.size() > options_.max_nodes) EvictLocked();
}

std::optional<NodeRecord> NodeRegistry::Decode(absl::string_view record) {
  MutexLock lock(&mutex_);
  return DecodeNodeRecord(record, &sinks_);
}

void NodeRegistry::Restore(NodeKey key, NodeRecord record, uint64_t next) {
  MutexLock lock(&mutex_);
  if (key == Table::kNoKey || table_.Find(key) != nullptr) return;
  record.stored = true;
  if (record.sequence >= next) record.sequence = 0;
  table_.Add(key)->value = std::move(record);
  // It need not be written again.
  table_.PutAtEnd(&saved_);
  if (table_.size() > options_.max_nodes) EvictLocked();
}

void NodeRegistry::EvictLocked() {
  const std::unique_ptr<Table::Entry> oldest = table_.TakeOldest();
  ++evicted_;
  if (oldest->value.stored) gone_.insert(oldest->key());
  if (watchers_ == 0) return;
  removals_.push_back({oldest->key(), std::move(oldest->value)});
  if (removals_.size() <= options_.max_removals) return;
  removals_.pop_front();
  ++first_removal_;
}

void NodeRegistry::WakeWatchers() {
  {
    MutexLock lock(&mutex_);
    if (!std::exchange(changed_, false)) return;
  }
  changes_.WakeAll();
}

// ---- reading ----

NodeRegistry::Page NodeRegistry::List(NodeKey from, const NodeFilter& filter, size_t max_nodes,
                                      size_t max_scan) const {
  Page page;
  size_t scanned = 0;
  if (from > 0) {
    const std::optional<NodeKey> first = filter.NextKey(from - 1);
    if (!first.has_value()) return page;
    from = *first;
  }
  MutexLock lock(&mutex_);
  table_.VisitByKey(from, [&](const Table::Entry& entry) -> std::optional<NodeKey> {
    if (scanned == max_scan || page.nodes.size() == max_nodes) {
      page.next = entry.key();
      return std::nullopt;
    }
    ++scanned;
    if (filter.Matches(entry.key(), entry.value)) page.nodes.push_back({entry.key(), entry.value});
    return filter.NextKey(entry.key());
  });
  return page;
}

std::vector<SinkNamePtr> NodeRegistry::SinksThatHeard(NodeKey key) const {
  std::vector<SinkNamePtr> sinks;
  MutexLock lock(&mutex_);
  const Table::Entry* const entry = table_.Find(key);
  if (entry == nullptr) return sinks;
  sinks.push_back(entry->value.last_sink);
  for (const SinkNamePtr& sink : entry->value.earlier_sinks) {
    if (sink != nullptr) sinks.push_back(sink);
  }
  return sinks;
}

size_t NodeRegistry::size() const {
  MutexLock lock(&mutex_);
  return table_.size();
}

uint64_t NodeRegistry::evicted() const {
  MutexLock lock(&mutex_);
  return evicted_;
}

// ---- saving ----

void NodeRegistry::BeginSave() {
  MutexLock lock(&mutex_);
  table_.PutAtEnd(&save_end_);
}

NodeRegistry::Unsaved NodeRegistry::TakeUnsaved(size_t max) {
  Unsaved unsaved;
  MutexLock lock(&mutex_);
  while (unsaved.gone.size() < max && !gone_.empty()) {
    unsaved.gone.push_back(EncodeNodeKey(*gone_.begin()));
    gone_.erase(gone_.begin());
  }
  while (unsaved.rows.size() < max) {
    Table::Entry* entry = table_.Next(&saved_, &save_end_);
    if (entry == nullptr) {
      unsaved.complete = gone_.empty();
      break;
    }
    entry->value.stored = true;
    unsaved.rows.emplace_back(EncodeNodeKey(entry->key()), std::string());
    EncodeNodeRecord(entry->value, &unsaved.rows.back().second);
  }
  return unsaved;
}

bool NodeRegistry::HasUnsaved() const {
  MutexLock lock(&mutex_);
  return !gone_.empty() || table_.HasNext(saved_);
}

}  // namespace wirepas_grpc::core
