// SPDX-License-Identifier: Apache-2.0
#include "core/directory/directory.h"

#include <algorithm>
#include <utility>

#include "core/directory/gateway_bounds.h"
#include "core/directory/gateway_record.h"
#include "core/gateway_api/epoch_time.h"
#include "core/gateway_api/ids.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;

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
      sync_waiters_(executor, scheduler),
      sync_(options.session_kept) {}

StatusNews NetworkDirectory::OnStatus(absl::string_view gateway_id, const gw::StatusEvent& status,
                                      bool retained) {
  Entry entry = FindEntry(gateway_id);
  GatewayNews& news = entry.news;
  const GatewayPtr before = std::move(entry.gateway);
  const bool online = status.state() == gw::ON;
  const bool was_online = before != nullptr && before->online();
  const NewsTime time{TimeOfEpochMs(status.header().time_ms_epoch()), scheduler_->MonotonicNow()};
  if (retained && IsReplay(entry.status_on, time, news)) {
    NoteStatus(gateway_id, retained);
    return StatusNews::kAgain;
  }
  const bool in_order = !online || !was_online || retained;
  const bool has_sinks = status.configs_size() > 0;
  const bool older =
      online && (time.IsOlderThan(news.status) || (has_sinks && IsOlderThanSinks(time, news)));

  std::shared_ptr<GatewayRecord> record;
  if (in_order || !time.IsLateAfter(news.status)) {
    record = RecordOf(gateway_id, status, before.get());
    if (online) news.status = time;
  } else {
    record = std::make_shared<GatewayRecord>(*before);
  }
  // An offline status (the last will) has no configs, and an older gateway's
  // online status neither: what is known of its sinks stays, but an online gateway
  // that came back must be asked again.
  if (has_sinks && (in_order || !time.IsLateAfter(news.sinks))) {
    RefuseSinks(gateway_id, SetSinks(status.configs(), before.get(), record.get()));
    news.sinks = time;
    if (in_order) {
      news.sink.clear();
    } else {
      KeepNewerSinks(*before, time, &news, record.get());
    }
  } else if (before != nullptr) {
    record->sinks = before->sinks;
    record->sink_memory = before->sink_memory;
    record->sinks_known = before->sinks_known && (before->reachable() || !online);
  }
  Store(gateway_id, std::move(record), std::move(news));
  NoteStatus(gateway_id, retained);
  return older ? StatusNews::kOlder : StatusNews::kNew;
}

void NetworkDirectory::OnCleared(absl::string_view gateway_id) {
  heard_.erase(gateway_id);
  {
    MutexLock lock(&mutex_);
    const auto found = gateways_.find(gateway_id);
    if (found == gateways_.end()) return;
    CountMemoryLocked(found->second.gateway, nullptr);
    gateways_.erase(found);
    only_heard_.erase(std::string(gateway_id));
    ChangedLocked();
  }
  changes_.WakeAll();
}

bool NetworkDirectory::OnConfigs(absl::string_view gateway_id,
                                 const google::protobuf::RepeatedPtrField<SinkConfig>& configs,
                                 uint64_t time_ms) {
  auto [before, news, status_on, retained_in] = FindEntry(gateway_id);
  const NewsTime time{TimeOfEpochMs(time_ms), scheduler_->MonotonicNow()};
  const bool older = IsOlderThanSinks(time, news);
  if (time.IsLateAfter(news.sinks)) return older;
  auto record = before == nullptr ? std::make_shared<GatewayRecord>()
                                  : std::make_shared<GatewayRecord>(*before);
  record->id = std::string(gateway_id);
  RefuseSinks(gateway_id, SetSinks(configs, before.get(), record.get()));
  news.sinks = time;
  if (before != nullptr) KeepNewerSinks(*before, time, &news, record.get());
  Store(gateway_id, std::move(record), std::move(news));
  return older;
}

bool NetworkDirectory::OnConfig(absl::string_view gateway_id, const SinkConfig& config,
                                uint64_t time_ms) {
  const bool id_only = config.ByteSizeLong() == [&] {
    SinkConfig bare;
    bare.set_sink_id(config.sink_id());
    return bare.ByteSizeLong();
  }();
  auto [before, news, status_on, retained_in] = FindEntry(gateway_id);
  if (id_only || before == nullptr || !IsValidId(config.sink_id())) return false;
  const auto* const old = FindSink(before.get(), config.sink_id());
  if (old == nullptr && before->sinks.size() >= kMaxSinksOfGateway) {
    RefuseSinks(gateway_id, 1);
    return false;
  }
  const NewsTime time{TimeOfEpochMs(time_ms), scheduler_->MonotonicNow()};
  const auto told = news.sink.find(config.sink_id());
  const NewsTime last = told == news.sink.end() ? NewsTime() : told->second;
  const bool older = time.IsOlderThan(last) || time.IsOlderThan(news.sinks);
  if (time.IsLateAfter(last) || time.IsLateAfter(news.sinks)) return older;
  auto record = std::make_shared<GatewayRecord>(*before);
  if ((old == nullptr || !SameConfig(**old, config)) && !PutSink(config, record.get())) {
    RefuseSinks(gateway_id, 1);
    return older;
  }
  news.sink.insert_or_assign(config.sink_id(), time);
  Store(gateway_id, std::move(record), std::move(news));
  return older;
}

void NetworkDirectory::OnInfo(absl::string_view gateway_id, const gw::GatewayInfo& info) {
  auto [before, news, status_on, retained_in] = FindEntry(gateway_id);
  if (before == nullptr || before->state != GatewayState::kUnknown) return;
  auto record = std::make_shared<GatewayRecord>(*before);
  SetSelf(info, record.get());
  Store(gateway_id, std::move(record), std::move(news));
}

bool NetworkDirectory::OnHeard(absl::string_view gateway_id) {
  const uint64_t round = heard_round_.load(std::memory_order_acquire);
  if (round != heard_in_) {
    heard_.clear();
    heard_in_ = round;
  }
  if (heard_.contains(gateway_id)) return false;
  Entry entry = FindEntry(gateway_id);
  std::shared_ptr<GatewayRecord> found;
  bool settled = true;  // no need to look again on this connection
  if (entry.gateway == nullptr) {
    found = std::make_shared<GatewayRecord>();
    found->id = std::string(gateway_id);
  } else if (!entry.gateway->reachable()) {
    MutexLock lock(&mutex_);
    // Its status may be among those that the broker has yet to send.
    settled = !sync_.collecting() && !absence_check_.asking();
    if (settled && entry.status_on != connection_) {
      found = std::make_shared<GatewayRecord>(*entry.gateway);
      found->state = GatewayState::kUnknown;
    }
  }
  if (found != nullptr) {
    Store(gateway_id, std::move(found), std::move(entry.news));
    entry = FindEntry(gateway_id);
  }
  // Those beyond the bound are looked up each time.
  if (entry.gateway == nullptr || !settled) return false;
  if (heard_.size() < options_.max_gateways) heard_.emplace(gateway_id);
  return entry.gateway->reachable() && !entry.gateway->sinks_known;
}

void NetworkDirectory::OnSilent(absl::string_view gateway_id) {
  {
    // This is no call of the broker's thread.
    MutexLock lock(&mutex_);
    const auto found = gateways_.find(gateway_id);
    if (found == gateways_.end() || !found->second.gateway->only_heard()) return;
    auto record = std::make_shared<GatewayRecord>(*found->second.gateway);
    record->mute = true;
    found->second.gateway = std::move(record);
    ChangedLocked();
  }
  changes_.WakeAll();
}

NetworkDirectory::Entry NetworkDirectory::FindEntry(absl::string_view gateway_id) const {
  MutexLock lock(&mutex_);
  const auto found = gateways_.find(gateway_id);
  return found == gateways_.end() ? Entry() : found->second;
}

void NetworkDirectory::Store(absl::string_view gateway_id, std::shared_ptr<GatewayRecord> record,
                             GatewayNews news) {
  size_t not_taken = 0;
  bool changed = true;
  {
    MutexLock lock(&mutex_);
    const auto found = gateways_.find(gateway_id);
    if (found != gateways_.end()) {
      const GatewayRecord& before = *found->second.gateway;
      const size_t grown = memory_ - MemoryOf(before) + MemoryOf(*record);
      if (grown > options_.max_memory && MemoryOf(*record) > MemoryOf(before) &&
          record->sinks != before.sinks) {
        // As if their message had not come, so that they are asked for again.
        not_taken = record->sinks.size();
        record->sinks = before.sinks;
        record->sink_memory = before.sink_memory;
        record->sinks_known = before.sinks_known;
        news.sinks = found->second.news.sinks;
        news.sink = std::move(found->second.news.sink);
      }
      found->second.news = std::move(news);
      changed = !(before.SameBesidesSinks(*record) && before.sinks == record->sinks &&
                  before.mute == record->mute);
      if (changed) {
        if (record->only_heard()) {
          only_heard_.insert(record->id);
        } else {
          only_heard_.erase(record->id);
        }
        CountMemoryLocked(found->second.gateway, record);
        found->second.gateway = std::move(record);
      }
    } else if (HasRoomLocked(*record)) {
      if (record->only_heard()) only_heard_.insert(record->id);
      CountMemoryLocked(nullptr, record);
      gateways_.emplace(std::string(gateway_id), Entry{std::move(record), std::move(news)});
    } else {
      ++refused_;
      return;
    }
    if (changed) ChangedLocked();
  }
  if (changed) changes_.WakeAll();
  RefuseSinks(gateway_id, not_taken);
}

bool NetworkDirectory::HasRoomLocked(const GatewayRecord& record) {
  if (record.only_heard() && only_heard_.size() >= kMaxOnlyHeard) return false;
  if (memory_ + MemoryOf(record) > options_.max_memory) return false;
  if (gateways_.size() < options_.max_gateways) return true;
  if (record.only_heard() || only_heard_.empty()) return false;
  const std::string evicted = *only_heard_.begin();
  CountMemoryLocked(gateways_[evicted].gateway, nullptr);
  gateways_.erase(evicted);
  only_heard_.erase(evicted);
  heard_.erase(evicted);  // it is found again when there is room
  return true;
}

void NetworkDirectory::CountMemoryLocked(const GatewayPtr& gone, const GatewayPtr& come) {
  if (gone != nullptr) memory_ -= MemoryOf(*gone);
  if (come != nullptr) memory_ += MemoryOf(*come);
}

void NetworkDirectory::RefuseSinks(absl::string_view gateway_id, size_t count) {
  if (count == 0) return;
  refused_sinks_.fetch_add(count, std::memory_order_relaxed);
  uint64_t suppressed;
  if (!refused_sinks_logged_.Allow(scheduler_->MonotonicNow(), &suppressed)) return;
  spdlog::warn(
      "gateway '{}' told of {} sinks that are not taken: too many, too large, or without a valid "
      "id ({} more such messages since the last line)",
      Printable(gateway_id), count, suppressed);
}

void NetworkDirectory::ChangedLocked() {
  ++version_;
  snapshot_ = nullptr;
}

SnapshotPtr NetworkDirectory::Snapshot() const {
  MutexLock lock(&mutex_);
  if (snapshot_ == nullptr) {
    auto snapshot = std::make_shared<DirectorySnapshot>();
    snapshot->version = version_;
    snapshot->gateways.reserve(gateways_.size());
    for (const auto& [id, entry] : gateways_) snapshot->gateways.push_back(entry.gateway);
    snapshot_ = std::move(snapshot);
  }
  return snapshot_;
}

GatewayPtr NetworkDirectory::Find(absl::string_view gateway_id) const {
  MutexLock lock(&mutex_);
  const auto found = gateways_.find(gateway_id);
  return found == gateways_.end() ? nullptr : found->second.gateway;
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

size_t NetworkDirectory::memory() const {
  MutexLock lock(&mutex_);
  return memory_;
}

uint64_t NetworkDirectory::refused_gateways() const {
  MutexLock lock(&mutex_);
  return refused_;
}

}  // namespace wirepas_grpc::core
