// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_DIRECTORY_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_DIRECTORY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/wait_list.h"
#include "gateway_api/gateway.pb.h"
#include "gateway_api/sink_config.pb.h"

namespace wirepas_grpc::core {

using SinkConfig = wirepas::proto::gateway_api::SinkReadConfig;

// What is known of one gateway. Immutable; a change makes a new one.
struct GatewayRecord {
  std::string id;
  bool online = false;
  std::string model;          // empty: not told
  std::string version;        // empty: not told
  std::vector<int> features;  // values of gateway_api::GatewayFeature, told ones only
  std::optional<uint32_t> max_scratchpad_size;  // bytes in one request; nothing: any
  // When it made its last status, by its own clock. InfinitePast: it did not say.
  absl::Time status_time = absl::InfinitePast();

  // The gateway told its sinks, in a status or an answer. Older gateways leave
  // them out of the status and must be asked.
  bool sinks_known = false;
  // By id. Each is shared with the record before while it does not change.
  std::map<std::string, std::shared_ptr<const SinkConfig>, std::less<>> sinks;

  bool HasFeature(int feature) const;
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

// What is known of the gateways and sinks behind the broker, fed by their statuses
// and answers. Bounded: beyond Options::max_gateways, new gateways are dropped and
// counted. Thread-safe; the feeding calls come from the broker's thread.
class NetworkDirectory {
 public:
  struct Options {
    size_t max_gateways = 100000;
    absl::Duration min_wake_interval = absl::ZeroDuration();  // of those who Wait(), see WaitList
  };

  NetworkDirectory(const Options& options, Executor* executor, Scheduler* scheduler);

  // ---- feeding ----
  // `gateway_id` is the topic's, which is the one to trust.
  // `retained`: the broker had kept it, and sends it for a new subscription.
  void OnStatus(absl::string_view gateway_id,
                const wirepas::proto::gateway_api::StatusEvent& status, bool retained);
  // An empty retained status: the gateway was cleared from the broker.
  void OnCleared(absl::string_view gateway_id);
  // All configs of a gateway, as it answered.
  void OnConfigs(absl::string_view gateway_id,
                 const google::protobuf::RepeatedPtrField<SinkConfig>& configs);
  // The config of one sink, as the gateway answered. Ignored when it holds an id
  // only (unknown sink) or the gateway is not known.
  void OnConfig(absl::string_view gateway_id, const SinkConfig& config);

  // The subscription to statuses was granted: the broker sends what it retained.
  // After a reconnect, gateways whose status is no longer among that are removed,
  // unless the broker sends no retained status at all: it may keep none.
  void OnStatusSubscribed();
  void OnDisconnected();

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
  // their end; it is taken for reached when none has come for a while after the
  // subscription was granted. Stays true when the connection is lost.
  bool synced() const;
  // Calls `callback` once, on the executor, when synced. Nothing: it is already.
  std::optional<WaitId> WaitSynced(absl::AnyInvocable<void()> callback);
  bool CancelWaitSynced(WaitId id) { return sync_waiters_.Remove(id); }

  // Gateways not taken for the bound.
  uint64_t refused_gateways() const;

 private:
  using Gateways = std::map<std::string, GatewayPtr, std::less<>>;

  void Store(absl::string_view gateway_id, std::shared_ptr<GatewayRecord> record)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void CheckQuiet(uint64_t round);
  void RemoveUnseenLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  Scheduler* const scheduler_;
  WaitList changes_;
  WaitList sync_waiters_;

  mutable Mutex mutex_;
  Gateways gateways_ ABSL_GUARDED_BY(mutex_);
  uint64_t version_ ABSL_GUARDED_BY(mutex_) = 1;
  mutable SnapshotPtr snapshot_ ABSL_GUARDED_BY(mutex_);
  bool synced_ ABSL_GUARDED_BY(mutex_) = false;
  // One round of reading retained statuses.
  uint64_t round_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time round_limit_ ABSL_GUARDED_BY(mutex_);
  uint64_t statuses_ ABSL_GUARDED_BY(mutex_) = 0;  // how many have come
  uint64_t statuses_at_check_ ABSL_GUARDED_BY(mutex_) = 0;
  bool collecting_ ABSL_GUARDED_BY(mutex_) = true;
  bool retained_seen_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<std::string> seen_ ABSL_GUARDED_BY(mutex_);  // in this round
  uint64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
};

// One difference between two snapshots.
struct NetworkChange {
  enum class Type {
    kGatewayOnline,   // new or back, and online
    kGatewayOffline,  // gone offline, or new and offline
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
