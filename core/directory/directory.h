// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_DIRECTORY_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_DIRECTORY_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/log_limiter.h"
#include "core/base/mutex.h"
#include "core/base/wait_list.h"
#include "core/directory/absence_check.h"
#include "core/directory/news.h"
#include "core/directory/status_source.h"
#include "core/directory/status_sync.h"
#include "gateway_api/gateway.pb.h"
#include "gateway_api/sink_config.pb.h"

namespace wirepas_grpc::core {

using SinkConfig = wirepas::proto::gateway_api::SinkReadConfig;

// Whether a gateway is there, by its last status.
enum class GatewayState {
  kUnknown,  // it has none at the broker: its packets or answers came
  kOnline,
  kOffline,
};

// What is known of one gateway. Immutable; a change makes a new one.
struct GatewayRecord {
  std::string id;
  GatewayState state = GatewayState::kUnknown;
  std::string model;                      // empty: not told
  std::string version;                    // empty: not told
  std::vector<int> features;              // values of gateway_api::GatewayFeature, told ones only
  std::vector<int32_t> unknown_features;  // numbers of others that it told, ascending
  std::optional<uint32_t> max_scratchpad_size;  // bytes in one request; nothing: any
  // When it made its last status, by its own clock. InfinitePast: it did not say.
  absl::Time status_time = absl::InfinitePast();

  // The gateway told its sinks, in a status or an answer. Older gateways leave
  // them out of the status and must be asked.
  bool sinks_known = false;
  // It was asked for them in vain, and is known only from being heard.
  bool mute = false;
  // By id. Each is shared with the record before while it does not change. Bounded: see
  // gateway_bounds.h.
  std::map<std::string, std::shared_ptr<const SinkConfig>, std::less<>> sinks;
  size_t sink_memory = 0;  // that they take, about, in bytes

  bool online() const { return state == GatewayState::kOnline; }
  // Nobody said that it is offline: requests are sent to it.
  bool reachable() const { return state != GatewayState::kOffline; }
  bool HasFeature(int feature) const;
  // Neither a status nor sinks are known of it.
  bool only_heard() const { return state == GatewayState::kUnknown && !sinks_known; }
  bool SameBesidesSinks(const GatewayRecord& other) const;
};
using GatewayPtr = std::shared_ptr<const GatewayRecord>;

// All gateways at one moment, sorted by id. Immutable.
struct DirectorySnapshot {
  uint64_t version = 0;  // grows with each change
  std::vector<GatewayPtr> gateways;

  // Null when unknown.
  GatewayPtr Find(absl::string_view gateway_id) const;
};
using SnapshotPtr = std::shared_ptr<const DirectorySnapshot>;

// What a status was to the directory.
enum class StatusNews {
  kAgain,  // the broker had sent it on this connection before: nothing of it is new
  kNew,
  kOlder,  // than what came before, so that the gateway is to be asked: see news.h
};

// What is known of the gateways and sinks behind the broker, fed by their statuses
// and answers, and by that they are heard at all. Bounded: beyond Options::max_gateways and
// max_memory, new gateways are dropped and counted; anybody can make up ids, so of those who
// were only heard there are no more than kMaxOnlyHeard, and they make room for others. What is
// kept of one gateway is bounded as gateway_bounds.h says; sinks beyond are not taken, and
// counted. Thread-safe; the feeding calls come from the broker's thread.
class NetworkDirectory {
 public:
  struct Options {
    size_t max_gateways = 100000;
    size_t max_memory = 256 << 20;                            // that all take, about, in bytes
    absl::Duration min_wake_interval = absl::ZeroDuration();  // of those who Wait(), see WaitList
    bool session_kept = false;  // by the broker, with what comes while there is no connection
  };

  // Of gateways that have neither a status nor told their sinks.
  static constexpr size_t kMaxOnlyHeard = 1000;

  NetworkDirectory(const Options& options, Executor* executor, Scheduler* scheduler);

  // ---- feeding ----
  // `gateway_id` is the topic's, which is the one to trust. `time_ms`: when the gateway
  // made it, by its own clock in milliseconds since 1970; 0: it did not say. OnConfigs() and
  // OnConfig(): true when it was older than what came before, so that the gateway is to be
  // asked for its sinks in kLateNews. See news.h.
  //
  // `retained`: the broker had kept it, and sends it for a new subscription.
  StatusNews OnStatus(absl::string_view gateway_id,
                      const wirepas::proto::gateway_api::StatusEvent& status, bool retained);
  // An empty retained status: the gateway was cleared from the broker. It is found again
  // when it goes on sending.
  void OnCleared(absl::string_view gateway_id);
  // All configs of a gateway, as it answered.
  bool OnConfigs(absl::string_view gateway_id,
                 const google::protobuf::RepeatedPtrField<SinkConfig>& configs,
                 uint64_t time_ms = 0);
  // The config of one sink, as the gateway answered. Ignored when it holds an id
  // only (unknown sink) or the gateway is not known.
  bool OnConfig(absl::string_view gateway_id, const SinkConfig& config, uint64_t time_ms = 0);
  // What a gateway answered of itself: stands in for a status that there is none of.
  void OnInfo(absl::string_view gateway_id, const wirepas::proto::gateway_api::GatewayInfo& info);
  // A packet or an answer of the gateway came. One that is not known is now, without a
  // status. One that was offline before the present connection, and of which the broker had
  // no status on it, may have come back: nobody knows. True: it is not offline and its sinks
  // are not known, and this was not told since the connection was made. Cheap for one that
  // was heard before.
  bool OnHeard(absl::string_view gateway_id);
  // It did not answer when it was asked for its sinks. From any thread.
  void OnSilent(absl::string_view gateway_id);

  // A message of any kind begins to be dealt with, or has been. Cheap.
  void OnMessageBegins() { messages_.fetch_add(1, std::memory_order_relaxed); }
  void OnMessageEnds() { messages_.fetch_add(1, std::memory_order_relaxed); }

  // The broker has answered a subscription to all statuses: it sends what it retained.
  // After a reconnect, gateways of which it retains none any more are removed, once that
  // is sure: see StatusSync and AbsenceCheck. Those that have no status stay.
  void OnStatusSubscribed();
  // The broker has answered a subscription of StatusSource::AskFor().
  void OnStatusAnswer(absl::string_view gateway_id, bool granted);
  void OnConnected();
  void OnDisconnected();
  // Before the first of these. It outlives the scheduler's last timer. Without it nobody is
  // removed for want of a status.
  void set_status_source(StatusSource* source) { source_ = source; }

  // ---- reading ----
  // Cheap; made anew only after a change.
  SnapshotPtr Snapshot() const;
  // Null when unknown.
  GatewayPtr Find(absl::string_view gateway_id) const;

  // Calls `callback` once, on the executor, when the version is above `version`.
  // Nothing: it is already, `callback` will not be called.
  std::optional<WaitId> Wait(uint64_t version, absl::AnyInvocable<void()> callback);
  bool CancelWait(WaitId id) { return changes_.Remove(id); }

  // Whether the statuses retained by the broker have arrived. No message marks
  // their end; it is taken for reached when no message of any kind has come for a while
  // after the subscription was granted, or they have been coming for StatusSync::kLimit.
  // Stays true when the connection is lost.
  bool synced() const;
  // Calls `callback` once, on the executor, when synced. Nothing: it is already.
  std::optional<WaitId> WaitSynced(absl::AnyInvocable<void()> callback);
  bool CancelWaitSynced(WaitId id) { return sync_waiters_.Remove(id); }

  // Gateways not taken for the bound.
  uint64_t refused_gateways() const;
  // Sinks not taken, each time that they were told: for a bound, or as their id is none.
  uint64_t refused_sinks() const { return refused_sinks_.load(std::memory_order_relaxed); }
  // What is known takes so much memory, about, in bytes.
  size_t memory() const;

 private:
  struct Entry {
    GatewayPtr gateway;  // null: not known
    GatewayNews news;
    uint64_t status_on = 0;    // the connection on which its last status came
    uint64_t retained_in = 0;  // the round in which the broker sent last that it retains it
  };

  Entry FindEntry(absl::string_view gateway_id) const;
  void Store(absl::string_view gateway_id, std::shared_ptr<GatewayRecord> record, GatewayNews news)
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasRoomLocked(const GatewayRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // An entry is, or is no longer, of this record; null: there is none.
  void CountMemoryLocked(const GatewayPtr& gone, const GatewayPtr& come)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RefuseSinks(absl::string_view gateway_id, size_t count);
  void ChangedLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // ---- directory_sync.cc ----
  bool IsReplay(uint64_t status_on, const NewsTime& time, const GatewayNews& news)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void NoteStatus(absl::string_view gateway_id, bool retained) ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t messages() const { return messages_.load(std::memory_order_relaxed); }
  // The timer before it then does nothing.
  void RunLater(absl::Duration delay, void (NetworkDirectory::*check)(uint64_t generation))
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CheckSync(uint64_t generation);
  void CheckAbsence(uint64_t generation);
  // It has a status, and none came on this connection.
  bool IsUnseen(const Entry& entry) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<std::string> Unseen(size_t limit = SIZE_MAX) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // See AbsenceCheck: another one each time, if there are several. Empty: there is none.
  std::string NextCanary() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Remove(const std::vector<std::string>& gone) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  Scheduler* const scheduler_;
  WaitList changes_;
  WaitList sync_waiters_;

  mutable Mutex mutex_;
  std::map<std::string, Entry, std::less<>> gateways_ ABSL_GUARDED_BY(mutex_);
  absl::btree_set<std::string> only_heard_ ABSL_GUARDED_BY(mutex_);
  uint64_t connection_ ABSL_GUARDED_BY(mutex_) = 1;  // its number
  uint64_t version_ ABSL_GUARDED_BY(mutex_) = 1;
  mutable SnapshotPtr snapshot_ ABSL_GUARDED_BY(mutex_);
  bool synced_ ABSL_GUARDED_BY(mutex_) = false;
  StatusSync sync_ ABSL_GUARDED_BY(mutex_);
  AbsenceCheck absence_check_ ABSL_GUARDED_BY(mutex_);
  uint64_t round_ ABSL_GUARDED_BY(mutex_) = 1;  // of subscribing to all, over all connections
  std::string canary_ ABSL_GUARDED_BY(mutex_);  // the last one
  uint64_t timer_generation_ ABSL_GUARDED_BY(mutex_) = 0;
  StatusSource* source_ = nullptr;  // set before it is used
  uint64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t memory_ ABSL_GUARDED_BY(mutex_) = 0;

  std::atomic<uint64_t> refused_sinks_ = 0;
  LogLimiter refused_sinks_logged_;

  // Who was heard on this connection and need not be looked up, so that packets do not
  // compete with readers. Used by the broker's thread for messages only, which forgets it
  // when `heard_round_` has moved on.
  absl::flat_hash_set<std::string> heard_;
  uint64_t heard_in_ = 0;
  std::atomic<uint64_t> heard_round_ = 0;

  // Odd while one is being dealt with.
  std::atomic<uint64_t> messages_ = 0;
};

// One difference between two snapshots.
struct NetworkChange {
  enum class Type {
    kGatewayOnline,   // new or back, and online
    kGatewayOffline,  // gone offline, or new and offline
    kGatewayFound,    // new and without a status, or it was cleared and goes on sending
    kGatewayUpdated,  // something else about it, which sinks it has among it
    kGatewayRemoved,
    kSinkAdded,
    kSinkUpdated,
    kSinkRemoved,
  };
  Type type;
  GatewayPtr gateway;                      // as it is now; before, when removed
  std::shared_ptr<const SinkConfig> sink;  // for the sink types; likewise
};

// What to tell somebody who knows `before` (null: nothing) to know `after`: sorted
// by gateway, each gateway before its sinks, in a removal after them.
std::vector<NetworkChange> Diff(const DirectorySnapshot* before, const DirectorySnapshot& after);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_DIRECTORY_DIRECTORY_H_
