// SPDX-License-Identifier: Apache-2.0
//
// What the RPCs on a SinkScope have in common: to ask each of its sinks something.
#ifndef WIREPAS_GRPC_API_SINKS_CALLS_H_
#define WIREPAS_GRPC_API_SINKS_CALLS_H_

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/call/asker.h"
#include "api/call/namespaces.h"
#include "api/call/unary.h"
#include "api/sinks/scope.h"
#include "core/base/instant.h"
#include "core/directory/sink_scope.h"
#include "core/network/network.h"
#include "core/sinks/ask_gateway.h"
#include "core/sinks/fan_out.h"
#include "gateway_api/generic_message.pb.h"
#include "grpcpp/server_context.h"
#include "wirepas/mesh/v1/otap.pb.h"
#include "wirepas/mesh/v1/sink_scope.pb.h"

namespace wirepas_grpc::api {

// Until when a client waits, and so how long its gateways have; and who the client is.
class CallTime {
 public:
  CallTime(core::Network* network, const grpc::CallbackServerContext& context)
      : end_(ClientEnd(context)), asker_(AskerOf(network, context)) {}

  // InfiniteFuture: the client has set no deadline.
  core::Instant end() const { return end_; }
  const core::AskerPtr& asker() const { return asker_; }
  // How long one gateway or sink of many has: `limit`, or what is left until the client's
  // deadline if that is less. Not more, however long the client waits: those that do not
  // answer would keep the others from their turn. Zero: the client is as good as gone.
  core::RequestLimit Within(absl::Duration limit) const;

 private:
  core::Instant end_;
  core::AskerPtr asker_;
};

using SinksPtr = std::shared_ptr<const std::vector<core::ScopedSink>>;
using Outcomes = std::vector<core::RequestOutcome>;  // one per sink, in their order

// Asks one sink something: see core::SinkFanOut::Work::begin.
using AskSink =
    std::function<core::SinkFanOut::Cancel(const core::ScopedSink& sink, core::RequestDone done)>;

// Asks sinks for the status of their scratchpads.
AskSink AskScratchpadStatus(core::Network* network, const CallTime& time);

// Asks all sinks, many at the same time. `done` is called on the executor, unless it is
// taken back by what this returns, from any thread and any number of times.
absl::AnyInvocable<void()> AskEach(core::Network* network, SinksPtr sinks, AskSink ask,
                                   absl::AnyInvocable<void(const Outcomes&)> done);

// A unary RPC that asks each sink of a scope: `fill` is
// void(const std::vector<core::ScopedSink>&, const Outcomes&, Response*).
template <typename Response, typename Fill>
void CallSinks(core::Network* network, core::SinkScope scope, const CallTime& time, AskSink ask,
               const typename UnaryCall<Response>::Ptr& call, Fill fill) {
  auto resolved = [network, ask = std::move(ask), call, fill](ResolvedScope result) {
    if (!result.status.ok()) return call->Fail(result.grpc_status());
    auto sinks = std::make_shared<const std::vector<core::ScopedSink>>(std::move(result.sinks));
    call->AddCancel(AskEach(network, sinks, ask, [call, fill, sinks](const Outcomes& outcomes) {
      call->Succeed([&](Response* response) { fill(*sinks, outcomes, response); });
    }));
  };
  call->AddCancel(ResolveScope(network, std::move(scope),
                               {.client_end = time.end(), .asker = time.asker()},
                               std::move(resolved)));
}

// The usual result of a sink.
void SetResult(const core::ScopedSink& sink, const core::RequestOutcome& outcome,
               mesh::SinkResult* result);

// For responses that have `results` and nothing else.
template <typename Response>
void FillResults(const std::vector<core::ScopedSink>& sinks, const Outcomes& outcomes,
                 Response* response) {
  for (size_t i = 0; i < sinks.size(); ++i)
    SetResult(sinks[i], outcomes[i], response->add_results());
}

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_SINKS_CALLS_H_
