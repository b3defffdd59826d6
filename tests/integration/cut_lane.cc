// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/cut_lane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

// Of all gateways together. Some fall into every break of the connection.
constexpr int kPacketsPerSecond = 300;

mesh::SubscribeUplinkRequest Of(const std::vector<std::string>& gateways) {
  mesh::SubscribeUplinkRequest request;
  for (const std::string& id : gateways) request.mutable_filter()->add_gateway_ids(id);
  request.set_allow_gap(true);
  return request;
}

std::string UplinksOf(const std::string& gateway_id) {
  return absl::StrCat("gw-event/received_data/", gateway_id, "/");
}

bool IsTrue(bool value, const std::string& otherwise) {
  EXPECT_TRUE(value) << otherwise;
  return value;
}

}  // namespace

// ---- Witness ----

Witness::Witness(const std::string& address, std::vector<std::string> gateways)
    : gateways_(std::move(gateways)),
      reader_(address, Of(gateways_), ResumingReader::AtRefusal::kResume) {}

bool Witness::CatchUp() {
  const absl::Time now = absl::Now();
  return std::all_of(gateways_.begin(), gateways_.end(), [&](const std::string& gateway) {
    return reader_.AwaitSentSince(gateway, now);
  });
}

uint64_t Witness::Look(Promise promise) {
  const ResumingReader::Seen now = reader_.seen();
  const bool any_gap = now.gaps.size() > seen_.gaps.size();
  std::vector<std::string> faults;
  uint64_t missing = 0;
  for (size_t i = seen_.refusals.size(); i < now.refusals.size(); ++i) {
    faults.push_back(absl::StrCat("refused: ", now.refusals[i]));
  }
  for (size_t i = seen_.losses.size(); i < now.losses.size(); ++i) {
    const ResumingReader::Loss& loss = now.losses[i];
    if (loss.first == 0) continue;
    missing += loss.count;
    if (promise == Promise::kLossIsTold && loss.told) continue;
    const char* const told = loss.told ? "told" : any_gap ? "told elsewhere" : "not told";
    faults.push_back(absl::StrCat(loss.count, " of ", loss.gateway_id, " missing from ", loss.first,
                                  " on, ", told));
  }
  for (size_t i = seen_.gaps.size(); promise == Promise::kNothingIsLost && i < now.gaps.size();
       ++i) {
    faults.push_back(absl::StrCat("gap: ", now.gaps[i].ShortDebugString()));
  }
  if (now.repeated > seen_.repeated) {
    faults.push_back(absl::StrCat(now.repeated - seen_.repeated, " came twice"));
  }
  EXPECT_TRUE(faults.empty()) << absl::StrJoin(gateways_, ", ") << ": "
                              << absl::StrJoin(faults, "; ");
  seen_ = now;
  return missing;
}

// ---- CutLane ----

CutLane::CutLane(const Options& options, size_t index, size_t lanes)
    : options_(options),
      index_(index),
      lanes_(lanes),
      narrow_({"gw-event/status/+", UplinksOf(kGateway) + "#", UplinksOf(kOtherGateway) + "#"}) {}

bool CutLane::Start() {
  Stack::Options options;
  // It shall not lose packets, unless it is told to.
  options.broker.max_queued_messages = 1'000'000;
  // Nor stop to send when the relay holds up what acknowledges.
  options.broker.max_inflight = 60'000;
  options.simulator = {"--gateways", absl::StrCat(options_.gateways), "--sinks", "1", "--rate", "0",
                       "--resend"};
  options.service = {"--state_dir",
                     state_.path() + "/state",
                     "--mqtt_client_id",
                     "the-service",
                     "--mqtt_reconnect_min_delay",
                     "100ms",
                     "--mqtt_reconnect_max_delay",
                     "100ms"};
  options.service.insert(options.service.end(), options_.service.begin(), options_.service.end());
  stack_ = std::make_unique<Stack>(std::move(options));
  absl::Status status = stack_->StartBroker();
  if (status.ok()) {
    auto relay = MqttRelay::Start(stack_->broker().port());
    status = relay.status();
    if (relay.ok()) relay_ = *std::move(relay);
  }
  if (status.ok()) stack_->SetBrokerPort(relay_->port());
  if (status.ok()) status = stack_->StartSimulator();
  if (status.ok()) status = stack_->StartService();
  if (status.ok()) status = stack_->WaitForGateways(options_.gateways);
  if (!IsTrue(status.ok(), status.ToString())) return false;
  for (const char* gateway : {kGateway, kOtherGateway}) {
    witnesses_.push_back(std::make_unique<Witness>(address(), std::vector<std::string>{gateway}));
  }
  const nlohmann::json rate = {{"command", "rate"}, {"packets_per_second", kPacketsPerSecond}};
  status = stack_->Control("all", rate);
  return IsTrue(status.ok(), status.ToString()) && Settle(narrow_) && CatchUp();
}

std::vector<CutPoint> CutLane::Mine(const std::vector<CutPoint>& points) const {
  std::vector<CutPoint> mine;
  for (size_t i = index_; i < points.size(); i += lanes_) mine.push_back(points[i]);
  return mine;
}

bool CutLane::Settle(const std::set<std::string>& filters) {
  if (relay_->AwaitSettled(filters, kBound)) return true;
  std::string passed;
  for (const HandshakePacket& packet : relay_->passed()) {
    absl::StrAppend(&passed, Text({packet, CutPoint::Where::kAfter, CutPoint::How::kEnd}), "; ");
  }
  const std::string log = stack_->service().process().output();
  ADD_FAILURE() << "subscribed to " << absl::StrJoin(relay_->granted(), ", ")
                << ", left in the session: " << absl::StrJoin(relay_->session(), ", ")
                << "\nthe connection is " << passed << "\nthe service says:\n"
                << log.substr(log.size() - std::min<size_t>(log.size(), 1500));
  return false;
}

std::optional<MqttRelay::Remains> CutLane::AwaitCut(const CutPoint& point) {
  const std::optional<MqttRelay::Remains> remains = relay_->AwaitCut(kBound);
  if (!IsTrue(remains.has_value(), "the connection did not come to that")) return std::nullopt;
  const auto passed = std::count_if(
      remains->passed.begin(), remains->passed.end(),
      [&](const HandshakePacket& packet) { return packet.type == point.packet.type; });
  if (point.where == CutPoint::Where::kBefore || point.where == CutPoint::Where::kInside) {
    EXPECT_EQ(passed, point.packet.number - 1);
  } else {
    EXPECT_GE(passed, point.packet.number);
  }
  return remains;
}

bool CutLane::LoseSession() {
  relay_->SetDown(true);
  stack_->broker().Kill();
  absl::Status status = stack_->broker().Restart();
  for (const auto& witness : witnesses_) {
    for (const std::string& gateway : witness->gateways()) {
      if (!status.ok()) break;
      status = stack_->broker().WaitForLog(absl::StrCat("'", UplinksOf(gateway)), kBound);
    }
  }
  return IsTrue(status.ok(), status.ToString());
}

bool CutLane::CatchUp() {
  return std::all_of(witnesses_.begin(), witnesses_.end(),
                     [](const auto& witness) { return witness->CatchUp(); });
}

uint64_t CutLane::Look(Promise promise) {
  uint64_t missing = 0;
  for (const auto& witness : witnesses_) missing += witness->Look(promise);
  return missing;
}

}  // namespace wirepas_grpc::integration
