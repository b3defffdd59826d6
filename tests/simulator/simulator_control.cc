// SPDX-License-Identifier: Apache-2.0
// The part of Simulator that carries out commands from the control topic.
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"
#include "tests/simulator/simulator.h"

namespace wirepas_grpc::sim {

// One command until it is done at every gateway that it is for.
struct Simulator::Pending {
  Pending(MqttConnection* control, std::string topic) : control(control), topic(std::move(topic)) {}

  // The last of those who hold it is done with it.
  ~Pending() {
    nlohmann::json ack;
    ack["command"] = command;
    ack["ok"] = error.empty();
    if (!error.empty()) ack["error"] = error;
    if (!id.is_null()) ack["id"] = id;
    if (acknowledged.has_value()) ack["acknowledged"] = *acknowledged;
    constexpr int kNoIndent = -1;
    const std::string payload =
        ack.dump(kNoIndent, ' ', false, nlohmann::json::error_handler_t::replace);
    control->Publish(topic, payload, 2, false, nullptr);
  }

  void Fail(const std::string& message) {
    if (error.empty()) error = message;
  }

  MqttConnection* const control;
  const std::string topic;
  std::string command;
  nlohmann::json id;
  std::string error;
  std::optional<uint64_t> acknowledged;
};

namespace {

// Keeps `pending` until the broker has answered.
template <typename Pending>
Gateway::Done TellWhenDone(const std::shared_ptr<Pending>& pending, const Gateway* gateway) {
  return [pending, gateway](bool ok) {
    if (!ok) pending->Fail(absl::StrCat(gateway->id(), ": not connected"));
  };
}

}  // namespace

void Simulator::OnControl(std::string_view topic, std::string_view payload) {
  topic.remove_prefix(kControlTopic.size());
  const std::string target(topic);
  std::vector<Gateway*> targets;
  if (target == kAllGateways) {
    for (const auto& gateway : gateways_) targets.push_back(gateway.get());
  } else if (Gateway* gateway = FindGateway(target); gateway != nullptr) {
    targets.push_back(gateway);
  } else {
    // Perhaps for another simulator at the same broker.
    return;
  }
  const auto pending = std::make_shared<Pending>(
      control_.get(), absl::StrCat(absl::string_view(kControlAckTopic.data()), target));
  ControlCommand command;
  const absl::Status status = ParseControl(payload, &command);
  pending->command = command.name;
  pending->id = command.id;
  if (!status.ok()) {
    pending->Fail(std::string(status.message()));
    spdlog::warn("control: {}", pending->error);
    return;
  }
  spdlog::info("control: {} for {}", command.name, target);
  if (command.kind == ControlKind::kRate && target != kAllGateways) {
    return pending->Fail("a rate is for all gateways");
  }
  Execute(command, targets, pending);
}

void Simulator::Execute(const ControlCommand& command, const std::vector<Gateway*>& targets,
                        const std::shared_ptr<Pending>& pending) {
  if (command.kind == ControlKind::kRate) return generator_->SetRate(command.rate);
  for (Gateway* gateway : targets) ExecuteAt(command, gateway, pending);
}

void Simulator::ExecuteAt(const ControlCommand& command, Gateway* gateway,
                          const std::shared_ptr<Pending>& pending) {
  const Gateway::Done done = TellWhenDone(pending, gateway);
  switch (command.kind) {
    case ControlKind::kFaults: {
      const absl::Status status = gateway->faults()->Update(command.faults);
      if (!status.ok()) pending->Fail(std::string(status.message()));
      return;
    }
    case ControlKind::kClearFaults:
      *gateway->faults() = Faults();
      return;
    case ControlKind::kDisconnect:
      return gateway->Drop(command.pause, done);
    case ControlKind::kStop:
      return gateway->GoOffline(done);
    case ControlKind::kStart:
      return gateway->GoOnline(done);
    case ControlKind::kRemove:
      return gateway->Remove(done);
    case ControlKind::kStatus:
      if (!gateway->online()) return pending->Fail(absl::StrCat(gateway->id(), ": not online"));
      return gateway->PublishStatus(done);
    case ControlKind::kBurst:
    case ControlKind::kUplink:
      return ExecuteAtSink(command, gateway, pending);
    case ControlKind::kRate:
      return;  // For all gateways at once; see Execute.
  }
}

void Simulator::ExecuteAtSink(const ControlCommand& command, Gateway* gateway,
                              const std::shared_ptr<Pending>& pending) {
  std::optional<size_t> sink;
  if (!command.sink_id.empty()) {
    sink = gateway->model().FindSink(command.sink_id);
    if (!sink.has_value()) return pending->Fail(absl::StrCat("no sink ", command.sink_id));
  }
  if (!gateway->HasRunningSink(sink)) return pending->Fail("no sink that runs");
  if (command.kind == ControlKind::kUplink) {
    if (!gateway->TakesUplinks()) {
      return pending->Fail(absl::StrCat(gateway->id(), ": not online"));
    }
    return gateway->SendRawUplink(sink.value_or(0), command.uplink, TellWhenDone(pending, gateway));
  }
  generator_->Burst(gateway, sink, command.count, [pending](uint64_t acknowledged) {
    pending->acknowledged = pending->acknowledged.value_or(0) + acknowledged;
  });
}

}  // namespace wirepas_grpc::sim
