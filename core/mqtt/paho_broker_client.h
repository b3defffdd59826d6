// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_PAHO_BROKER_CLIENT_H_
#define WIREPAS_GRPC_CORE_MQTT_PAHO_BROKER_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "core/base/instant.h"
#include "core/base/monotonic_cond_var.h"
#include "core/base/mutex.h"
#include "core/mqtt/broker_client.h"
#include "core/mqtt/broker_options.h"
#include "core/mqtt/broker_target.h"
#include "core/mqtt/connect_failure.h"
#include "core/mqtt/connection_probe.h"
#include "core/mqtt/outgoing_queue.h"
#include "core/mqtt/paho_connection.h"

namespace wirepas_grpc::core {

// BrokerClient over Paho MQTT C++.
//
// Threads: one of its own connects, sends, reconnects and reports lost connections
// and failed attempts; the calls of BrokerClient only hand it work. OnMessage,
// OnSubscribed, OnState of a new connection and PublishDone come from Paho's
// threads, which all Paho clients of the process share. For one connection,
// OnState(connected) comes first, then its messages; when OnState reports its loss,
// all its PublishDone have been called.
//
// Publishes end with their connection: none is sent again by the next one, also not
// in a persistent session. There a broker may still hold the first half of a QoS 2
// message of the lost connection. Should a new message then get the same packet id,
// a broker that does not compare the two (mosquitto does) takes it for the old one. What is
// published at QoS 2 needs a session that is not kept: see SplitBrokerClient.
class PahoBrokerClient final : public BrokerClient, private PahoConnection::Listener {
 public:
  explicit PahoBrokerClient(BrokerOptions options);
  ~PahoBrokerClient() override;  // calls Stop()

  void Start(Handler* handler) override;

  // Gives what is being published up to a second to finish; the last client of the
  // process takes up to another for the end of Paho's threads. Only a name server that
  // stops answering between this client's look-up and Paho's own (TLS and WebSockets)
  // can make it longer.
  void Stop() override;

  void Subscribe(const std::string& filter, int qos) override;
  void Unsubscribe(const std::string& filter) override;

  // Besides what BrokerClient says: INVALID_ARGUMENT when MQTT forbids the topic or
  // the QoS. `done` gets PERMISSION_DENIED, INVALID_ARGUMENT, RESOURCE_EXHAUSTED or
  // FAILED_PRECONDITION when the broker refused the message (MQTT 5 only), UNAVAILABLE
  // when the connection was lost before the message was sent, ABORTED when it was
  // lost after that: the broker may have taken it. A QoS above what an MQTT 5 broker
  // supports, above BrokerOptions::max_qos, or of 2 where the broker has
  // answered that as 1 before, is lowered.
  absl::Status Enqueue(Outgoing publish) override;

  // From now on, over MQTT 3.1.1 and until the connection ends: see
  // BrokerOptions::max_inflight.
  void SetMaxInflight(size_t max_inflight);

 private:
  enum class Phase {
    kIdle,  // between two attempts
    kConnecting,
    kConnected,
    kEnded,  // failed or lost; `end_` says why
  };

  // PahoConnection::Listener.
  void OnConnected(bool session_present, const BrokerLimits& limits) override;
  void OnConnectFailed(int code) override;
  void OnLost(const ConnectFailure& failure) override;
  void OnMessage(const BrokerMessage& message) override;
  void OnQos2Taken(int message_id) override;
  void OnFinished(uint64_t id, const absl::Status& status) override;
  void OnSuback(uint64_t id, int code) override;

  // The own thread.
  void Run();
  // False: stop.
  bool WaitBeforeAttempt(absl::Duration delay);
  // Whether it connected, and for how long.
  bool RunAttempt(absl::Duration* held);
  // Returns what it ended with.
  ConnectFailure Connect(const BrokerTarget& target, absl::Duration* held);
  // Whether a connection came up before `deadline`.
  bool AwaitConnected(Instant deadline);
  void Serve(PahoConnection& connection);
  // Waits for something to send, or to check: then there is no item. False: the connection
  // is over.
  bool NextItem(std::optional<OutgoingQueue::Item>* item);
  // Looks how the broker has answered the first message of QoS 2.
  void CheckQos2(const PahoConnection& connection);
  void Send(PahoConnection& connection, OutgoingQueue::Item item);
  void SendPublish(PahoConnection& connection, OutgoingPublish publish);
  void SendSubscription(PahoConnection& connection, const OutgoingSubscription& subscription);
  // Takes out what was asked for under `id`; nothing when it was no subscription, or when the
  // connection is over: then there is no answer.
  std::optional<OutgoingSubscription> TakeAnswered(uint64_t id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // MQTT forbids what was asked for under `id`, which has not been sent.
  void RefuseUnsent(uint64_t id, const absl::Status& status);
  // After the connection is destroyed.
  void FailUnfinished();
  void LookIntoTimeout(const BrokerTarget& target);
  ConnectFailure TakeEnd(const BrokerTarget& target);

  bool CanSend() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Drained() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetEnded(const ConnectFailure& failure) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void ReportDown(const ConnectFailure& failure, uint32_t attempts);
  void ReportState(BrokerState state);

  const BrokerOptions options_;
  const std::string endpoint_;
  BrokerTargetFinder target_finder_;
  ConnectionProbe probe_;
  Handler* handler_ = nullptr;  // set by Start(), before the thread
  std::thread thread_;

  // Held while the handler hears of a state or a subscription: both come from more
  // than one thread.
  Mutex handler_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);

  Mutex mutex_;
  MonotonicCondVar changed_;  // wakes the own thread
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kIdle;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Instant drain_deadline_ ABSL_GUARDED_BY(mutex_);  // once stopping
  ConnectFailure end_ ABSL_GUARDED_BY(mutex_);
  bool was_connected_ ABSL_GUARDED_BY(mutex_) = false;  // in this attempt
  bool end_is_vague_ ABSL_GUARDED_BY(mutex_) = false;   // to be looked into with `probe_`
  bool timed_out_ ABSL_GUARDED_BY(mutex_) = false;      // this attempt
  // The broker may have made a session for an attempt that failed.
  bool session_in_doubt_ ABSL_GUARDED_BY(mutex_) = false;
  BrokerLimits limits_ ABSL_GUARDED_BY(mutex_);
  int max_qos_ ABSL_GUARDED_BY(mutex_);
  std::optional<int> qos2_to_check_ ABSL_GUARDED_BY(mutex_);  // its id on this connection
  OutgoingQueue outgoing_ ABSL_GUARDED_BY(mutex_);
  // What Paho has and did not finish, by id.
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::flat_hash_map<uint64_t, PublishDone> publishing_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint64_t, OutgoingSubscription> subscribing_ ABSL_GUARDED_BY(mutex_);
  absl::Time down_since_ ABSL_GUARDED_BY(mutex_);
  uint32_t attempts_ ABSL_GUARDED_BY(mutex_) = 0;

  Mutex stop_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);  // one Stop() at a time
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_PAHO_BROKER_CLIENT_H_
