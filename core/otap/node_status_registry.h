// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_OTAP_NODE_STATUS_REGISTRY_H_
#define WIREPAS_GRPC_CORE_OTAP_NODE_STATUS_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/recency_table.h"
#include "core/base/scheduler.h"
#include "core/base/wait_list.h"
#include "core/nodes/key.h"
#include "core/otap/node_status.h"

namespace wirepas_grpc::core {

// A node and its status.
struct NodeWithStatus {
  NodeKey key = 0;
  NodeStatus status;
};

// Which statuses somebody wants. An empty field means any; all must match.
struct NodeStatusFilter {
  absl::flat_hash_set<uint32_t> network_addresses;
  absl::flat_hash_set<uint32_t> node_addresses;
  absl::Time received_since = absl::InfinitePast();

  bool Matches(NodeKey key, const NodeStatus& status) const;
};

// The last status of each node, in memory. Bounded: beyond max_nodes those are
// forgotten that came longest ago. A status takes some 150 bytes. Thread-safe.
class NodeStatusRegistry {
 public:
  struct Options {
    size_t max_nodes = 100000;
    absl::Duration min_wake_interval = absl::ZeroDuration();  // of watchers, see WaitList
  };

  NodeStatusRegistry(const Options& options, Executor* executor, Scheduler* scheduler);

  // Whether a status came later than the one that is known.
  bool IsNewer(NodeKey key, const NodeStatus& status) const;
  // Takes statuses, each of which replaces one that came earlier: by its number
  // in the log. Nodes become known in this order. Returns those that were forgotten for
  // them.
  std::vector<NodeKey> Put(const std::vector<NodeWithStatus>& statuses);
  std::optional<NodeStatus> Find(NodeKey key) const;

  struct Page {
    std::vector<NodeWithStatus> nodes;
    std::optional<NodeKey> next;  // where to go on; nothing: that was all
  };
  // Statuses that match, by ascending key from `from` on, at most `max` of them,
  // looking at no more than `max_scan`.
  Page List(NodeKey from, const NodeStatusFilter& filter, size_t max, size_t max_scan) const;

  size_t size() const;
  uint64_t evicted() const;

 private:
  friend class NodeStatusWatch;
  using Table = RecencyTable<NodeStatus>;

  WaitList changes_;
  const Options options_;

  mutable Mutex mutex_;
  mutable Table table_ ABSL_GUARDED_BY(mutex_);
  uint64_t evicted_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Somebody who follows the statuses that match a filter, in the order in which they
// come; of several of one node that came since the last look, the newest. For one
// thread at a time.
class NodeStatusWatch {
 public:
  enum class From { kKnown, kNow };

  // `registry` outlives the watch.
  NodeStatusWatch(NodeStatusRegistry* registry, NodeStatusFilter filter, From from);
  ~NodeStatusWatch();
  NodeStatusWatch(const NodeStatusWatch&) = delete;
  NodeStatusWatch& operator=(const NodeStatusWatch&) = delete;

  struct Batch {
    std::vector<NodeWithStatus> statuses;
    bool more = false;  // take again; otherwise Wait()
  };
  // At most `max` statuses, after a look at no more than `max_scan`.
  Batch Take(size_t max, size_t max_scan);

  // Calls `callback` once, on the executor, when there is something to take. False:
  // there is already, `callback` will not be called.
  bool Wait(absl::AnyInvocable<void()> callback);

 private:
  NodeStatusRegistry* const registry_;
  const NodeStatusFilter filter_;
  NodeStatusRegistry::Table::Place place_;  // guarded by the registry's lock
  std::optional<WaitId> wait_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_OTAP_NODE_STATUS_REGISTRY_H_
