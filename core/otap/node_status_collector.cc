// SPDX-License-Identifier: Apache-2.0
#include "core/otap/node_status_collector.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "core/nodes/key.h"
#include "core/traffic/filter.h"

namespace wirepas_grpc::core {
namespace {

// Rows of one write.
constexpr size_t kRowsOfAWrite = 512;

// Without those that a later one of the same node replaces. They are as they came.
std::vector<NodeWithStatus> LastOfEach(std::vector<NodeWithStatus> statuses) {
  absl::flat_hash_map<NodeKey, size_t> last;
  for (size_t i = 0; i < statuses.size(); ++i) last[statuses[i].key] = i;
  std::vector<NodeWithStatus> kept;
  for (size_t i = 0; i < statuses.size(); ++i) {
    if (last.at(statuses[i].key) == i) kept.push_back(std::move(statuses[i]));
  }
  return kept;
}

}  // namespace

// Where statuses are written turns must be allowed to wait.
NodeStatusCollector::NodeStatusCollector(const Options& options, Network* network,
                                         Database* database)
    : options_(options),
      network_(network),
      registry_(options.registry, &network->executor(), &network->scheduler()),
      observer_(options.observer, &network->uplinks(),
                database != nullptr ? network->uplinks().disk_executor() : &network->executor(),
                &network->scheduler(), this) {
  if (database != nullptr) table_.emplace(kTable, database, &network->scheduler());
  MutexLock lock(&save_mutex_);
  looked_to_ = saved_to_ = network->uplinks().next();
}

absl::Status NodeStatusCollector::Restore() {
  if (!table_.has_value()) return absl::OkStatus();
  const absl::StatusOr<std::optional<uint64_t>> position = table_->Position();
  if (!position.ok()) return position.status();
  const UplinkLog::Sequence next = network_->uplinks().next();
  std::vector<NodeWithStatus> statuses;
  const absl::Status loaded = table_->Load([&](NodeKey key, absl::string_view row) {
    std::optional<NodeStatus> status = NodeStatus::Decode(row, &sinks_);
    if (!status.has_value()) return;
    if (status->sequence() >= next) status->ForgetSequence();
    statuses.push_back({key, *std::move(status)});
  });
  if (!loaded.ok()) return loaded;
  // Where the order in which they came is not known, that of the gateways' clocks must do.
  std::sort(statuses.begin(), statuses.end(), [](const auto& a, const auto& b) {
    const auto order = [](const NodeStatus& of) {
      return std::make_pair(of.sequence(), of.receive_time());
    };
    return order(a.status) < order(b.status);
  });
  const std::vector<NodeKey> forgotten = registry_.Put(statuses);
  const bool known = position->has_value() && **position < next;
  {
    MutexLock lock(&save_mutex_);
    unsaved_.insert(forgotten.begin(), forgotten.end());
    saved_to_ = known ? **position : next;
    // A failure is logged, and costs no more than what a sudden end leaves unseen.
    if (!known) table_->Save({.rows = {}, .gone = {}, .position = next}).IgnoreError();
  }
  if (!known) return absl::OkStatus();
  // What came since is in the stored log.
  return observer_.CatchUp(**position).status();
}

void NodeStatusCollector::Start() {
  started_ = true;
  UplinkLog::Sequence from;
  {
    MutexLock lock(&save_mutex_);
    from = looked_to_;
  }
  observer_.Start(from);
  if (table_.has_value()) {
    saver_ =
        std::make_unique<PeriodicTask>(network_->uplinks().disk_writer(), &network_->scheduler(),
                                       options_.retry_interval, [this] { SaveUnsaved(); });
  }
  if (options_.always) always_ = Acquire(/*stays=*/true, [] {});
}

void NodeStatusCollector::Stop() {
  always_.reset();
  observer_.Stop();
  if (saver_ != nullptr) saver_->Stop();
  saver_.reset();
  if (!std::exchange(started_, false) || !table_.has_value()) return;
  SaveUnsaved();
  MutexLock lock(&save_mutex_);
  if (unsaved_.empty()) SaveRows({}).IgnoreError();
}

InterestPtr NodeStatusCollector::Acquire(bool stays, Subscriptions::Changed changed) {
  TrafficFilter reports;
  reports.source_endpoints.set(kReportSourceEndpoint);
  reports.destination_endpoints.set(kReportDestinationEndpoint);
  return network_->subscriptions().AcquireUplinks(
      reports, {.linger = options_.linger, .stays = stays}, std::move(changed));
}

void NodeStatusCollector::OnUplink(UplinkLog::Sequence sequence, const Uplink& uplink) {
  if (uplink.source_endpoint != kReportSourceEndpoint ||
      uplink.destination_endpoint != kReportDestinationEndpoint) {
    return;
  }
  ReportProblem problem = ReportProblem::kNoNetwork;
  std::optional<NodeStatus> status;
  if (uplink.network_address.has_value()) {
    status = NodeStatus::FromUplink(sequence, uplink, &sinks_, &problem);
  }
  if (!status.has_value()) {
    problems_[static_cast<size_t>(problem)].fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const NodeKey key = MakeNodeKey(*uplink.network_address, uplink.source_address);
  // Not one that is read again after a restart.
  if (registry_.IsNewer(key, *status)) found_.push_back({key, *std::move(status)});
}

void NodeStatusCollector::OnTurn(UplinkLog::Sequence next) {
  if (!found_.empty()) Store(LastOfEach(std::exchange(found_, {})));
  MutexLock lock(&save_mutex_);
  looked_to_ = next;
  if (!table_.has_value() || looked_to_ - saved_to_ < options_.position_interval) return;
  if (unsaved_.empty()) SaveRows({}).IgnoreError();
}

// ---- saving ----

void NodeStatusCollector::Store(const std::vector<NodeWithStatus>& statuses) {
  if (!table_.has_value()) {
    registry_.Put(statuses);
    return;
  }
  MutexLock lock(&save_mutex_);
  NodeTable::Changes changes;
  for (const auto& [key, status] : statuses) {
    changes.rows.emplace_back(EncodeNodeKey(key), std::string());
    status.Encode(&changes.rows.back().second);
  }
  const absl::Status saved = table_->Save(changes);
  const std::vector<NodeKey> forgotten = registry_.Put(statuses);
  for (const auto& [key, status] : statuses) {
    if (saved.ok()) {
      unsaved_.erase(key);
    } else {
      unsaved_.insert(key);
    }
  }
  NodeTable::Changes gone;
  for (const NodeKey key : forgotten) gone.gone.push_back(EncodeNodeKey(key));
  if (!saved.ok() || (!forgotten.empty() && !table_->Save(gone).ok())) {
    unsaved_.insert(forgotten.begin(), forgotten.end());
  } else {
    for (const NodeKey key : forgotten) unsaved_.erase(key);
  }
  if (unsaved_.size() <= 2 * options_.registry.max_nodes) return;
  // Rows of forgotten nodes may stay on a disk that has failed for long: a restart finds
  // them and deletes them.
  for (auto key = unsaved_.begin(); key != unsaved_.end();) {
    key = registry_.Find(*key).has_value() ? std::next(key) : unsaved_.erase(key);
  }
}

absl::Status NodeStatusCollector::SaveRows(const std::vector<NodeKey>& keys) {
  NodeTable::Changes changes;
  for (const NodeKey key : keys) {
    const std::optional<NodeStatus> status = registry_.Find(key);
    if (!status.has_value()) {
      changes.gone.push_back(EncodeNodeKey(key));
      continue;
    }
    changes.rows.emplace_back(EncodeNodeKey(key), std::string());
    status->Encode(&changes.rows.back().second);
  }
  if (keys.size() == unsaved_.size()) changes.position = looked_to_;  // all before is saved
  const absl::Status saved = table_->Save(changes);
  if (!saved.ok()) return saved;
  for (const NodeKey key : keys) unsaved_.erase(key);
  if (changes.position.has_value()) saved_to_ = *changes.position;
  return absl::OkStatus();
}

void NodeStatusCollector::SaveUnsaved() {
  while (true) {
    MutexLock lock(&save_mutex_);
    std::vector<NodeKey> keys;
    for (const NodeKey key : unsaved_) {
      if (keys.size() == kRowsOfAWrite) break;
      keys.push_back(key);
    }
    if (keys.empty() || !SaveRows(keys).ok()) return;
  }
}

}  // namespace wirepas_grpc::core
