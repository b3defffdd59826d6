// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_HARNESS_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_HARNESS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/integration/expect.h"
#include "tests/integration/mqtt_peer.h"
#include "tests/integration/programs.h"
#include "tests/support/mosquitto.h"

namespace wirepas_grpc::integration {

// A broker, a simulator and the service, as processes. One thread at a time.
class Stack {
 public:
  struct Options {
    Mosquitto::Options broker;
    // Besides how to reach the broker.
    std::vector<std::string> simulator = {"--gateways", "2", "--sinks", "2", "--rate", "0"};
    std::vector<std::string> service;
    Environment service_environment;
  };

  explicit Stack(Options options) : options_(std::move(options)) {}
  // Ends all processes. The service must end well: the test fails if it does not.
  ~Stack();

  // All three; returns once the service knows every gateway and all its sinks.
  absl::Status Start();

  // Or one by one, in this order.
  absl::Status StartBroker();
  absl::Status StartSimulator();
  absl::Status StartService();
  // The service reaches the broker through another port: see TcpRelay. Before
  // StartService().
  void SetBrokerPort(int port) { broker_port_ = port; }
  // Ends the service and expects it to end well.
  void StopService();

  Mosquitto& broker() { return *broker_; }
  ServiceProcess& service() { return *service_; }
  SimulatorProcess& simulator() { return *simulator_; }
  mesh::NetworkService::Stub* stub() { return service_->stub(); }

  // How the service reaches the broker.
  std::vector<std::string> BrokerArguments() const;

  // Waits until the service knows so many gateways that are online and have told
  // their sinks.
  absl::Status WaitForGateways(int count);

  // Commands for the simulator; see wirepas-gateway-sim --help. Done when it returns.
  absl::Status Control(const std::string& gateway, const nlohmann::json& command);
  absl::Status SetFaults(const std::string& gateway, const nlohmann::json& faults);
  absl::Status ClearFaults() { return Control("all", {{"command", "clear_faults"}}); }

  // Another client of the broker that hears what matches; fails the test when it
  // cannot. For one test, so that it hears nothing of those before.
  std::unique_ptr<MqttPeer> NewPeer(const std::vector<std::string>& filters = {});

  // To be called after a restart of the broker, before the next command for the
  // simulator.
  absl::Status ReconnectControl();

 private:
  int GatewayCount() const;

  const Options options_;
  int broker_port_ = 0;  // 0: the broker's own
  std::unique_ptr<Mosquitto> broker_;
  std::unique_ptr<MqttPeer> control_;
  std::unique_ptr<SimulatorProcess> simulator_;
  std::unique_ptr<ServiceProcess> service_;
};

// Base of tests that share one stack: `Suite::StackOptions()` says which. Every test
// leaves the gateways online and, by TearDown(), without faults.
template <typename Suite>
class SharedStack : public testing::Test {
 public:
  static void SetUpTestSuite() {
    stack_ = std::make_unique<Stack>(Suite::StackOptions());
    ASSERT_TRUE(IsOk(stack_->Start()));
  }
  static void TearDownTestSuite() { stack_.reset(); }
  static Stack::Options StackOptions() { return Stack::Options(); }

 protected:
  void TearDown() override { ASSERT_TRUE(IsOk(stack().ClearFaults())); }

  static Stack& stack() { return *stack_; }
  static mesh::NetworkService::Stub* stub() { return stack_->stub(); }

 private:
  static inline std::unique_ptr<Stack> stack_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_HARNESS_H_
