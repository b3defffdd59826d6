// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NODES_REGISTRY_H_
#define WIREPAS_GRPC_CORE_NODES_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/recency_table.h"
#include "core/base/scheduler.h"
#include "core/base/wait_list.h"
#include "core/nodes/key.h"
#include "core/nodes/record.h"
#include "core/nodes/sink_names.h"
#include "core/traffic/uplink.h"

namespace wirepas_grpc::core {

// A node as it was at one moment.
struct Node {
  NodeKey key = 0;
  NodeRecord record;
};

// Which nodes somebody wants. An empty field means any; all must match.
struct NodeFilter {
  absl::btree_set<uint32_t> network_addresses;
  absl::flat_hash_set<std::string> gateway_ids;  // of the sink that was last heard through
  absl::flat_hash_set<uint32_t> node_addresses;
  absl::Time seen_since = absl::InfinitePast();

  bool MatchesNetwork(NodeKey key) const {
    return network_addresses.empty() || network_addresses.contains(NetworkOfNode(key));
  }
  bool Matches(NodeKey key, const NodeRecord& record) const;

  // The least key behind `key` that may match; nothing: there is none.
  std::optional<NodeKey> NextKey(NodeKey key) const;
};

// The nodes that were seen in uplinks, in memory. Bounded: beyond max_nodes those are
// forgotten whose last packet came longest ago, by the order in which packets came.
// A node takes some 250 bytes; counting a packet costs a fraction of a microsecond.
//
// Thread-safe. No call holds others up for longer than it takes to look at some
// thousand nodes.
class NodeRegistry {
 public:
  struct Options {
    size_t max_nodes = 100000;
    // Forgotten nodes that are remembered for watchers who have not been told yet.
    size_t max_removals = 10000;
    absl::Duration min_wake_interval = absl::ZeroDuration();  // of watchers, see WaitList
  };

  NodeRegistry(const Options& options, Executor* executor, Scheduler* scheduler);

  // ---- feeding ----
  // Counts a packet, unless its network is not known or the node's record says that it was
  // counted. Packets come in the order of their numbers.
  void Count(uint64_t sequence, const Uplink& uplink);
  // Adds a node as it was stored. In the order of the records' numbers. Numbers from
  // `next` on are not those of the present log.
  void Restore(NodeKey key, NodeRecord record, uint64_t next);
  // A record as it was stored; nothing when it is none.
  std::optional<NodeRecord> Decode(absl::string_view record);
  // Lets watchers see what has changed.
  void WakeWatchers();

  // ---- reading ----
  struct Page {
    std::vector<Node> nodes;
    std::optional<NodeKey> next;  // where to go on; nothing: that was all
  };
  // Nodes that match, by ascending key from `from` on, at most `max_nodes` of them,
  // looking at no more than `max_scan`.
  Page List(NodeKey from, const NodeFilter& filter, size_t max_nodes, size_t max_scan) const;

  // The sinks that heard a node, the last first: no more than a record keeps. Empty: the node is
  // not known.
  std::vector<SinkNamePtr> SinksThatHeard(NodeKey key) const;

  size_t size() const;
  uint64_t evicted() const;

  // ---- saving ----
  // What is to be written so that all changes before a moment are stored.
  struct Unsaved {
    std::vector<std::pair<std::string, std::string>> rows;  // keys and records
    std::vector<std::string> gone;                          // keys
    bool complete = false;                                  // nothing is left of that moment
  };
  // Begins: the moment is now.
  void BeginSave();
  // The next part, at most `max` of each kind. Whoever takes it sees to it that it is
  // stored, in the order of the parts.
  Unsaved TakeUnsaved(size_t max);
  // Whether there are changes that were not taken.
  bool HasUnsaved() const;

 private:
  friend class NodeWatch;
  using Table = RecencyTable<NodeRecord>;

  struct Removal {
    NodeKey key;
    NodeRecord record;
  };

  void EvictLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  Executor* const executor_;
  Scheduler* const scheduler_;
  WaitList changes_;

  mutable Mutex mutex_;
  Table table_ ABSL_GUARDED_BY(mutex_);
  SinkNames sinks_ ABSL_GUARDED_BY(mutex_);
  uint64_t evicted_ ABSL_GUARDED_BY(mutex_) = 0;
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;  // since watchers were woken

  // The last nodes that were forgotten; the first of them is number first_removal_.
  std::deque<Removal> removals_ ABSL_GUARDED_BY(mutex_);
  uint64_t first_removal_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t watchers_ ABSL_GUARDED_BY(mutex_) = 0;  // without any nothing is remembered

  Table::Place saved_ ABSL_GUARDED_BY(mutex_);                 // what is behind was not taken
  Table::Place save_end_ ABSL_GUARDED_BY(mutex_);              // the moment of BeginSave()
  absl::flat_hash_set<NodeKey> gone_ ABSL_GUARDED_BY(mutex_);  // rows to delete
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NODES_REGISTRY_H_
