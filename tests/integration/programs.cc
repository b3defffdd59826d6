// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/programs.h"

#include <algorithm>
#include <atomic>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "grpcpp/create_channel.h"
#include "tests/integration/http_get.h"

namespace wirepas_grpc::integration {
namespace {

constexpr char kListening[] = "listening on ";

bool HasOption(const std::vector<std::string>& arguments, absl::string_view name) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return argument == name || absl::StartsWith(argument, absl::StrCat(name, "="));
  });
}

// What follows "listening on " in a line of the log, human or JSON.
std::string AddressIn(absl::string_view line) {
  line.remove_prefix(line.find(kListening) + sizeof(kListening) - 1);
  return std::string(line.substr(0, line.find_first_of("\" ")));
}

size_t CountAddresses(const std::vector<std::string>& arguments) {
  size_t count = 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--listen" && i + 1 < arguments.size()) {
      const std::vector<std::string> parts = absl::StrSplit(arguments[i + 1], ',');
      count += parts.size();
    }
  }
  return std::max<size_t>(count, 1);
}

}  // namespace

std::string ServiceProgram() { return WIREPAS_GRPCD; }

std::string SimulatorProgram() { return WIREPAS_GATEWAY_SIM; }

absl::StatusOr<std::unique_ptr<ServiceProcess>> ServiceProcess::Start(
    const std::vector<std::string>& arguments, const Environment& environment,
    const std::vector<std::string>& wrapper) {
  std::unique_ptr<ServiceProcess> service(new ServiceProcess);
  ChildProcess::Options child;
  child.argv = wrapper;
  child.argv.push_back(ServiceProgram());
  child.argv.insert(child.argv.end(), arguments.begin(), arguments.end());
  if (!HasOption(arguments, "--listen")) {
    child.argv.insert(child.argv.end(), {"--listen", "127.0.0.1:0"});
  }
  child.argv.insert(child.argv.end(), {"--metrics_listen", "127.0.0.1:0"});
  child.environment = environment;
  absl::StatusOr<std::unique_ptr<ChildProcess>> process = ChildProcess::Start(std::move(child));
  if (!process.ok()) return process.status();
  service->process_ = *std::move(process);
  if (absl::Status status = service->WaitUntilListening(CountAddresses(arguments)); !status.ok()) {
    return status;
  }
  return service;
}

absl::Status ServiceProcess::WaitUntilListening(size_t addresses) {
  // Said after the addresses.
  const auto metrics = process_->WaitForLine("metrics on http://127.0.0.1:", kBound);
  if (!metrics.ok()) return metrics.status();
  const std::string port = metrics->substr(metrics->rfind(':') + 1);  // and "/metrics"
  if (!absl::SimpleAtoi(port.substr(0, port.find('/')), &metrics_port_)) {
    return absl::InternalError(absl::StrCat("no port in: ", *metrics));
  }
  const std::string output = process_->output();
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    if (absl::StrContains(line, kListening)) addresses_.push_back(AddressIn(line));
  }
  if (addresses_.size() == addresses) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("not ", addresses, " addresses in:\n", output));
}

std::shared_ptr<grpc::Channel> ServiceProcess::NewChannel(
    const std::string& address,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(
      address.empty() ? addresses_.front() : address,
      credentials == nullptr ? grpc::InsecureChannelCredentials() : credentials, arguments);
}

int ServiceProcess::port() const {
  int port = 0;
  return absl::SimpleAtoi(address().substr(address().rfind(':') + 1), &port) ? port : 0;
}

mesh::NetworkService::Stub* ServiceProcess::stub() {
  if (stub_ == nullptr) stub_ = mesh::NetworkService::NewStub(NewChannel());
  return stub_.get();
}

mesh::OtapService::Stub* ServiceProcess::otap_stub() {
  if (otap_stub_ == nullptr) otap_stub_ = mesh::OtapService::NewStub(NewChannel());
  return otap_stub_.get();
}

double ServiceProcess::Metric(const std::string& name) const {
  const absl::StatusOr<std::string> text = HttpGet(metrics_port_, "/metrics");
  if (!text.ok()) return -1;
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    double value = 0;
    if (absl::StartsWith(line, absl::StrCat(name, " ")) &&
        absl::SimpleAtod(absl::StripAsciiWhitespace(line.substr(name.size())), &value)) {
      return value;
    }
  }
  return -1;
}

int ServiceProcess::Stop() {
  // gRPC waits for connections that are open, and a C++ client that makes no call does
  // not notice that it should close its own.
  stub_.reset();
  otap_stub_.reset();
  return process_->Terminate(kBound);
}

absl::StatusOr<std::unique_ptr<SimulatorProcess>> SimulatorProcess::Start(
    int broker_port, const std::vector<std::string>& arguments) {
  std::unique_ptr<SimulatorProcess> simulator(new SimulatorProcess);
  ChildProcess::Options child;
  child.argv = {SimulatorProgram(), "--mqtt_hostname", "127.0.0.1", "--mqtt_port",
                absl::StrCat(broker_port)};
  child.argv.insert(child.argv.end(), arguments.begin(), arguments.end());
  absl::StatusOr<std::unique_ptr<ChildProcess>> process = ChildProcess::Start(std::move(child));
  if (!process.ok()) return process.status();
  simulator->process_ = *std::move(process);
  return simulator;
}

absl::Status SimulatorProcess::WaitUntilReady() {
  return process_->WaitForLine("ready: ", kBound).status();
}

absl::Status SimulatorProcess::Control(MqttPeer* peer, const std::string& gateway,
                                       nlohmann::json command) {
  static std::atomic<int> last_id = 0;  // of all lanes
  const int id = ++last_id;
  command["id"] = id;
  const std::string ack_topic = absl::StrCat("sim-control-ack/", gateway);
  if (absl::Status status = peer->Subscribe(ack_topic); !status.ok()) return status;
  if (absl::Status status = peer->Publish(absl::StrCat("sim-control/", gateway), command.dump());
      !status.ok()) {
    return status;
  }
  const absl::StatusOr<MqttPeer::Message> ack = peer->Take([&](const MqttPeer::Message& message) {
    return message.topic == ack_topic && nlohmann::json::parse(message.payload)["id"] == id;
  });
  if (!ack.ok()) return ack.status();
  if (nlohmann::json::parse(ack->payload)["ok"] == true) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("simulator: ", ack->payload));
}

}  // namespace wirepas_grpc::integration
