// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_OTAP_NODE_STATUS_COLLECTOR_H_
#define WIREPAS_GRPC_CORE_OTAP_NODE_STATUS_COLLECTOR_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/periodic_task.h"
#include "core/interest/subscriptions.h"
#include "core/network/network.h"
#include "core/nodes/sink_names.h"
#include "core/nodes/table.h"
#include "core/otap/node_status_registry.h"
#include "core/uplink_log/observer.h"

namespace wirepas_grpc::core {

// Takes the reports that nodes send of their scratchpads: those of the uplinks that
// pass the log, whoever asked for them, and all of them while somebody holds
// an interest of Acquire().
//
// With a table on disk a status is written before the registry has it, so that it
// survives the end of the process from the moment in which somebody can see it. What
// cannot be written is shown all the same, and written when it can be. What was not
// looked at when the process ended is found in the stored log after the restart.
//
// Thread-safe but for Restore(), Start() and Stop(), which are called as those of
// NodeCollector.
class NodeStatusCollector final : private UplinkObserver::Handler {
 public:
  // The table to open the database with.
  static constexpr char kTable[] = "node_status";

  struct Options {
    NodeStatusRegistry::Options registry;
    bool always = false;                        // asks for all reports without being asked
    absl::Duration linger = absl::Minutes(10);  // for how long after the last who asked
    UplinkObserver::Options observer;
    absl::Duration retry_interval = absl::Seconds(5);  // of what could not be written
    // After so many packets without a report the place in the log is saved all the same.
    uint64_t position_interval = 65536;
  };

  // Both outlive the collector; `database` may be null. It belongs to the same state
  // as the network's log.
  NodeStatusCollector(const Options& options, Network* network, Database* database);
  ~NodeStatusCollector() override { Stop(); }

  // Takes up what was stored. Waits.
  absl::Status Restore();
  void Start();
  // Writes what is left. Waits.
  void Stop();

  NodeStatusRegistry& registry() { return registry_; }
  // An interest in all reports; what it brings is for whoever reads the registry.
  InterestPtr Acquire(Subscriptions::Changed changed) { return Acquire(false, std::move(changed)); }
  // One that ends at once: it is there for the linger from now on.
  void Touch() {
    Acquire([] {});
  }

  // For metrics.
  uint64_t problems(ReportProblem problem) const {
    return problems_[static_cast<size_t>(problem)].load(std::memory_order_relaxed);
  }
  uint64_t storage_failures() const { return table_.has_value() ? table_->failures() : 0; }

 private:
  InterestPtr Acquire(bool stays, Subscriptions::Changed changed);

  // UplinkObserver::Handler
  void OnUplink(UplinkLog::Sequence sequence, const Uplink& uplink) override;
  void OnGap(const Gap&) override {}
  void OnTurn(UplinkLog::Sequence next) override;

  void Store(const std::vector<NodeWithStatus>& statuses) ABSL_LOCKS_EXCLUDED(save_mutex_);
  // Writes rows of nodes that are known, and deletes those of others.
  absl::Status SaveRows(const std::vector<NodeKey>& keys)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(save_mutex_);
  void SaveUnsaved() ABSL_LOCKS_EXCLUDED(save_mutex_);

  const Options options_;
  Network* const network_;
  NodeStatusRegistry registry_;
  InterestPtr always_;  // from Start() on, if so chosen
  UplinkObserver observer_;
  std::optional<NodeTable> table_;
  std::array<std::atomic<uint64_t>, static_cast<size_t>(ReportProblem::kCount)> problems_ = {};
  bool started_ = false;

  // A turn's own.
  SinkNames sinks_;
  std::vector<NodeWithStatus> found_;

  Mutex save_mutex_;                                     // held while rows are written
  uint64_t looked_to_ ABSL_GUARDED_BY(save_mutex_) = 0;  // the first entry not looked at
  uint64_t saved_to_ ABSL_GUARDED_BY(save_mutex_) = 0;   // the same on disk
  // Nodes whose rows are not what they should be: a subset of those known and those
  // that have rows.
  absl::btree_set<NodeKey> unsaved_ ABSL_GUARDED_BY(save_mutex_);
  std::unique_ptr<PeriodicTask> saver_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_OTAP_NODE_STATUS_COLLECTOR_H_
