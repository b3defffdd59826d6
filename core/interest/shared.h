// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_SHARED_H_
#define WIREPAS_GRPC_CORE_INTEREST_SHARED_H_

#include <cstddef>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/interest/uplink_demand.h"
#include "core/traffic/filter.h"

namespace wirepas_grpc::core {

// An interest in uplinks that many have together: there from the first who holds it
// until a while after the last has let go. Thread-safe.
class SharedInterest {
 public:
  struct Options {
    TrafficFilter filter;
    absl::Duration linger = absl::Minutes(10);  // after the last holder
    bool always = false;                        // from Start() on, without holders too
    // With `always`: how long after a refusal the broker is asked again. It is asked
    // again by each new holder, too.
    absl::Duration retry = absl::Minutes(1);
  };

 private:
  struct Holder;
  struct Question;

 public:
  // Keeps the interest while it lives. Not longer than the SharedInterest does.
  class Hold {
   public:
    Hold(SharedInterest* interest, std::shared_ptr<Holder> holder);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    SharedInterest* const interest_;
    const std::shared_ptr<Holder> holder_;
  };
  using HoldPtr = std::unique_ptr<Hold>;

  // All outlive this.
  SharedInterest(const Options& options, UplinkDemand* demand, Executor* executor,
                 Scheduler* scheduler);
  ~SharedInterest();
  SharedInterest(const SharedInterest&) = delete;
  SharedInterest& operator=(const SharedInterest&) = delete;

  // After UplinkDemand::Restore().
  void Start();

  // Calls `changed` on the executor whenever result() has changed, perhaps on two
  // threads at once, and never after the hold ended unless it is under way.
  HoldPtr Acquire(absl::AnyInvocable<void()> changed);
  // A hold that ends at once: the interest is there for the linger from now on.
  void Touch();
  // The same, and calls `then`, once: when result() is there, or after `limit`; at once
  // on this thread or later on the executor.
  void TouchThen(absl::Duration limit, absl::AnyInvocable<void()> then);

  // See UplinkDemand::Interest::result(); nothing also while nobody has the interest.
  std::optional<absl::Status> result() const;

  // Since when the broker has been asked for all that matches, without a break that
  // this side has made. Nothing: it is not, or has not answered yet.
  std::optional<absl::Time> granted_since() const;

 private:
  void AddHolder() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release(const std::shared_ptr<Holder>& holder);
  void OnChanged(uint64_t generation);
  void OnTimer(uint64_t generation);
  bool Refused() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  UplinkDemand* const demand_;
  Executor* const executor_;
  Scheduler* const scheduler_;

  mutable Mutex mutex_;
  UplinkDemand::InterestPtr interest_ ABSL_GUARDED_BY(mutex_);
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;  // of the interest
  absl::flat_hash_set<std::shared_ptr<Holder>> holders_ ABSL_GUARDED_BY(mutex_);
  bool always_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Time> granted_since_ ABSL_GUARDED_BY(mutex_);
  std::optional<TimerId> timer_ ABSL_GUARDED_BY(mutex_);  // ends the linger, or retries
  uint64_t timer_generation_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_SHARED_H_
