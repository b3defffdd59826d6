// SPDX-License-Identifier: Apache-2.0
#include "core/directory/directory.h"

#include <algorithm>
#include <utility>

#include "core/gateway_api/ids.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

// The retained statuses count as read when none has come for this long, or when
// they have been coming for longer than the limit.
constexpr absl::Duration kSyncQuiet = absl::Milliseconds(250);
constexpr absl::Duration kSyncLimit = absl::Seconds(2);

// The last moment a Timestamp can tell, in milliseconds.
constexpr uint64_t kMaxEpochMs = 253402300799000;

bool SameConfig(const SinkConfig& a, const SinkConfig& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

// Ids that could not be asked for anything are left out, so that every sink that is
// listed can be reached.
void SetSinks(const google::protobuf::RepeatedPtrField<SinkConfig>& configs,
              const GatewayRecord* before, GatewayRecord* record) {
  record->sinks_known = true;
  record->sinks.clear();
  for (const SinkConfig& config : configs) {
    if (!IsValidId(config.sink_id())) continue;
    std::shared_ptr<const SinkConfig> kept;
    if (before != nullptr) {
      const auto old = before->sinks.find(config.sink_id());
      if (old != before->sinks.end() && SameConfig(*old->second, config)) kept = old->second;
    }
    if (kept == nullptr) kept = std::make_shared<const SinkConfig>(config);
    record->sinks.insert_or_assign(config.sink_id(), std::move(kept));
  }
}

bool SameGateway(const GatewayRecord& a, const GatewayRecord& b) {
  return a.online == b.online && a.model == b.model && a.version == b.version &&
         a.features == b.features && a.max_scratchpad_size == b.max_scratchpad_size &&
         a.status_time == b.status_time && a.sinks_known == b.sinks_known;
}

bool SameSinkIds(const GatewayRecord& a, const GatewayRecord& b) {
  return std::equal(a.sinks.begin(), a.sinks.end(), b.sinks.begin(), b.sinks.end(),
                    [](const auto& x, const auto& y) { return x.first == y.first; });
}

void DiffSinks(const GatewayRecord* before, const GatewayPtr& after,
               std::vector<NetworkChange>* changes) {
  if (before != nullptr) {
    for (const auto& [id, sink] : before->sinks) {
      if (!after->sinks.contains(id)) {
        changes->push_back({NetworkChange::Type::kSinkRemoved, after, sink});
      }
    }
  }
  for (const auto& [id, sink] : after->sinks) {
    const auto old = before == nullptr ? after->sinks.end() : before->sinks.find(id);
    if (before == nullptr || old == before->sinks.end()) {
      changes->push_back({NetworkChange::Type::kSinkAdded, after, sink});
    } else if (old->second != sink) {
      changes->push_back({NetworkChange::Type::kSinkUpdated, after, sink});
    }
  }
}

void DiffGateway(const GatewayRecord* before, const GatewayPtr& after,
                 std::vector<NetworkChange>* changes) {
  if (before == nullptr || before->online != after->online) {
    changes->push_back(
        {after->online ? NetworkChange::Type::kGatewayOnline : NetworkChange::Type::kGatewayOffline,
         after, nullptr});
  } else if (!SameGateway(*before, *after) || !SameSinkIds(*before, *after)) {
    changes->push_back({NetworkChange::Type::kGatewayUpdated, after, nullptr});
  }
  DiffSinks(before, after, changes);
}

void RemoveGateway(const GatewayPtr& gateway, std::vector<NetworkChange>* changes) {
  for (const auto& [id, sink] : gateway->sinks) {
    changes->push_back({NetworkChange::Type::kSinkRemoved, gateway, sink});
  }
  changes->push_back({NetworkChange::Type::kGatewayRemoved, gateway, nullptr});
}

}  // namespace

bool GatewayRecord::HasFeature(int feature) const {
  return std::find(features.begin(), features.end(), feature) != features.end();
}

GatewayPtr DirectorySnapshot::Find(absl::string_view gateway_id) const {
  const auto found = std::lower_bound(
      gateways.begin(), gateways.end(), gateway_id,
      [](const GatewayPtr& gateway, absl::string_view id) { return gateway->id < id; });
  if (found == gateways.end() || (*found)->id != gateway_id) return nullptr;
  return *found;
}

NetworkDirectory::NetworkDirectory(const Options& options, Executor* executor, Scheduler* scheduler)
    : options_(options),
      scheduler_(scheduler),
      changes_(executor, scheduler, options.min_wake_interval),
      sync_waiters_(executor, scheduler) {}

void NetworkDirectory::OnStatus(absl::string_view gateway_id, const gw::StatusEvent& status,
                                bool retained) {
  const GatewayPtr before = Find(gateway_id);
  auto record = std::make_shared<GatewayRecord>();
  record->id = std::string(gateway_id);
  record->online = status.state() == gw::ON;
  record->model = status.gw_model();
  record->version = status.gw_version();
  for (int feature : status.gw_features()) record->features.push_back(feature);
  if (status.has_max_scratchpad_size()) record->max_scratchpad_size = status.max_scratchpad_size();
  const uint64_t time_ms = status.header().time_ms_epoch();
  if (time_ms > 0 && time_ms <= kMaxEpochMs) {
    record->status_time = absl::FromUnixMillis(static_cast<int64_t>(time_ms));
  }
  // An offline status (the last will) has no configs, and an older gateway's
  // online status neither: what is known of its sinks stays, but an online gateway
  // that came back must be asked again.
  if (status.configs_size() > 0) {
    SetSinks(status.configs(), before.get(), record.get());
  } else if (before != nullptr) {
    record->sinks = before->sinks;
    record->sinks_known = before->sinks_known && (before->online || !record->online);
  }
  // The last will knows little more than that the gateway is gone.
  if (!record->online && before != nullptr) {
    if (record->model.empty()) record->model = before->model;
    if (record->version.empty()) record->version = before->version;
    if (record->features.empty()) record->features = before->features;
    if (!record->max_scratchpad_size) record->max_scratchpad_size = before->max_scratchpad_size;
  }
  {
    MutexLock lock(&mutex_);
    ++statuses_;
    retained_seen_ |= retained;
  }
  Store(gateway_id, std::move(record));
  MutexLock lock(&mutex_);
  // Only what was taken, so that this set has the directory's bound.
  if (collecting_ && gateways_.contains(gateway_id)) seen_.insert(std::string(gateway_id));
}

void NetworkDirectory::OnCleared(absl::string_view gateway_id) {
  {
    MutexLock lock(&mutex_);
    ++statuses_;
    const auto found = gateways_.find(gateway_id);
    if (found == gateways_.end()) return;
    gateways_.erase(found);
    seen_.erase(gateway_id);
    ++version_;
    snapshot_ = nullptr;
  }
  changes_.WakeAll();
}

void NetworkDirectory::OnConfigs(absl::string_view gateway_id,
                                 const google::protobuf::RepeatedPtrField<SinkConfig>& configs) {
  const GatewayPtr before = Find(gateway_id);
  auto record = before == nullptr ? std::make_shared<GatewayRecord>()
                                  : std::make_shared<GatewayRecord>(*before);
  if (before == nullptr) {
    // It answers, so it is there: the broker may keep no retained statuses.
    record->id = std::string(gateway_id);
    record->online = true;
  }
  SetSinks(configs, before.get(), record.get());
  Store(gateway_id, std::move(record));
}

void NetworkDirectory::OnConfig(absl::string_view gateway_id, const SinkConfig& config) {
  const bool id_only = config.ByteSizeLong() == [&] {
    SinkConfig bare;
    bare.set_sink_id(config.sink_id());
    return bare.ByteSizeLong();
  }();
  const GatewayPtr before = Find(gateway_id);
  if (id_only || before == nullptr || !IsValidId(config.sink_id())) return;
  const auto old = before->sinks.find(config.sink_id());
  if (old != before->sinks.end() && SameConfig(*old->second, config)) return;
  auto record = std::make_shared<GatewayRecord>(*before);
  record->sinks.insert_or_assign(config.sink_id(), std::make_shared<const SinkConfig>(config));
  Store(gateway_id, std::move(record));
}

void NetworkDirectory::Store(absl::string_view gateway_id, std::shared_ptr<GatewayRecord> record) {
  {
    MutexLock lock(&mutex_);
    const auto found = gateways_.find(gateway_id);
    if (found != gateways_.end()) {
      const GatewayRecord& before = *found->second;
      if (SameGateway(before, *record) && before.sinks == record->sinks) return;
      found->second = std::move(record);
    } else if (gateways_.size() < options_.max_gateways) {
      gateways_.emplace(std::string(gateway_id), std::move(record));
    } else {
      ++refused_;
      return;
    }
    ++version_;
    snapshot_ = nullptr;
  }
  changes_.WakeAll();
}

void NetworkDirectory::OnStatusSubscribed() {
  MutexLock lock(&mutex_);
  const uint64_t round = ++round_;
  round_limit_ = scheduler_->Now() + kSyncLimit;
  statuses_at_check_ = statuses_;
  scheduler_->RunAfter(kSyncQuiet, [this, round] { CheckQuiet(round); });
}

void NetworkDirectory::OnDisconnected() {
  MutexLock lock(&mutex_);
  // The retained statuses may come before the subscription is confirmed, so what
  // counts for the next round is collected from here on.
  ++round_;
  collecting_ = true;
  retained_seen_ = false;
  seen_.clear();
}

void NetworkDirectory::CheckQuiet(uint64_t round) {
  {
    MutexLock lock(&mutex_);
    if (round != round_) return;
    const bool quiet = statuses_ == statuses_at_check_;
    if (!quiet && scheduler_->Now() < round_limit_) {
      statuses_at_check_ = statuses_;
      scheduler_->RunAfter(kSyncQuiet, [this, round] { CheckQuiet(round); });
      return;
    }
    // When they are still coming, nothing can be said of those that have not come.
    if (quiet && collecting_ && retained_seen_) RemoveUnseenLocked();
    collecting_ = false;
    seen_.clear();
    synced_ = true;
  }
  changes_.WakeAll();
  sync_waiters_.WakeAll();
}

void NetworkDirectory::RemoveUnseenLocked() {
  const size_t removed =
      std::erase_if(gateways_, [this](const auto& entry) ABSL_NO_THREAD_SAFETY_ANALYSIS {
        return !seen_.contains(entry.first);
      });
  if (removed == 0) return;
  ++version_;
  snapshot_ = nullptr;
}

SnapshotPtr NetworkDirectory::Snapshot() const {
  MutexLock lock(&mutex_);
  if (snapshot_ == nullptr) {
    auto snapshot = std::make_shared<DirectorySnapshot>();
    snapshot->version = version_;
    snapshot->gateways.reserve(gateways_.size());
    for (const auto& [id, gateway] : gateways_) snapshot->gateways.push_back(gateway);
    snapshot_ = std::move(snapshot);
  }
  return snapshot_;
}

GatewayPtr NetworkDirectory::Find(absl::string_view gateway_id) const {
  MutexLock lock(&mutex_);
  const auto found = gateways_.find(gateway_id);
  return found == gateways_.end() ? nullptr : found->second;
}

std::optional<WaitId> NetworkDirectory::Wait(uint64_t version,
                                             absl::AnyInvocable<void()> callback) {
  const WaitId id = changes_.Add(std::move(callback));
  bool changed;
  {
    MutexLock lock(&mutex_);
    changed = version_ > version;
  }
  if (changed && changes_.Remove(id)) return std::nullopt;
  return id;
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

uint64_t NetworkDirectory::refused_gateways() const {
  MutexLock lock(&mutex_);
  return refused_;
}

std::vector<NetworkChange> Diff(const DirectorySnapshot* before, const DirectorySnapshot& after) {
  static const std::vector<GatewayPtr> kNone;
  const std::vector<GatewayPtr>& old = before == nullptr ? kNone : before->gateways;
  std::vector<NetworkChange> changes;
  auto a = old.begin();
  auto b = after.gateways.begin();
  while (a != old.end() || b != after.gateways.end()) {
    if (b == after.gateways.end() || (a != old.end() && (*a)->id < (*b)->id)) {
      RemoveGateway(*a++, &changes);
    } else if (a == old.end() || (*b)->id < (*a)->id) {
      DiffGateway(nullptr, *b++, &changes);
    } else {
      if (*a != *b) DiffGateway(a->get(), *b, &changes);
      ++a;
      ++b;
    }
  }
  return changes;
}

}  // namespace wirepas_grpc::core
