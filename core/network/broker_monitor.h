// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_BROKER_MONITOR_H_
#define WIREPAS_GRPC_CORE_NETWORK_BROKER_MONITOR_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "core/base/mutex.h"
#include "core/base/wait_list.h"
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

// The present state of the connection to the broker, for those who watch it.
// Thread-safe.
class BrokerMonitor {
 public:
  BrokerMonitor(Executor* executor, Scheduler* scheduler) : changes_(executor, scheduler) {}

  struct Versioned {
    uint64_t version = 0;  // grows with each change, the first state is 1
    BrokerState state;
  };

  void Set(const BrokerState& state) {
    {
      MutexLock lock(&mutex_);
      ++current_.version;
      current_.state = state;
    }
    changes_.WakeAll();
  }

  Versioned Get() const {
    MutexLock lock(&mutex_);
    return current_;
  }

  bool connected() const {
    MutexLock lock(&mutex_);
    return current_.state.connected;
  }

  // Calls `callback` once, on the executor, when the version is above `version`.
  // Nothing: it is already, `callback` will not be called.
  std::optional<WaitId> Wait(uint64_t version, absl::AnyInvocable<void()> callback) {
    const WaitId id = changes_.Add(std::move(callback));
    if (Get().version > version && changes_.Remove(id)) return std::nullopt;
    return id;
  }
  bool CancelWait(WaitId id) { return changes_.Remove(id); }

 private:
  WaitList changes_;
  mutable Mutex mutex_;
  Versioned current_ ABSL_GUARDED_BY(mutex_) = {1, {}};
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_BROKER_MONITOR_H_
