// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_INFLIGHT_GUARD_H_
#define WIREPAS_GRPC_CORE_MQTT_INFLIGHT_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

// A client over another one, for brokers that do not say how many messages they take at a
// time: MQTT 3.1.1 has no words for it. mosquitto acknowledges what is above its
// max_inflight_messages like all else, and throws away what of it is of QoS 2.
//
// Whenever more messages are under way at once than have been known to go well on this
// connection, it subscribes to their topics and looks whether they come back. When some do
// not although the broker has taken them, and later ones have come, fewer are sent at a time,
// half of it down to one, and the log names the option. When all have come it gives the
// subscription up. The next connection begins with twice as many as this one ended with, up
// to what was wanted. When the subscription is refused there is no look on that connection;
// when a connection ends instead of an answer to it, there is none any more.
//
// A broker may grant the subscription and withhold single topics. So what is missing tells
// only of a topic of which a message has come back, on this connection and since it was last
// found out how many go well. A look in which too many others are missing tells nothing; the
// next one is after a pause.
//
// However little or much goes on, a look ends after 24 times the patience, by what is known then.
class InflightGuard final : public BrokerClient, private BrokerClient::Handler {
 public:
  struct Options {
    std::string prefix;  // "some/topics/": what is published below it is looked at
    size_t max_inflight = 20;
    // How long after the broker has taken a message it may take to come back. Six times as long
    // when none that was sent later comes.
    absl::Duration patience = absl::Seconds(5);
  };
  // `set_inflight` tells `inner` how many messages to send at a time. The scheduler
  // outlives this.
  InflightGuard(const Options& options, std::unique_ptr<BrokerClient> inner,
                absl::AnyInvocable<void(size_t)> set_inflight, Scheduler* scheduler);
  ~InflightGuard() override;

  void Start(BrokerClient::Handler* handler) override;
  void Stop() override { inner_->Stop(); }
  void Subscribe(const std::string& filter, int qos) override;
  void Unsubscribe(const std::string& filter) override;
  absl::Status Enqueue(Outgoing publish) override;

 private:
  enum class Look { kOff, kAsked, kOn, kPaused, kNever };
  struct Sent {
    uint64_t number = 0;
    uint64_t topic = 0;             // its hash
    std::optional<int> taken = {};  // the tick; nothing: not yet
  };
  // What the timers have, which may run when the guard has gone.
  struct Ticker {
    Mutex mutex;
    InflightGuard* guard ABSL_GUARDED_BY(mutex) = nullptr;
  };

  // BrokerClient::Handler
  void OnMessage(const BrokerMessage& message) override;
  void OnState(const BrokerState& state) override;
  void OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) override;
  void OnUnsubscribed(const std::string& filter) override { handler_->OnUnsubscribed(filter); }

  // Before a message below the prefix is published. Its key; 0: it is not looked at.
  uint64_t Note(const std::string& topic, const std::string& payload)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnDone(uint64_t key, bool taken);
  void OnCame(uint64_t key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void BeginLook() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TickAfter(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnTick(uint64_t generation);
  // Counts what has not come in time, and forgets it.
  void TakeOverdue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends the look if it has told something, or is `over`.
  void Judge(bool over) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendFewer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // So many may be lost: later ones have come.
  size_t Overtaken() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndLook() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BeginAnew() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const std::string filter_;
  const std::unique_ptr<BrokerClient> inner_;
  Scheduler* const scheduler_;
  BrokerClient::Handler* handler_ = nullptr;  // set by Start()

  const std::shared_ptr<Ticker> ticker_ = std::make_shared<Ticker>();

  Mutex mutex_;
  absl::AnyInvocable<void(size_t)> set_inflight_ ABSL_GUARDED_BY(mutex_);
  size_t inflight_ ABSL_GUARDED_BY(mutex_);
  Look look_ ABSL_GUARDED_BY(mutex_) = Look::kOff;
  bool may_look_ ABSL_GUARDED_BY(mutex_) = true;  // no connection has ended over it
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;   // the filter, by the user
  size_t under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t proven_ ABSL_GUARDED_BY(mutex_) = 1;                      // so many at once go well
  absl::flat_hash_set<uint64_t> telling_ ABSL_GUARDED_BY(mutex_);  // topics, by their hashes
  std::optional<TimerId> timer_ ABSL_GUARDED_BY(mutex_);
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;  // of the timer
  // Of this look.
  int ticks_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t most_ ABSL_GUARDED_BY(mutex_) = 0;  // under way at once
  size_t came_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t lost_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t untold_ ABSL_GUARDED_BY(mutex_) = 0;  // missing, perhaps withheld
  uint64_t latest_came_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::flat_hash_map<uint64_t, Sent> sent_ ABSL_GUARDED_BY(mutex_);  // by what it says
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_INFLIGHT_GUARD_H_
