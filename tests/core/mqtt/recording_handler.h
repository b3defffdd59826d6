// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_MQTT_RECORDING_HANDLER_H_
#define WIREPAS_GRPC_TESTS_CORE_MQTT_RECORDING_HANDLER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

inline constexpr absl::Duration kTestWait = absl::Seconds(30);

// Keeps all it is told, and waits for more.
class RecordingHandler : public BrokerClient::Handler {
 public:
  struct Message {
    std::string topic;
    std::string payload;
    bool retained = false;
  };
  struct Subscribed {
    std::string filter;
    SubscribeAnswer answer;
  };

  void OnMessage(const BrokerMessage& message) override {
    if (on_message) on_message(message);
    MutexLock lock(&mutex_);
    messages_.push_back(
        {std::string(message.topic), std::string(message.payload), message.retained});
    changed_.SignalAll();
  }
  void OnState(const BrokerState& state) override {
    if (on_connected && state.connected) on_connected();
    MutexLock lock(&mutex_);
    states_.push_back(state);
    changed_.SignalAll();
  }
  void OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) override {
    MutexLock lock(&mutex_);
    subscribed_.push_back({filter, answer});
    changed_.SignalAll();
  }

  void OnUnsubscribed(const std::string& filter) override {
    MutexLock lock(&mutex_);
    unsubscribed_.push_back(filter);
    changed_.SignalAll();
  }

  std::vector<Message> messages() const {
    MutexLock lock(&mutex_);
    return messages_;
  }
  std::vector<BrokerState> states() const {
    MutexLock lock(&mutex_);
    return states_;
  }
  std::vector<Subscribed> subscribed() const {
    MutexLock lock(&mutex_);
    return subscribed_;
  }

  std::vector<std::string> unsubscribed() const {
    MutexLock lock(&mutex_);
    return unsubscribed_;
  }

  // Waits until there are `count` of them in all.
  bool WaitForMessages(size_t count) {
    return Wait([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return messages_.size() >= count; });
  }
  bool WaitForSubscribed(size_t count) {
    return Wait([&]()
                    ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return subscribed_.size() >= count; });
  }
  bool WaitForUnsubscribed(size_t count) {
    return Wait(
        [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return unsubscribed_.size() >= count; });
  }
  // Waits for a state, among those from index `from` on, that `wanted` accepts, and
  // copies it to `found`, if that is not null.
  bool WaitForState(const std::function<bool(const BrokerState&)>& wanted,
                    BrokerState* found = nullptr, size_t from = 0) {
    return Wait([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      for (size_t i = from; i < states_.size(); ++i) {
        if (!wanted(states_[i])) continue;
        if (found != nullptr) *found = states_[i];
        return true;
      }
      return false;
    });
  }
  bool WaitForConnected(size_t from = 0) {
    return WaitForState([](const BrokerState& s) { return s.connected; }, nullptr, from);
  }
  bool WaitForDown(BrokerState* found, size_t from = 0) {
    return WaitForState([](const BrokerState& s) { return !s.connected; }, found, from);
  }

  // Called first, without a lock. Set before Start().
  std::function<void(const BrokerMessage&)> on_message;
  std::function<void()> on_connected;

 private:
  template <typename Condition>
  bool Wait(Condition condition) {
    const absl::Time deadline = absl::Now() + kTestWait;
    MutexLock lock(&mutex_);
    while (!condition()) {
      const absl::Duration left = deadline - absl::Now();
      if (left <= absl::ZeroDuration()) return false;
      changed_.WaitWithTimeout(&mutex_, left);
    }
    return true;
  }

  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<Message> messages_ ABSL_GUARDED_BY(mutex_);
  std::vector<BrokerState> states_ ABSL_GUARDED_BY(mutex_);
  std::vector<Subscribed> subscribed_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> unsubscribed_ ABSL_GUARDED_BY(mutex_);
};

// Gathers what PublishDone was called with.
class PublishResults {
 public:
  BrokerClient::PublishDone Done() {
    return [this](const absl::Status& status) {
      MutexLock lock(&mutex_);
      statuses_.push_back(status);
      changed_.SignalAll();
    };
  }
  std::vector<absl::Status> statuses() const {
    MutexLock lock(&mutex_);
    return statuses_;
  }
  bool WaitFor(size_t count) {
    const absl::Time deadline = absl::Now() + kTestWait;
    MutexLock lock(&mutex_);
    while (statuses_.size() < count) {
      const absl::Duration left = deadline - absl::Now();
      if (left <= absl::ZeroDuration()) return false;
      changed_.WaitWithTimeout(&mutex_, left);
    }
    return true;
  }

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<absl::Status> statuses_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_MQTT_RECORDING_HANDLER_H_
