// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_UPLINK_DEMAND_H_
#define WIREPAS_GRPC_CORE_INTEREST_UPLINK_DEMAND_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/interest/uplink_demand_store.h"
#include "core/interest/uplink_pattern.h"
#include "core/mqtt/broker_client.h"
#include "core/traffic/filter.h"
#include "core/uplink_log/uplink_log.h"

namespace wirepas_grpc::core {

// The uplink subscriptions at the broker: those that present readers need, and no
// more. Each reader's filter becomes patterns; of all readers' patterns, those that
// no other covers are subscribed to, or all uplinks when they are too many. A
// pattern stays for a while after its last reader, so that readers who come and go
// do not shake the broker. A pattern that the broker refuses covers nobody else: who
// asks for too much ends alone.
//
// A changed set loses nothing for the readers that stay: what served them is given
// up only once the broker has granted what serves them now. Meanwhile packets may
// come twice, which the duplicate filter takes care of.
//
// Readers of the service's own leave without a linger, and are not remembered.
//
// It also marks in the log where a lost connection to the broker has cost packets. With
// a store, what was wanted is so again after a restart, as if its readers had just
// gone.
// Thread-safe.
class UplinkDemand {
 public:
  struct Options {
    // How long a pattern stays after its last reader.
    absl::Duration linger = absl::Seconds(10);
    // The most subscriptions at the broker; above, it is asked for all uplinks. 1:
    // always.
    size_t max_filters = 100;
    int qos = 1;
    UplinkDemandStore* store = nullptr;  // outlives this; null: nothing is remembered
  };

 private:
  struct Reader;

 public:
  // A reader's interest in the packets of one filter: ends with its destruction.
  class Interest {
   public:
    Interest(UplinkDemand* demand, std::shared_ptr<Reader> reader);
    ~Interest();
    Interest(const Interest&) = delete;
    Interest& operator=(const Interest&) = delete;

    // Nothing: the broker has not answered yet. OK: it has granted all that the
    // filter needs; it stays so while the connection is away. An error: it refused,
    // perhaps after a reconnect, and this interest is over.
    std::optional<absl::Status> result() const;

    // With result() OK: from this entry on, all that matches the filter is in the
    // log, but for what its gap markers tell. The entry before is a marker of the
    // moment, so that no cursor from before that moment is as new as this.
    uint64_t covered_since() const;

   private:
    UplinkDemand* const demand_;
    const std::shared_ptr<Reader> reader_;
  };
  using InterestPtr = std::unique_ptr<Interest>;

  // All outlive this. The gateway and sink ids in filters are valid ones.
  UplinkDemand(const Options& options, UplinkLog* log, BrokerClient* broker, Executor* executor,
               Scheduler* scheduler);

  // What becomes of a reader's patterns when it goes.
  enum class Leaving {
    kLingers,  // they stay for the linger, and over a restart
    kAtOnce,   // they go with it, unless others want them
  };

  // Calls `changed` on the executor whenever result() has changed, perhaps on two
  // threads at once, and never after the interest ended unless it is under way.
  InterestPtr Acquire(const TrafficFilter& filter, absl::AnyInvocable<void()> changed,
                      Leaving leaving = Leaving::kLingers);

  // From now on who goes changes nothing: the broker is not asked any more, and what
  // it has granted to the session is for the next run to take over or give up.
  void Stop();

  // Takes up what the last run left in the store. Before the broker is started and before
  // the first reader, else it is FAILED_PRECONDITION. Waits.
  absl::Status Restore();

  // How many subscriptions it holds at the broker, or asks for.
  size_t subscriptions() const;

  // ---- from the broker's thread ----
  void OnConnected(bool session_present);
  void OnDisconnected();
  // For filters below kUplinkTopicPrefix.
  void OnSubscribed(const std::string& topic_filter, const absl::Status& status);

 private:
  // A subscription at the broker.
  struct Subscription {
    size_t served = 0;     // patterns; at 0 it goes as soon as nothing is lost by that
    bool granted = false;  // on the present connection
    bool refused = false;  // likewise
    std::optional<uint64_t> covers_since;  // see Interest::covered_since()
  };
  // A pattern that readers want, or wanted not long ago.
  struct Wanted {
    UplinkPattern top;  // the most general wanted pattern that covers it and is not refused
    std::optional<UplinkPattern> server;  // whose subscription serves it: `top`, or all uplinks
    std::optional<uint64_t> covered_since;
    size_t lingering = 0;           // readers whose going starts the linger
    std::optional<TimerId> linger;  // runs while there is none, after there was one
    uint64_t generation = 0;        // of that timer, which cannot always be cancelled
    bool lasting = false;           // there is one, or the linger runs: to be remembered
    absl::flat_hash_set<std::shared_ptr<Reader>> readers;
  };

  void Release(const std::shared_ptr<Reader>& reader) ABSL_LOCKS_EXCLUDED(mutex_);
  void Join(const UplinkPattern& pattern, Wanted* wanted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StartLinger(const UplinkPattern& pattern, Wanted* wanted)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropIfUnused(const UplinkPattern& pattern, uint64_t generation);
  void SetCovered(const UplinkPattern& pattern, Wanted* wanted, std::optional<uint64_t> since)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  UplinkPattern FindTop(const UplinkPattern& pattern) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FindTops() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Add(const UplinkPattern& pattern) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Remove(const UplinkPattern& pattern) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Brings the subscriptions in line with what is wanted.
  void UpdateWidth() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ServeAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Serve(const UplinkPattern& pattern, Wanted* wanted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Ask(const UplinkPattern& server) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Drop(const UplinkPattern& server) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Gives up what serves nobody; on a connection only when all answers are there. An
  // answer that is still to come must not be taken for that to a later question.
  void DropStale() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool AllAnswered() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnGranted(const UplinkPattern& server) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnRefused(const UplinkPattern& server, const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Marks in the log what a lost connection cost, once nothing is lost any more.
  void MarkInterruption() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tells a reader when all its patterns are covered.
  void CheckReader(const std::shared_ptr<Reader>& reader) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tell(const std::shared_ptr<Reader>& reader, const absl::Status& result,
            uint64_t covered_since);

  const Options options_;
  UplinkLog* const log_;
  BrokerClient* const broker_;
  Executor* const executor_;
  Scheduler* const scheduler_;

  mutable Mutex mutex_;
  absl::flat_hash_map<UplinkPattern, Wanted> wanted_ ABSL_GUARDED_BY(mutex_);
  size_t tops_ ABSL_GUARDED_BY(mutex_) = 0;  // wanted patterns that no other covers
  bool wide_ ABSL_GUARDED_BY(mutex_);        // too many tops: one subscription to all
  // Patterns that the broker refused when it was last asked: wanted ones, and perhaps
  // all uplinks.
  absl::flat_hash_set<UplinkPattern> refused_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<UplinkPattern, Subscription> subscriptions_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, UplinkPattern> by_filter_ ABSL_GUARDED_BY(mutex_);
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  bool interrupted_ ABSL_GUARDED_BY(mutex_) = false;  // a gap is to be marked
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_UPLINK_DEMAND_H_
