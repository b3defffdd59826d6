// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_INTEREST_DEMAND_H_
#define WIREPAS_GRPC_CORE_INTEREST_DEMAND_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

// A subscription at the broker that is held while somebody here wants it, and for
// a while longer, so that users who come and go do not shake it. Thread-safe.
class Demand {
 public:
  // One user's interest: ends with its destruction.
  class Lease {
   public:
    explicit Lease(Demand* demand) : demand_(demand) {}
    ~Lease() { demand_->Release(); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

   private:
    Demand* const demand_;
  };
  using LeasePtr = std::unique_ptr<Lease>;
  using Answered = absl::AnyInvocable<void(const absl::Status&)>;

  Demand(std::string filter, int qos, absl::Duration linger, BrokerClient* broker,
         Executor* executor, Scheduler* scheduler);

  LeasePtr Acquire();

  // Calls `confirmed` once, on the executor: OK when the broker has granted the
  // subscription on the present connection (perhaps at once), an error when it
  // refused it; after a refusal it is asked again. While there is no connection it
  // waits. Hold a lease meanwhile.
  // Returns an id for CancelWait().
  uint64_t WhenConfirmed(Answered confirmed);
  // Calls `refused` once, on the executor, when the broker refuses the subscription
  // from now on: it may, with a change of its access rules, at any reconnect.
  // Returns an id for CancelWait().
  uint64_t WhenRefused(Answered refused);
  // The callback is dropped unless it is already on its way.
  void CancelWait(uint64_t id);

  // Subscribed at the broker, or asking for it at the next connection.
  bool wanted() const;
  // The broker granted it on the present connection.
  bool confirmed() const;

  // ---- from the broker's thread ----
  void OnDisconnected();
  void OnSubscribed(const absl::Status& status);

  const std::string& filter() const { return filter_; }

 private:
  using Waiters = absl::flat_hash_map<uint64_t, std::shared_ptr<Answered>>;

  void Release();
  void DropIfUnused(uint64_t generation);

  const std::string filter_;
  const int qos_;
  const absl::Duration linger_;
  BrokerClient* const broker_;
  Executor* const executor_;
  Scheduler* const scheduler_;

  mutable Mutex mutex_;
  int users_ ABSL_GUARDED_BY(mutex_) = 0;
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  bool confirmed_ ABSL_GUARDED_BY(mutex_) = false;
  bool refused_ ABSL_GUARDED_BY(mutex_) = false;     // on the present connection
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;  // of the linger timer
  uint64_t next_waiter_ ABSL_GUARDED_BY(mutex_) = 1;
  Waiters waiters_ ABSL_GUARDED_BY(mutex_);  // for any answer
  Waiters refusal_waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_INTEREST_DEMAND_H_
