// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_NETWORK_H_
#define WIREPAS_GRPC_CORE_NETWORK_NETWORK_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/open_work.h"
#include "core/base/scheduler.h"
#include "core/base/wait_list.h"
#include "core/directory/directory.h"
#include "core/gateway_api/drop_counters.h"
#include "core/gateway_api/ids.h"
#include "core/gateway_api/topics.h"
#include "core/interest/subscription_store.h"
#include "core/interest/subscriptions.h"
#include "core/mqtt/broker_client.h"
#include "core/network/broker_monitor.h"
#include "core/network/sink_questions.h"
#include "core/network/sink_refresh.h"
#include "core/network/traffic_counters.h"
#include "core/requests/downlink_monitor.h"
#include "core/requests/tracker.h"
#include "core/traffic/duplicate_filter.h"
#include "core/traffic/uplink.h"
#include "core/uplink_log/gap_counters.h"
#include "core/uplink_log/uplink_log.h"

namespace wirepas_grpc::core {

// The networks behind one broker: this is core's front door. It routes what the
// broker sends to the parts that want it, and sends requests. Thread-safe.
//
// All callbacks given to it and to its parts run on the executor, never on the
// broker's thread, and must not block. Shut down in this order: Stop(), then stop
// scheduler and executor, then destroy.
class Network final : private BrokerClient::Handler, private StatusSource {
 public:
  struct Options {
    NetworkDirectory::Options directory;
    UplinkLog::Options uplink_log;
    DownlinkMonitor::Options downlinks;
    // How long uplinks, and answers and downlinks, are asked for after the last who
    // wanted them.
    absl::Duration uplink_linger = absl::Seconds(10);
    absl::Duration response_linger = absl::Seconds(60);
    size_t max_uplink_filters = 100;  // see Subscriptions
    size_t max_pending_requests = 20000;
    size_t max_counted = 500;     // gateways with counters of their own; see TrafficCounters
    std::string broker_endpoint;  // host:port, told to watchers before the first attempt ends
    // The broker keeps what comes while this service is away. Uplink subscriptions of
    // an earlier run are then taken over at the start, and dropped after
    // `uplink_linger` if nobody wants them. Without `subscription_store` there is only the
    // one to all uplinks: of others a new run would not know.
    bool persistent_session = false;
    UplinkLog::Durable durable;                       // keeps uplinks on disk
    SubscriptionStore* subscription_store = nullptr;  // and what was subscribed to; or null
  };

  // All outlive the network. `broker` is not started yet.
  Network(const Options& options, BrokerClient* broker, Executor* executor, Scheduler* scheduler);

  // Takes up what the last run left on disk and at the broker. Before Start() and before
  // the first client is served. Waits.
  absl::Status Restore();
  void Start();
  void Stop();

  NetworkDirectory& directory() { return directory_; }
  BrokerMonitor& broker() { return broker_monitor_; }

  // What arrives in the logs below while somebody holds an interest in it.
  Subscriptions& subscriptions() { return subscriptions_; }

  // ---- uplinks ----
  UplinkLog& uplinks() { return uplinks_; }
  // A reader's interest; see Subscriptions. It is remembered over a restart.
  InterestPtr AcquireUplinks(const TrafficFilter& filter, Subscriptions::Changed changed);

  // ---- downlinks ----
  DownlinkLog& downlinks() { return downlink_monitor_.log(); }
  InterestPtr AcquireDownlinks(Subscriptions::Changed changed);

  // ---- requests ----
  // Asks a gateway, or one of its sinks. `message` holds the request of `kind`;
  // its header is filled in here. `done` is called exactly once, on the executor.
  //
  // A gateway without a status is waited for until the directory is synced: its status
  // may be on its way. The outcome's status is one of those of RequestOutcome; NOT_FOUND
  // when the gateway is unknown, unless `limit` allows it, UNAVAILABLE when it is offline,
  // there is no broker, or the service is shutting down.
  // `wanted` is the request id to use; ALREADY_EXISTS when it is pending. `taken`, if
  // any, is called when the broker has taken the message, on the broker's thread.
  // Returns an id for CancelRequest(); 0: it has failed already.
  RequestId Request(RequestKind kind, const GatewayId& gateway, const SinkId* sink,
                    wirepas::proto::gateway_api::WirepasMessage message, const RequestLimit& limit,
                    std::optional<RequestId> wanted, RequestDone done,
                    absl::AnyInvocable<void()> taken = nullptr);
  // The two halves of that, for who holds a lock under which the request has to become
  // pending: Prepare() takes note of it, from when on it can be ended, and calls nothing
  // back; Begin() has it sent, unless it has ended by then. Null: it has failed already, or
  // is about to; Begin() does nothing then.
  struct Call;
  using CallPtr = std::shared_ptr<Call>;
  CallPtr Prepare(RequestKind kind, const GatewayId& gateway, const SinkId* sink,
                  wirepas::proto::gateway_api::WirepasMessage message, const RequestLimit& limit,
                  std::optional<RequestId> wanted, RequestDone done,
                  absl::AnyInvocable<void()> taken = nullptr);
  void Begin(CallPtr call);
  static RequestKey KeyOf(const CallPtr& call);  // of null: that of no request
  // `done` is called with CANCELLED unless the request has ended.
  void CancelRequest(const RequestKey& key) { tracker_.Cancel(key); }
  RequestTracker& tracker() { return tracker_; }

  // Asks gateways, known or not, for the configs of all their sinks, and feeds the
  // directory. See SinkRefresh::Start().
  uint64_t RefreshSinks(const std::vector<GatewayPtr>& gateways, const RequestLimit& limit,
                        SinkRefresh::Done done) {
    return sink_refresh_.Start(gateways, limit, std::move(done));
  }
  void CancelRefresh(uint64_t id) { sink_refresh_.Cancel(id); }
  const SinkRefresh& sink_refresh() const { return sink_refresh_; }

  // Removes the gateway's retained status from the broker. `done` is called once,
  // when the broker has taken it, the time of `limit` is over or requests are ended. Takes a
  // place like a request. DEADLINE_EXCEEDED: the broker may have got it; else it has not.
  void ClearGatewayStatus(const GatewayId& gateway, const RequestLimit& limit,
                          absl::AnyInvocable<void(const absl::Status&)> done);

  // ---- the end ----
  // From now on nothing new is begun: requests whose limit does not say that they are
  // `admitted` are UNAVAILABLE, and so are the service's own questions to gateways.
  void Drain();
  bool draining() const { return draining_.load(); }
  // Calls `callback` once, on the executor, after Drain(). Nothing: it drains already,
  // `callback` will not be called.
  std::optional<WaitId> WaitDrain(absl::AnyInvocable<void()> callback);
  void CancelWaitDrain(WaitId id) { drain_waits_.Remove(id); }
  // Drains, and ends all that waits for an answer as RequestTracker::Close() does. No request
  // is handed to the broker's connection any more; it goes on with those that it has.
  void EndRequests();
  // True from the beginning of EndRequests(): work of several steps begins no further one.
  bool closing() const { return closing_.load(); }
  // The calls of clients, of those that a shutdown waits for.
  OpenWork& work() { return work_; }

  Executor& executor() { return *executor_; }
  Scheduler& scheduler() { return *scheduler_; }
  const DropCounters& drops() const { return drops_; }
  GapCounters& gaps() { return gaps_; }

  // ---- for metrics ----
  TrafficCounters& traffic() { return traffic_; }
  // Uplinks taken into the log so far.
  uint64_t uplinks_received() const { return uplinks_received_.load(std::memory_order_relaxed); }

 private:
  // BrokerClient::Handler
  void OnMessage(const BrokerMessage& message) override;
  void OnState(const BrokerState& state) override;
  void OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) override;
  void OnUnsubscribed(const std::string& filter) override;

  // StatusSource
  void AskForAll() override { subscriptions_.AskAgain(kStatusFilter); }
  void AskFor(const std::vector<std::string>& gateway_ids) override;
  void EndAskFor(const std::vector<std::string>& gateway_ids) override;

  DropReason Route(const BrokerMessage& message);
  DropReason OnStatusMessage(const Topic& topic, const BrokerMessage& message);
  DropReason OnUplinkMessage(const Topic& topic, const BrokerMessage& message);
  DropReason OnRequestMessage(const Topic& topic, const BrokerMessage& message);
  DropReason OnResponseMessage(const Topic& topic, const BrokerMessage& message);

  void OnHeard(absl::string_view gateway_id);

  void FindGateway(CallPtr call);
  void AwaitResponses(CallPtr call);
  void PublishRequest(const CallPtr& call);

  const Options options_;
  BrokerClient* const broker_;
  Executor* const executor_;
  Scheduler* const scheduler_;

  DropCounters drops_;
  GapCounters gaps_;
  TrafficCounters traffic_;
  NetworkDirectory directory_;
  BrokerMonitor broker_monitor_;
  RequestTracker tracker_;
  UplinkLog uplinks_;
  DownlinkMonitor downlink_monitor_;
  Subscriptions subscriptions_;
  std::atomic<bool> draining_ = false;
  std::atomic<bool> closing_ = false;
  OpenWork work_;
  WaitList drain_waits_;
  WaitList end_waits_;  // of what waits for the broker alone
  std::atomic<uint64_t> uplinks_received_ = 0;
  SinkQuestions sink_questions_{this};
  SinkRefresh sink_refresh_{this, executor_};
  InterestPtr statuses_;  // from Start() on

  // Used by the broker's thread only.
  DuplicateFilter duplicates_;
  wirepas::proto::gateway_api::GenericMessage scratch_;  // reused to decode uplinks
  bool connected_ = false;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_NETWORK_H_
