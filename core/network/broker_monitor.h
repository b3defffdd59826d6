// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_BROKER_MONITOR_H_
#define WIREPAS_GRPC_CORE_NETWORK_BROKER_MONITOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/wait_list.h"
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

// A subscription that is asked for, and that the broker refuses or lowers.
struct ImpairedSubscription {
  std::string filter;
  SubscribeAnswer answer;
  bool asked_again = false;  // after a refusal, without a new reader or connection
  absl::Time since;          // when it answered so first on this connection

  friend bool operator==(const ImpairedSubscription&, const ImpairedSubscription&) = default;
};
using ImpairedSubscriptions = std::vector<ImpairedSubscription>;

// The present state of the connection to the broker and of what it makes of
// subscriptions, for those who watch it. Thread-safe.
class BrokerMonitor {
 public:
  BrokerMonitor(Executor* executor, Scheduler* scheduler)
      : scheduler_(scheduler), changes_(executor, scheduler) {}

  struct Versioned {
    uint64_t version = 0;  // grows with each change, the first state is 1
    BrokerState state;
    // On this connection, in the order of their filters. Not null.
    std::shared_ptr<const ImpairedSubscriptions> impaired;
  };

  void Set(const BrokerState& state) {
    {
      MutexLock lock(&mutex_);
      ++current_.version;
      current_.state = state;
      impaired_.clear();
      PublishImpaired();
    }
    changes_.WakeAll();
  }

  // What the broker answered. Whether that is news.
  bool SetAnswer(const std::string& filter, const SubscribeAnswer& answer, bool asked_again) {
    if (answer.status.ok() && !answer.lowered()) return ClearAnswer(filter);
    {
      MutexLock lock(&mutex_);
      ++(answer.lowered() ? lowered_ : refused_);
      const auto [found, is_new] = impaired_.try_emplace(filter);
      const bool same = !is_new && found->second.answer == answer;
      if (same && found->second.asked_again == asked_again) return false;
      if (!same) found->second.since = scheduler_->Now();
      found->second = {filter, answer, asked_again, found->second.since};
      ++current_.version;
      PublishImpaired();
    }
    changes_.WakeAll();
    return true;
  }
  // It is granted as it was asked for, or not asked for any more. Whether that is news.
  bool ClearAnswer(const std::string& filter) {
    {
      MutexLock lock(&mutex_);
      if (impaired_.erase(filter) == 0) return false;
      ++current_.version;
      PublishImpaired();
    }
    changes_.WakeAll();
    return true;
  }

  Versioned Get() const {
    MutexLock lock(&mutex_);
    return current_;
  }

  // Answers so far that refused, or granted less than was asked for.
  uint64_t refused() const {
    MutexLock lock(&mutex_);
    return refused_;
  }
  uint64_t lowered() const {
    MutexLock lock(&mutex_);
    return lowered_;
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
  void PublishImpaired() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (impaired_.empty() && current_.impaired->empty()) return;
    auto impaired = std::make_shared<ImpairedSubscriptions>();
    for (const auto& [filter, subscription] : impaired_) impaired->push_back(subscription);
    current_.impaired = std::move(impaired);
  }

  Scheduler* const scheduler_;
  WaitList changes_;
  mutable Mutex mutex_;
  // As many as are asked for at the most.
  absl::btree_map<std::string, ImpairedSubscription> impaired_ ABSL_GUARDED_BY(mutex_);
  uint64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t lowered_ ABSL_GUARDED_BY(mutex_) = 0;
  Versioned current_ ABSL_GUARDED_BY(mutex_) = {
      1, {}, std::make_shared<const ImpairedSubscriptions>()};
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_BROKER_MONITOR_H_
