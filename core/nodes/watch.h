// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NODES_WATCH_H_
#define WIREPAS_GRPC_CORE_NODES_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/nodes/registry.h"

namespace wirepas_grpc::core {

// What a watcher is told of a node.
struct NodeChange {
  enum class Type { kPresent, kAdded, kUpdated, kRemoved };
  Type type = Type::kPresent;
  // As it is now; as it was last when it was forgotten. Without a sink: only the key is
  // known, of a node that was forgotten long ago.
  Node node;
};

// Somebody who follows the nodes that match a filter: first those known, then changes,
// in rounds that are some time apart and have each node once. It remembers which nodes
// it has told (some 15 bytes each), so that what begins or ceases to match comes and
// goes like what begins or ceases to be known.
//
// For one thread at a time.
class NodeWatch {
 public:
  // `registry` outlives the watch.
  NodeWatch(NodeRegistry* registry, NodeFilter filter, absl::Duration interval);
  ~NodeWatch();
  NodeWatch(const NodeWatch&) = delete;
  NodeWatch& operator=(const NodeWatch&) = delete;

  struct Batch {
    std::vector<NodeChange> changes;
    bool snapshot_complete = false;  // it is the last of the snapshot
    bool more = false;               // take again; otherwise Wait()
  };
  // At most `max` changes, after a look at no more than `max_scan` nodes.
  Batch Take(size_t max, size_t max_scan);

  // Calls `callback` once, on the executor, when there is something to take. False:
  // there is already, `callback` will not be called.
  bool Wait(absl::AnyInvocable<void()> callback);

 private:
  using Table = NodeRegistry::Table;
  // The time between two rounds; shared with the timer, which may outlive the watch.
  struct Rest {
    Mutex mutex;
    bool resting ABSL_GUARDED_BY(mutex) = false;
    absl::AnyInvocable<void()> callback ABSL_GUARDED_BY(mutex);
  };

  void TakeSnapshot(size_t max, size_t max_scan, Batch* batch);
  void TakeRound(size_t max, size_t max_scan, Batch* batch);
  // Both: false when there may be more.
  bool TakeRemovals(size_t max, Batch* batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(registry_->mutex_);
  bool TakeForgotten(size_t max, size_t max_scan, Batch* batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(registry_->mutex_);
  void TakeChange(const Table::Entry& entry, Batch* batch);
  bool HasSomething() const;
  void StartRest();

  NodeRegistry* const registry_;
  const NodeFilter filter_;
  const absl::Duration interval_;
  const std::shared_ptr<Rest> rest_;

  bool in_snapshot_ = true;
  NodeKey snapshot_next_ = 0;
  bool in_round_ = false;
  bool told_in_round_ = false;
  Table::Place place_;      // in the registry's table, guarded by its lock
  Table::Place round_end_;  // likewise
  uint64_t next_removal_ = 0;
  absl::flat_hash_set<NodeKey> told_;
  // After removals were missed: nodes that were told and are to be looked up.
  std::vector<NodeKey> doubtful_;
  std::optional<WaitId> wait_;
  std::optional<TimerId> timer_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NODES_WATCH_H_
