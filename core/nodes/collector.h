// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NODES_COLLECTOR_H_
#define WIREPAS_GRPC_CORE_NODES_COLLECTOR_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/periodic_task.h"
#include "core/interest/subscriptions.h"
#include "core/network/network.h"
#include "core/nodes/listening.h"
#include "core/nodes/registry.h"
#include "core/nodes/table.h"
#include "core/uplink_log/observer.h"

namespace wirepas_grpc::core {

// Discovers nodes: every uplink that passes the log is counted in the registry,
// whoever asked for it; all uplinks are asked for while somebody holds an interest.
//
// With a table on disk, what has changed is written every few seconds, off the paths
// of packets and calls, with the place in the uplink log up to which it counts. After
// a restart, orderly or not, counting goes on at that place of the stored log: a node
// that was known is known, and no packet counts twice. What cannot be written is kept
// in memory and tried again.
//
// Thread-safe but for Restore(), Start() and Stop(), which are called in this order:
// Restore() after Network::Restore(), Start() before Network::Start(), Stop() after
// Network::Stop(), while executors and the scheduler run.
class NodeCollector final : private UplinkObserver::Handler {
 public:
  // The table to open the database with.
  static constexpr char kTable[] = "nodes";

  struct Options {
    NodeRegistry::Options registry;
    bool always = false;                        // asks for all uplinks without being asked
    absl::Duration linger = absl::Minutes(10);  // for how long after the last who asked
    UplinkObserver::Options observer;
    absl::Duration save_interval = absl::Seconds(5);
  };

  // Both outlive the collector; `database` may be null. It belongs to the same state
  // as the network's log.
  NodeCollector(const Options& options, Network* network, Database* database);
  ~NodeCollector() override { Stop(); }

  // Takes up what was stored. Waits.
  absl::Status Restore();
  void Start();
  // Writes what is left. Waits.
  void Stop();

  NodeRegistry& registry() { return registry_; }
  // An interest in all uplinks; what it brings is for whoever reads the registry.
  InterestPtr Acquire(Subscriptions::Changed changed) { return Acquire(false, std::move(changed)); }
  // One that ends at once: it is there for the linger from now on.
  void Touch() {
    Acquire([] {});
  }

  // An interest in the uplinks of one network, for who sends to its nodes, with the linger from
  // its last use on.
  NetworkListening& listening() { return listening_; }

  // Since when all uplinks were counted, without a break that is known. Nothing: they
  // are not asked for, or the broker has not granted it yet. It follows the wall clock when
  // that is set.
  std::optional<absl::Time> observed_since() const;
  // The same for the uplinks of one network.
  std::optional<absl::Time> observed_since(uint32_t network_address) const;

  // For metrics.
  uint64_t storage_failures() const { return table_.has_value() ? table_->failures() : 0; }

 private:
  InterestPtr Acquire(bool stays, Subscriptions::Changed changed);
  std::optional<absl::Time> ObservedSince(std::optional<absl::Time> granted) const;

  // UplinkObserver::Handler
  void OnUplink(UplinkLog::Sequence sequence, const Uplink& uplink) override;
  void OnGap(const Gap& gap) override;
  void OnTurn(UplinkLog::Sequence next) override;

  void SaveAll();
  // False: something is left.
  bool SavePart();

  const Options options_;
  Network* const network_;
  NodeRegistry registry_;
  NetworkListening listening_;
  InterestPtr always_;  // from Start() on, if so chosen
  UplinkObserver observer_;
  std::optional<NodeTable> table_;
  std::atomic<uint64_t> counted_to_ = 0;  // the first entry of the log that is not counted
  bool started_ = false;

  mutable Mutex mutex_;
  std::optional<absl::Time> last_gap_ ABSL_GUARDED_BY(mutex_);  // by the log's clock

  // Saving, by one thread at a time.
  std::optional<uint64_t> saved_to_;           // counted_to_ when the last full save began
  std::optional<uint64_t> saving_to_;          // the same of the present one
  std::optional<NodeTable::Changes> pending_;  // taken from the registry, not written yet
  std::unique_ptr<PeriodicTask> saver_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NODES_COLLECTOR_H_
