// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/call/asker.h"
#include "api/call/await_directory.h"
#include "api/call/deadlines.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/message.h"
#include "api/convert/sink.h"
#include "api/network/rpcs.h"
#include "api/network/send_message.h"
#include "api/sinks/gateway_selection.h"
#include "core/base/instant.h"
#include "core/directory/sink_scope.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::BroadcastMessageRequest;
using Response = mesh::BroadcastMessageResponse;
using Reactor = grpc::ServerUnaryReactor;
using Ticket = core::MessageSender::Ticket;

// The sinks of a network whose gateways are not offline, by gateway, then sink.
std::vector<SinkName> SinksOf(const std::vector<core::GatewayPtr>& gateways,
                              uint32_t network_address) {
  std::vector<SinkName> sinks;
  for (const core::GatewayPtr& gateway : gateways) {
    if (!gateway->reachable()) continue;
    for (const auto& [sink_id, config] : gateway->sinks) {
      if (NetworkOf(*config) != network_address) continue;
      absl::StatusOr<SinkName> name = ParseSinkName(gateway->id, sink_id);
      if (name.ok()) sinks.push_back(*std::move(name));
    }
  }
  return sinks;
}

// Gathers the results of one call. The response is put together by the last.
class Broadcast : public std::enable_shared_from_this<Broadcast> {
 public:
  Broadcast(Engine* engine, UnaryCall<Response>::Ptr call, Request request,
            gw::SendPacketReq message, core::AskerPtr asker, core::Instant end)
      : engine_(engine),
        asker_(std::move(asker)),
        call_(std::move(call)),
        request_(std::move(request)),
        message_(std::move(message)),
        end_(end) {}

  void Start() {
    absl::Status status = CheckBroker(engine_->network);
    if (!status.ok()) return call_->Fail(ToGrpcStatus(status));
    const GatewaySelection selection = Select();
    if (!selection.unknown_id.empty()) {
      status = absl::NotFoundError(absl::StrCat(core::RequestTargetText(selection.unknown_id, ""),
                                                ": the gateway is not known"));
      status = core::WithReason(status, core::Reason::kGatewayNotKnown);
      return call_->Fail(ToGrpcStatus(status, {selection.unknown_id, ""}));
    }
    std::vector<core::GatewayPtr> untold;
    if (!request_.scope().gateway_ids().empty()) {
      for (const core::GatewayPtr& gateway : selection.gateways) {
        if (gateway->reachable() && !gateway->sinks_known) untold.push_back(gateway);
      }
    }
    if (untold.empty()) return SendAll();
    // The rest of the time is for the message.
    const absl::Duration limit = std::max(end_ - core::Instant::Now(), absl::ZeroDuration()) / 2;
    const uint64_t refresh = engine_->network->RefreshSinks(
        untold, LimitOf(asker_, limit), [self = shared_from_this()](const core::SinkAnswers&) {
          if (!self->cancelled_.load()) self->SendAll();
        });
    call_->AddCancel([self = shared_from_this(), network = engine_->network, refresh] {
      self->cancelled_.store(true);
      network->CancelRefresh(refresh);
    });
  }

 private:
  GatewaySelection Select() const {
    return SelectGateways(*engine_->network->directory().Snapshot(), request_.scope().gateway_ids(),
                          request_.scope().allow_unknown_gateway());
  }

  void SendAll() {
    // Gateways may not have been asked for their sinks.
    if (engine_->network->draining()) return call_->Fail(ToGrpcStatus(core::ShuttingDown()));
    const std::vector<SinkName> sinks = SinksOf(Select().gateways, request_.scope().network_address());
    if (sinks.empty()) {
      return call_->Fail(ToGrpcStatus(core::WithReason(absl::NotFoundError(
          absl::StrCat("network ", request_.scope().network_address(), " has no sink that is online")), core::Reason::kNoSinks)));
    }
    SendFrom(sinks);
  }

  void SendFrom(const std::vector<SinkName>& sinks) {
    size_t result_bytes = 0;
    for (const SinkName& sink : sinks) {
      result_bytes += core::ResultBytesOf(sink.gateway.value(), sink.sink.value());
    }
    const absl::Status fits = core::CheckResults(
        absl::StrCat("network ", request_.scope().network_address()), sinks.size(), result_bytes);
    if (!fits.ok()) return call_->Fail(ToGrpcStatus(fits));
    const core::RequestLimit limit =
        LimitOf(asker_, std::max(end_ - core::Instant::Now(), absl::ZeroDuration()));
    {
      core::MutexLock lock(&mutex_);
      results_.resize(sinks.size());
      missing_ = sinks.size();
    }
    std::vector<Ticket> tickets;
    for (size_t i = 0; i < sinks.size(); ++i) {
      tickets.push_back(engine_->sender.Send(
          sinks[i].gateway, sinks[i].sink, message_, limit, std::nullopt,
          [self = shared_from_this(), i, sink = sinks[i]](const core::RequestOutcome& outcome) {
            self->OnOutcome(i, sink, outcome);
          }));
    }
    call_->AddCancel(
        [engine = engine_, tickets = std::move(tickets)] { engine->sender.Cancel(tickets); });
  }

  void OnOutcome(size_t i, const SinkName& sink, const core::RequestOutcome& outcome) {
    mesh::SinkSendResult result;
    result.mutable_sink()->set_gateway_id(sink.gateway.value());
    result.mutable_sink()->set_sink_id(sink.sink.value());
    if (outcome.status.ok()) {
      *result.mutable_sent() = ToMessageSent(outcome);
    } else {
      *result.mutable_error() = ToCallError(outcome, {sink.gateway.value(), sink.sink.value()});
    }
    std::vector<mesh::SinkSendResult> results;
    {
      core::MutexLock lock(&mutex_);
      results_[i] = std::move(result);
      if (--missing_ > 0) return;
      results.swap(results_);
    }
    call_->Succeed([&](Response* response) {
      for (mesh::SinkSendResult& each : results) *response->add_results() = std::move(each);
    });
  }

  Engine* const engine_;
  const core::AskerPtr asker_;
  const UnaryCall<Response>::Ptr call_;
  const Request request_;
  const gw::SendPacketReq message_;
  const core::Instant end_;
  std::atomic<bool> cancelled_ = false;  // while gateways are asked

  core::Mutex mutex_;
  std::vector<mesh::SinkSendResult> results_ ABSL_GUARDED_BY(mutex_);
  size_t missing_ ABSL_GUARDED_BY(mutex_) = 0;
};

absl::StatusOr<gw::SendPacketReq> Parse(const Request& request) {
  absl::Status status = CheckNetworkAddress("scope.network_address", request.scope().network_address());
  status.Update(FilterSize().AddIds("scope.gateway_ids", request.scope().gateway_ids()));
  status.Update(CheckIds("scope.gateway_ids", request.scope().gateway_ids()));
  if (!request.has_message()) status.Update(InvalidField("message", "missing"));
  if (!status.ok()) return status;
  return ToGateway("message", request.message());
}

}  // namespace

Reactor* BroadcastMessage(Engine* engine, const grpc::CallbackServerContext& context,
                          const Request& request, Response* response) {
  absl::StatusOr<gw::SendPacketReq> message = Parse(request);
  if (!message.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(message.status()));
  const auto call = UnaryCall<Response>::Create(engine->network, response);
  const absl::Duration limit = LimitAtMost(context, kRequestLimit);
  const auto broadcast =
      std::make_shared<Broadcast>(engine, call, request, *std::move(message),
                                  AskerOf(engine->network, context), core::Instant::Now() + limit);
  call->AddCancel(AwaitDirectory(engine->network, limit, [broadcast] { broadcast->Start(); }));
  return call.get();
}

}  // namespace wirepas_grpc::api
