// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "api/call/refusal.h"
#include "api/convert/scratchpad.h"
#include "api/convert/sink_path.h"
#include "api/otap/rpcs.h"
#include "api/sinks/calls.h"
#include "api/sinks/sink_page.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::ListScratchpadsResponse;
using Reactor = grpc::ServerUnaryReactor;

// The sinks of a page, which are asked.
struct AskedPage {
  AskedPage(SinkPage page_in, std::vector<core::ScopedSink> all) : page(std::move(page_in)) {
    page.DropBefore(&all);
    more = all.size() > page.page.size;
    if (more) all.erase(all.begin() + static_cast<ptrdiff_t>(page.page.size), all.end());
    sinks = std::move(all);
  }

  SinkPage page;
  std::vector<core::ScopedSink> sinks;
  bool more = false;  // there are sinks behind these
};

void SetSink(const core::ScopedSink& asked, const core::RequestOutcome& outcome,
             mesh::SinkScratchpad* sink) {
  SetSinkRef(asked.path, sink->mutable_sink());
  if (outcome.status.ok()) {
    *sink->mutable_status() = ToProto(outcome.response->get_scratchpad_status_resp());
  } else {
    *sink->mutable_error() = ToCallError(outcome, TargetOf(asked.path));
  }
}

void AddSequences(const gw::GetScratchpadStatusResp& answer, std::set<uint32_t>* stored,
                  std::set<uint32_t>* target) {
  if (answer.stored_scratchpad().seq() != 0) stored->insert(answer.stored_scratchpad().seq());
  if (answer.target_and_action().has_target_sequence()) {
    target->insert(answer.target_and_action().target_sequence());
  }
}

// A page that takes too many bytes ends early: those behind it were asked in vain.
void Fill(const AskedPage& asked, const Outcomes& outcomes, Response* response) {
  std::set<uint32_t> stored;
  std::set<uint32_t> target;
  size_t bytes = 0;
  size_t given = 0;
  for (; given < outcomes.size() && bytes <= kMaxPageBytes; ++given) {
    mesh::SinkScratchpad* sink = response->add_sinks();
    SetSink(asked.sinks[given], outcomes[given], sink);
    bytes += sink->ByteSizeLong();
    if (!outcomes[given].status.ok()) continue;
    AddSequences(outcomes[given].response->get_scratchpad_status_resp(), &stored, &target);
  }
  response->mutable_stored_sequences()->Add(stored.begin(), stored.end());
  response->mutable_target_sequences()->Add(target.begin(), target.end());
  if (given == 0 || (given == outcomes.size() && !asked.more)) return;
  const core::SinkPath& last = asked.sinks[given - 1].path;
  response->set_next_page_token(asked.page.NextToken(last.gateway.value(), last.sink.value()));
}

}  // namespace

Reactor* ListScratchpads(Engine* engine, const grpc::CallbackServerContext& context,
                         const mesh::ListScratchpadsRequest& request, Response* response) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  if (!scope.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(scope.status()));
  absl::StatusOr<SinkPage> page = ParseSinkPageOf("ListScratchpads", request);
  if (!page.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(page.status()));
  core::Network* const network = engine->network;
  const auto call = UnaryCall<Response>::Create(network, response);
  const CallTime time(network, context);
  auto ask = [network, call, time, page = *std::move(page)](ResolvedScope resolved) {
    if (!resolved.status.ok()) return call->Fail(resolved.grpc_status());
    const auto asked = std::make_shared<const AskedPage>(page, std::move(resolved.sinks));
    const SinksPtr sinks(asked, &asked->sinks);
    call->AddCancel(AskEach(network, sinks, AskScratchpadStatus(network, time),
                            [call, asked](const Outcomes& outcomes) {
                              call->Succeed(
                                  [&](Response* filled) { Fill(*asked, outcomes, filled); });
                            }));
  };
  call->AddCancel(ResolveScope(network, *std::move(scope),
                               {.client_end = time.end(), .asker = time.asker()}, std::move(ask)));
  return call.get();
}

}  // namespace wirepas_grpc::api
