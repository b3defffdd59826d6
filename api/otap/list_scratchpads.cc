// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <utility>

#include "api/call/refusal.h"
#include "api/convert/scratchpad.h"
#include "api/convert/sink_path.h"
#include "api/otap/rpcs.h"
#include "api/sinks/calls.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::ListScratchpadsResponse;
using Reactor = grpc::ServerUnaryReactor;

void Fill(const std::vector<core::ScopedSink>& sinks, const Outcomes& outcomes,
          Response* response) {
  std::set<uint32_t> stored;
  std::set<uint32_t> target;
  for (size_t i = 0; i < sinks.size(); ++i) {
    mesh::SinkScratchpad* sink = response->add_sinks();
    SetSinkRef(sinks[i].path, sink->mutable_sink());
    if (!outcomes[i].status.ok()) {
      *sink->mutable_error() = ToCallError(outcomes[i], TargetOf(sinks[i].path));
      continue;
    }
    const gw::GetScratchpadStatusResp& answer = outcomes[i].response->get_scratchpad_status_resp();
    *sink->mutable_status() = ToProto(answer);
    if (answer.stored_scratchpad().seq() != 0) stored.insert(answer.stored_scratchpad().seq());
    if (answer.target_and_action().has_target_sequence()) {
      target.insert(answer.target_and_action().target_sequence());
    }
  }
  response->mutable_stored_sequences()->Add(stored.begin(), stored.end());
  response->mutable_target_sequences()->Add(target.begin(), target.end());
}

}  // namespace

Reactor* ListScratchpads(Engine* engine, const grpc::CallbackServerContext& context,
                         const mesh::ListScratchpadsRequest& request, Response* response) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  if (!scope.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(scope.status()));
  const auto call = UnaryCall<Response>::Create(engine->network, response);
  const CallTime time(engine->network, context);
  CallSinks<Response>(engine->network, *std::move(scope), time,
                      AskScratchpadStatus(engine->network, time), call, Fill);
  return call.get();
}

}  // namespace wirepas_grpc::api
