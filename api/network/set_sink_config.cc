// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "api/call/asker.h"
#include "api/call/deadlines.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/sink.h"
#include "api/convert/sink_path.h"
#include "api/network/rpcs.h"
#include "api/sinks/scope.h"
#include "core/base/instant.h"
#include "core/sinks/config_update.h"
#include "core/sinks/holds.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::SetSinkConfigResponse;
using Reactor = grpc::ServerUnaryReactor;
using CallPtr = UnaryCall<Response>::Ptr;

// From step to step: the sink is held, what it told is found out if need be, the change is sent.
struct Work {
  core::Network* network;
  CallPtr call;
  core::SinkConfigUpdate update;
  core::SinkPath path;
  core::Instant end;
  core::AskerPtr asker;
  bool allow_unknown_gateway;
  core::SinkHolds::HoldPtr hold;

  absl::Duration Left() const { return std::max(end - core::Instant::Now(), absl::ZeroDuration()); }
  void Fail(const absl::Status& status) {
    hold = nullptr;  // whoever is told of the end may begin anew
    // Of a field that is wrong, the message begins with its name.
    if (!core::FieldOf(status).empty()) return call->Fail(ToGrpcStatus(status, TargetOf(path)));
    core::RequestOutcome outcome;
    outcome.status = status;
    call->Fail(ToGrpcStatus(outcome, TargetOf(path)));
  }
};

void Send(Work work, const core::SinkConfig& told) {
  absl::StatusOr<gw::SinkNewConfig> config = core::MakeWhole(work.update, work.path.sink, told);
  if (!config.ok()) return work.Fail(InPart("update", config.status()));
  GatewayRequest question{
      core::RequestKind::kSetConfig, work.path.gateway,         work.path.sink, {}, work.Left(),
      std::move(work.asker),         work.allow_unknown_gateway};
  question.in_parts = work.update.CountChanges() > 1;
  question.hold = std::move(work.hold);
  *question.message.mutable_set_config_req()->mutable_config() = *std::move(config);
  const auto fill = [target = question.target()](const gw::WirepasMessage& answer,
                                                 Response* filled) {
    *filled->mutable_sink() = ToProto(target.gateway_id, answer.set_config_resp().config());
    // The one that was asked: the answer's own word for it is not checked.
    filled->mutable_sink()->set_sink_id(target.sink_id);
  };
  if (work.update.NeedsKeyManagement()) {
    CallGatewayWithFeature<Response>(work.network, gw::SINK_KEY_MANAGEMENT_V1, std::move(question),
                                     work.call, fill);
  } else {
    CallGateway<Response>(work.network, std::move(question), work.call, fill);
  }
}

// The gateway is asked for its sinks if it has not told them.
void FillInAndSend(Work work) {
  core::SinkScope scope;
  scope.sinks.insert(work.path);
  scope.allow_unknown_gateway = work.allow_unknown_gateway;
  const ScopeOptions options{.client_end = work.end, .asker = work.asker};
  const CallPtr call = work.call;
  core::Network* const network = work.network;
  auto then = [work = std::move(work)](const ResolvedScope& resolved) mutable {
    absl::Status status = resolved.status;
    if (status.ok()) status = resolved.sinks.front().status;
    if (!status.ok()) return work.Fail(status);
    const std::shared_ptr<const core::SinkConfig> told = resolved.sinks.front().config;
    Send(std::move(work), *told);
  };
  call->AddCancel(ResolveScope(network, std::move(scope), options, std::move(then)));
}

}  // namespace

Reactor* SetSinkConfig(Engine* engine, const grpc::CallbackServerContext& context,
                       const mesh::SetSinkConfigRequest& request, Response* response) {
  const Target target = TargetOf(request.gateway_id(), request.sink_id());
  const absl::StatusOr<SinkName> name = ParseSinkName(request.gateway_id(), request.sink_id());
  if (!name.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(name.status(), target));
  absl::StatusOr<core::SinkConfigUpdate> update = ParseUpdate(request.update());
  if (!update.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(update.status(), target));
  const core::SinkPath path{name->gateway, name->sink};
  absl::StatusOr<core::SinkHolds::HoldPtr> hold =
      engine->sink_holds.Take({path}, kSetSinkConfigLimit);
  if (!hold.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(hold.status(), target));

  const CallPtr call = UnaryCall<Response>::Create(engine->network, response);
  Work work{engine->network,
            call,
            *std::move(update),
            path,
            core::Instant::Now() + LimitOr(context, kSetSinkConfigLimit),
            AskerOf(engine->network, context),
            request.allow_unknown_gateway(),
            *std::move(hold)};
  if (work.update.NeedsTold()) {
    FillInAndSend(std::move(work));
  } else {
    Send(std::move(work), core::SinkConfig());
  }
  return call.get();
}

}  // namespace wirepas_grpc::api
