// SPDX-License-Identifier: Apache-2.0
// One simulated gateway at the broker: it announces itself, answers requests,
// sends uplinks, and does wrong what it is told to do wrong.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/random/random.h"
#include "absl/time/time.h"
#include "tests/simulator/event_loop.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/gateway_model.h"
#include "tests/simulator/mqtt_connection.h"
#include "tests/simulator/node_group.h"
#include "tests/simulator/outbox.h"
#include "tests/simulator/uplink_source.h"

namespace wirepas_grpc::sim {

// Lives on one EventLoop and must live as long as that runs. Not thread-safe.
class Gateway {
 public:
  using Done = MqttConnection::Done;

  struct Settings {
    GatewaySettings model;
    Faults faults;
    uint64_t first_event_id = 0;
    uint64_t random_seed = 0;
    uint32_t first_node = 0;  // Address of the first node behind the first sink.
    // Others use the connection too: it stays open, and there is no last will.
    bool shares_connection = false;
    // Uplinks that the broker had not acknowledged when the connection broke are sent
    // again, in their order, before new ones. The Linux gateway keeps all in its outbox.
    bool resends = false;
  };

  // `plan` outlives this.
  Gateway(EventLoop* loop, const UplinkPlan* plan, const Settings& settings);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // The connection to use, before anything else is called. Outlives this.
  void Use(MqttConnection* connection);

  const std::string& id() const { return model_.id(); }
  const GatewayModel& model() const { return model_; }
  // The retained ONLINE status has reached the broker.
  bool online() const { return online_; }

  // The last will for the next connection. Real gateways make one when they start.
  Will MakeWill();
  // Topics of the requests that this gateway understands.
  std::vector<std::string> RequestFilters() const;

  // To be called when the connection is ready for messages and when it breaks.
  void OnConnected();
  void OnDisconnected();
  // A message under gw-request/ for this gateway.
  void OnRequest(const RequestTopic& topic, std::string_view payload);

  // Each tells `done` once, when the broker has acknowledged the last message of
  // it; false when it did not come to that.
  void GoOnline(Done done);
  void GoOffline(Done done);  // OFFLINE status, then a clean end; real ones: the last will.
  void Remove(Done done);     // Empty status, then a clean end.
  void PublishStatus(Done done);
  // Loses the connection without a word; comes back after `pause`, or, without
  // one, at GoOnline.
  void Drop(std::optional<absl::Duration> pause, Done done);

  // Whether there is a connection for uplinks, or something that keeps them until there is.
  bool TakesUplinks() const { return keeps() ? wanted_ : online_; }
  // Whether SendUplink can send now, through a sink of this name or, without
  // one, any running sink.
  bool CanSendUplink(std::optional<size_t> sink = std::nullopt) const;
  // Whether there is a running sink for it, be the gateway online or not.
  bool HasRunningSink(std::optional<size_t> sink = std::nullopt) const;
  // The next generated packet. `scratch` is where packets are built.
  void SendUplink(std::optional<size_t> sink, pb::GenericMessage* scratch, Done done);
  void SendRawUplink(size_t sink, const RawUplink& raw, Done done);

  Faults* faults() { return &faults_; }

  // Called whenever online() changes.
  void OnOnlineChanged(std::function<void()> callback) { online_changed_ = std::move(callback); }

 private:
  static constexpr int kEventQos = 1;
  static constexpr int kResponseQos = 2;
  static constexpr int kWillQos = 2;

  struct Sink {
    UplinkSource uplinks;
    NodeGroup nodes;
  };

  bool polite() const { return model_.profile() == Profile::kPolite; }
  // Whether what it cannot send waits in the outbox.
  bool keeps() const { return model_.profile() == Profile::kLinux; }
  void SetOnline(bool online);
  std::string StatusTopic() const;
  // Is not to be online any more; real ones forget what a process forgets that ends.
  void Leave();
  void End(const std::string& status_payload, int qos, Done done);
  void Answer(RequestType type, Outgoing response);
  void PublishAnswer(const std::string& topic, const std::string& payload);
  void OnChanged(size_t sink, RequestType by);
  void PublishNewsSoon();
  void PublishNews();
  void PutStatus(Done done);
  void AnswerQuery(const NodeQuery& query);
  void PublishUplink(const std::string& topic, pb::GenericMessage* message, Done done);
  void PublishFated(const std::string& topic, pb::GenericMessage* message, Done done);
  void PublishEvent(const std::string& topic, std::string payload, Done done);
  void SendKept(uint64_t number);

  EventLoop* const loop_;
  MqttConnection* connection_ = nullptr;
  const bool shares_connection_;
  const bool resends_;
  GatewayModel model_;
  Faults faults_;
  FaultDice dice_;
  absl::InsecureBitGen random_;
  std::vector<Sink> sinks_;
  Outbox outbox_;
  std::function<void()> online_changed_;

  bool wanted_ = true;  // Shall be online: neither stopped nor removed.
  bool online_ = false;
  // Uplinks that are not acknowledged, if they are to be sent again. No more than there
  // is room for in a connection's window.
  struct Kept {
    std::string topic;
    std::string payload;
    Done done;
  };
  std::map<uint64_t, Kept> kept_;
  uint64_t next_kept_ = 0;
  uint64_t next_sequence_ = 0;
  size_t next_sink_ = 0;
  size_t late_answers_ = 0;
  std::set<size_t> changed_sinks_;
  std::optional<std::vector<std::string>> told_configs_;  // In the latest status, if it kept one.
  std::optional<Will> will_;
  std::optional<EventLoop::TimerId> news_timer_;
  std::optional<EventLoop::TimerId> return_timer_;
  std::vector<Done> waiting_for_online_;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_H_
