// SPDX-License-Identifier: Apache-2.0
// All gateways, their connections, the uplink generator and the control topic.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_SIMULATOR_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_SIMULATOR_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tests/simulator/control.h"
#include "tests/simulator/event_loop.h"
#include "tests/simulator/gateway.h"
#include "tests/simulator/mqtt_connection.h"
#include "tests/simulator/options.h"
#include "tests/simulator/uplink_generator.h"

namespace wirepas_grpc::sim {

// Lives on one EventLoop and must live as long as that runs. Not thread-safe.
class Simulator {
 public:
  struct Callbacks {
    // Once, when every gateway has been online and the control topic listens.
    std::function<void()> ready;
    // Once, when the broker has answered for all uplinks of --count.
    std::function<void()> count_sent;
  };

  Simulator(EventLoop* loop, const Options& options, Callbacks callbacks);
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  // Connects and goes on by itself.
  void Start();

  // Takes every gateway offline in good order, then calls `done`; after a few
  // seconds also when the broker does not answer.
  void ShutDown(std::function<void()> done);

  const UplinkGenerator& generator() const { return *generator_; }

 private:
  struct Pending;

  void MakeGateways(const Options& options);
  void MakeOwnConnections(const Options& options);
  void MakeSharedConnection(const Options& options);
  void MakeControlConnection(const Options& options);
  ConnectPacket MakeConnect(const Options& options, const std::string& client_id) const;
  Gateway* FindGateway(std::string_view id);
  void OnSharedMessage(std::string_view topic, std::string_view payload);
  void OnOnlineChanged(size_t gateway);
  void CheckReady();

  void OnControl(std::string_view topic, std::string_view payload);
  void Execute(const ControlCommand& command, const std::vector<Gateway*>& targets,
               const std::shared_ptr<Pending>& pending);
  void ExecuteAt(const ControlCommand& command, Gateway* gateway,
                 const std::shared_ptr<Pending>& pending);
  void ExecuteAtSink(const ControlCommand& command, Gateway* gateway,
                     const std::shared_ptr<Pending>& pending);

  EventLoop* const loop_;
  const Callbacks callbacks_;
  const UplinkPlan plan_;
  const double rate_;
  const bool shared_connection_;
  std::vector<std::unique_ptr<MqttConnection>> connections_;
  std::unique_ptr<MqttConnection> control_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  absl::flat_hash_map<std::string, Gateway*> gateways_by_id_;
  std::unique_ptr<UplinkGenerator> generator_;
  std::vector<bool> was_online_;
  size_t were_online_ = 0;
  bool control_listens_ = false;
  bool ready_ = false;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_SIMULATOR_H_
