// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/call/asker.h"
#include "api/call/await_directory.h"
#include "api/call/deadlines.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/message.h"
#include "api/convert/sink_path.h"
#include "api/network/rpcs.h"
#include "api/network/send_message.h"
#include "api/sinks/scope.h"
#include "core/base/instant.h"
#include "core/directory/sink_scope.h"
#include "core/sending/network_send.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::BroadcastMessageRequest;
using Response = mesh::BroadcastMessageResponse;
using Reactor = grpc::ServerUnaryReactor;

// What is told of skipped sinks. Together with core::kMaxResultBytes of results it stays below
// 4 MiB: beside its ids each takes some 16 bytes.
constexpr size_t kMaxSkipped = 1000;
constexpr size_t kMaxSkippedIdBytes = 500000;

// A request that has been checked.
struct Broadcast {
  core::SinkScope scope;
  gw::SendPacketReq message;
  std::optional<core::RequestId> request_id;
};

absl::StatusOr<Broadcast> Parse(const Request& request) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  if (!scope.ok()) return scope.status();
  if (!request.has_message()) return InvalidField("message", "missing");
  absl::StatusOr<gw::SendPacketReq> message = ToGateway("message", request.message());
  if (!message.ok()) return message.status();
  Broadcast broadcast{*std::move(scope), *std::move(message), std::nullopt};
  if (request.has_request_id()) {
    if (request.request_id() == 0) return InvalidField("request_id", "must not be 0");
    broadcast.request_id = request.request_id();
  }
  return broadcast;
}

void SetSkipped(const std::vector<core::SkippedSink>& skipped, Response* response) {
  for (const core::SkippedSink& sink : skipped) {
    mesh::SkippedSink& told = *response->add_skipped();
    SetSinkRef(sink.path, told.mutable_sink());
    told.set_reason(sink.in_scope ? mesh::SKIP_REASON_GATEWAY_OFFLINE
                                  : mesh::SKIP_REASON_NOT_IN_SCOPE);
  }
}

// `sent`: what came of those of the sinks that could be asked, in the same order.
void SetResults(const std::vector<core::ScopedSink>& sinks,
                const std::vector<core::SinkOutcome>& sent, Response* response) {
  auto next = sent.begin();
  for (const core::ScopedSink& sink : sinks) {
    core::RequestOutcome outcome;
    outcome.status = sink.status;
    if (sink.status.ok()) outcome = next++->outcome;
    SetSinkSendResult(sink.path, outcome, response->add_results());
  }
}

void Send(Engine* engine, const UnaryCall<Response>::Ptr& call, const Broadcast& broadcast,
          const core::RequestLimit& limit, ResolvedScope resolved) {
  std::vector<core::SinkPath> route;
  for (const core::ScopedSink& sink : resolved.sinks) {
    if (sink.status.ok()) route.push_back(sink.path);
  }
  auto done = [call, sinks = std::move(resolved.sinks),
               skipped =
                   core::SkippedSinks(*resolved.snapshot, broadcast.scope, kMaxSkipped,
                                      kMaxSkippedIdBytes)](const core::NetworkOutcome& outcome) {
    call->Succeed([&](Response* response) {
      SetResults(sinks, outcome.sinks, response);
      SetSkipped(skipped, response);
    });
  };
  if (route.empty()) return done({});
  core::RouteMemory::Use use(std::make_shared<const std::vector<core::SinkPath>>(std::move(route)));
  const core::NetworkSend::Ptr send = core::NetworkSend::Start(
      engine->network, &engine->sender, std::move(use), nullptr, broadcast.message,
      broadcast.request_id, {.limit = limit}, std::move(done));
  call->AddCancel([send] { send->Cancel(); });
}

}  // namespace

Reactor* BroadcastMessage(Engine* engine, const grpc::CallbackServerContext& context,
                          const Request& request, Response* response) {
  absl::StatusOr<Broadcast> parsed = Parse(request);
  if (!parsed.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(parsed.status()));
  const auto call = UnaryCall<Response>::Create(engine->network, response);
  const core::Instant end = core::Instant::Now() + LimitAtMost(context, kRequestLimit);
  // One that repeats an id may be told all without a broker.
  const bool may_be_known = parsed->request_id.has_value();
  const ScopeOptions options{.client_end = end,
                             .asker = AskerOf(engine->network, context),
                             .ask_half = true,
                             .for_what_is_known = may_be_known};
  core::SinkScope scope = parsed->scope;
  call->AddCancel(ResolveScope(
      engine->network, std::move(scope), options,
      [engine, call, end, may_be_known, asker = options.asker,
       broadcast = *std::move(parsed)](ResolvedScope resolved) {
        if (resolved.status.ok() && !may_be_known) resolved.status = CheckBroker(engine->network);
        if (!resolved.status.ok()) return call->Fail(resolved.grpc_status());
        const absl::Duration left = std::max(end - core::Instant::Now(), absl::ZeroDuration());
        Send(engine, call, broadcast, LimitOf(asker, left), std::move(resolved));
      }));
  return call.get();
}

}  // namespace wirepas_grpc::api
