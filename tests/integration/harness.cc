// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/harness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace wirepas_grpc::integration {

Stack::~Stack() {
  if (service_ != nullptr) StopService();
  if (simulator_ != nullptr) simulator_->process().Terminate();
}

absl::Status Stack::Start() {
  if (absl::Status status = StartBroker(); !status.ok()) return status;
  if (absl::Status status = StartSimulator(); !status.ok()) return status;
  if (absl::Status status = StartService(); !status.ok()) return status;
  return WaitForGateways(GatewayCount());
}

absl::Status Stack::StartBroker() {
  absl::StatusOr<std::unique_ptr<Mosquitto>> broker = Mosquitto::Start(options_.broker);
  if (!broker.ok()) return broker.status();
  broker_ = *std::move(broker);
  return ReconnectControl();
}

absl::Status Stack::ReconnectControl() {
  control_.reset();
  absl::StatusOr<std::unique_ptr<MqttPeer>> peer = MqttPeer::Connect(broker_->port());
  if (!peer.ok()) return peer.status();
  control_ = *std::move(peer);
  return absl::OkStatus();
}

absl::Status Stack::StartSimulator() {
  absl::StatusOr<std::unique_ptr<SimulatorProcess>> simulator =
      SimulatorProcess::Start(broker_->port(), options_.simulator);
  if (!simulator.ok()) return simulator.status();
  simulator_ = *std::move(simulator);
  return simulator_->WaitUntilReady();
}

std::vector<std::string> Stack::BrokerArguments() const {
  const int port = broker_port_ != 0 ? broker_port_ : broker_->port();
  return {"--mqtt_hostname", "127.0.0.1", "--mqtt_port", absl::StrCat(port),
          "--mqtt_force_unsecure"};
}

absl::Status Stack::StartService() {
  std::vector<std::string> arguments = BrokerArguments();
  arguments.insert(arguments.end(), options_.service.begin(), options_.service.end());
  absl::StatusOr<std::unique_ptr<ServiceProcess>> service =
      ServiceProcess::Start(arguments, options_.service_environment);
  if (!service.ok()) return service.status();
  service_ = *std::move(service);
  return absl::OkStatus();
}

void Stack::StopService() {
  const int code = service_->Stop();
  EXPECT_EQ(code, 0) << "the service ended badly:\n" << service_->process().output();
  service_.reset();
}

int Stack::GatewayCount() const {
  const std::vector<std::string>& arguments = options_.simulator;
  const auto found = std::find(arguments.begin(), arguments.end(), "--gateways");
  int count = 1;
  if (found != arguments.end() && found + 1 != arguments.end()) {
    (void)absl::SimpleAtoi(*(found + 1), &count);
  }
  return count;
}

absl::Status Stack::WaitForGateways(int count) {
  std::string seen;
  const auto all_there = [&] {
    const auto result =
        Call(stub(), &mesh::NetworkService::Stub::ListGateways, mesh::ListGatewaysRequest());
    seen = result.ok() ? result.response.ShortDebugString() : result.status.error_message();
    // Others have no status, as those that a test let send by hand.
    int online = 0;
    for (const mesh::Gateway& gateway : result.response.gateways()) {
      if (!gateway.online()) continue;
      if (gateway.sink_ids_size() == 0) return false;
      ++online;
    }
    return online == count;
  };
  if (Eventually(all_there)) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("the service does not see ", count, " gateways but ", seen));
}

std::unique_ptr<MqttPeer> Stack::NewPeer(const std::vector<std::string>& filters) {
  absl::StatusOr<std::unique_ptr<MqttPeer>> peer = MqttPeer::Connect(broker_->port());
  absl::Status status = peer.status();
  for (const std::string& filter : filters) {
    if (status.ok()) status = (*peer)->Subscribe(filter);
  }
  EXPECT_TRUE(IsOk(status));
  return peer.ok() ? *std::move(peer) : nullptr;
}

absl::Status Stack::Control(const std::string& gateway, const nlohmann::json& command) {
  return SimulatorProcess::Control(control_.get(), gateway, command);
}

absl::Status Stack::SetFaults(const std::string& gateway, const nlohmann::json& faults) {
  return Control(gateway, {{"command", "faults"}, {"faults", faults}});
}

}  // namespace wirepas_grpc::integration
