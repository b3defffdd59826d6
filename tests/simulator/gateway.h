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
    // again, in their order, before new ones.
    bool resends = false;
  };

  // `plan` outlives this.
  Gateway(EventLoop* loop, const UplinkPlan* plan, const Settings& settings);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // The connection to use, before anything else is called. Outlives this.
  void Use(MqttConnection* connection) { connection_ = connection; }

  const std::string& id() const { return model_.id(); }
  const GatewayModel& model() const { return model_; }
  // The retained ONLINE status has reached the broker.
  bool online() const { return online_; }

  // The last will for the next connection.
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
  void GoOffline(Done done);  // OFFLINE status, then a clean end.
  void Remove(Done done);     // Empty status, then a clean end.
  void PublishStatus(Done done);
  // Loses the connection without a word; comes back after `pause`, or, without
  // one, at GoOnline.
  void Drop(std::optional<absl::Duration> pause, Done done);

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
  struct Sink {
    UplinkSource uplinks;
    NodeGroup nodes;
  };

  void SetOnline(bool online);
  void End(const std::string& status_payload, int qos, Done done);
  void Answer(RequestType type, Outgoing response);
  void PublishAnswer(const std::string& topic, const std::string& payload);
  void OnChanged(size_t sink, RequestType by);
  void PublishNews();
  void AnswerQuery(const NodeQuery& query);
  void PublishUplink(const std::string& topic, pb::GenericMessage* message, Done done);
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
  std::optional<EventLoop::TimerId> news_timer_;
  std::optional<EventLoop::TimerId> return_timer_;
  std::vector<Done> waiting_for_online_;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_GATEWAY_H_
