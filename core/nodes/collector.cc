// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/collector.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/gateway_api/topics.h"
#include "core/traffic/filter.h"

namespace wirepas_grpc::core {
namespace {

// Rows of one write: what a save holds in memory, and others wait for.
constexpr size_t kRowsOfAWrite = 512;

}  // namespace

NodeCollector::NodeCollector(const Options& options, Network* network, Database* database)
    : options_(options),
      network_(network),
      registry_(options.registry, &network->executor(), &network->scheduler()),
      listening_({.linger = options.linger}, &network->subscriptions(), &network->scheduler()),
      observer_(options.observer, &network->uplinks(), &network->executor(), &network->scheduler(),
                this) {
  if (database != nullptr) table_.emplace(kTable, database, &network->scheduler());
  counted_to_ = network->uplinks().next();
}

absl::Status NodeCollector::Restore() {
  if (!table_.has_value()) return absl::OkStatus();
  const absl::StatusOr<std::optional<uint64_t>> position = table_->Position();
  if (!position.ok()) return position.status();
  std::vector<Node> nodes;
  const absl::Status loaded = table_->Load([&](NodeKey key, absl::string_view row) {
    std::optional<NodeRecord> record = registry_.Decode(row);
    if (record.has_value()) nodes.push_back({key, *std::move(record)});
  });
  if (!loaded.ok()) return loaded;
  std::sort(nodes.begin(), nodes.end(),
            [](const Node& a, const Node& b) { return a.record.sequence < b.record.sequence; });
  const UplinkLog::Sequence next = network_->uplinks().next();
  for (Node& node : nodes) registry_.Restore(node.key, std::move(node.record), next);
  if (!position->has_value() || **position >= next) {
    // A failure is logged, and costs no more than what a sudden end leaves uncounted.
    table_->Save({.rows = {}, .gone = {}, .position = next}).IgnoreError();
    return absl::OkStatus();
  }
  // What came since is in the stored log.
  const absl::StatusOr<UplinkLog::Sequence> counted = observer_.CatchUp(**position);
  return counted.status();
}

void NodeCollector::Start() {
  started_ = true;
  observer_.Start(counted_to_);
  if (table_.has_value()) {
    saver_ =
        std::make_unique<PeriodicTask>(network_->uplinks().disk_writer(), &network_->scheduler(),
                                       options_.save_interval, [this] { SaveAll(); });
  }
  if (options_.always) always_ = Acquire(/*stays=*/true, [] {});
}

void NodeCollector::Stop() {
  always_.reset();
  listening_.Stop();
  observer_.Stop();
  if (saver_ != nullptr) saver_->Stop();
  if (std::exchange(started_, false) && table_.has_value()) SaveAll();
  saver_.reset();
}

InterestPtr NodeCollector::Acquire(bool stays, Subscriptions::Changed changed) {
  return network_->subscriptions().AcquireUplinks(
      TrafficFilter(), {.linger = options_.linger, .stays = stays}, std::move(changed));
}

std::optional<absl::Time> NodeCollector::observed_since() const {
  return ObservedSince(network_->subscriptions().CoveredFrom(kUplinkFilter));
}

std::optional<absl::Time> NodeCollector::observed_since(uint32_t network_address) const {
  const Subscriptions& subscriptions = network_->subscriptions();
  const auto all = subscriptions.CoveredFrom(kUplinkFilter);
  const auto one = subscriptions.CoveredFrom(NetworkListening::TopicFilter(network_address));
  if (!all.has_value() || !one.has_value()) return ObservedSince(all.has_value() ? all : one);
  return ObservedSince(std::min(*all, *one));
}

std::optional<absl::Time> NodeCollector::ObservedSince(std::optional<absl::Time> granted) const {
  if (!granted.has_value()) return std::nullopt;
  MutexLock lock(&mutex_);
  return network_->uplinks().Shown(last_gap_.has_value() ? std::max(*granted, *last_gap_)
                                                         : *granted);
}

void NodeCollector::OnUplink(UplinkLog::Sequence sequence, const Uplink& uplink) {
  registry_.Count(sequence, uplink);
}

void NodeCollector::OnGap(const Gap&) {
  MutexLock lock(&mutex_);
  last_gap_ = network_->uplinks().Moment();
}

void NodeCollector::OnTurn(UplinkLog::Sequence next) {
  counted_to_ = next;
  registry_.WakeWatchers();
}

// ---- saving ----

void NodeCollector::SaveAll() {
  // A place may be left of rows that were saved in the middle of a turn.
  const bool at_place = saved_to_ == counted_to_.load();
  if (!pending_.has_value() && !registry_.HasUnsaved() && at_place) return;
  while (!SavePart()) {
    // A failure is for the next time.
    if (pending_.has_value()) return;
  }
}

bool NodeCollector::SavePart() {
  if (!saving_to_.has_value()) {
    // In this order: all that is counted before that place is in the registry.
    saving_to_ = counted_to_.load();
    registry_.BeginSave();
  }
  if (!pending_.has_value()) {
    NodeRegistry::Unsaved unsaved = registry_.TakeUnsaved(kRowsOfAWrite);
    pending_ = NodeTable::Changes{std::move(unsaved.rows), std::move(unsaved.gone), std::nullopt};
    if (unsaved.complete) pending_->position = saving_to_;
  }
  if (!table_->Save(*pending_).ok()) return false;
  const bool complete = pending_->position.has_value();
  pending_.reset();
  if (complete) saved_to_ = std::exchange(saving_to_, std::nullopt);
  return complete;
}

}  // namespace wirepas_grpc::core
