// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "api/app_config/rpcs.h"
#include "api/call/asker.h"
#include "api/call/errors.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/app_config.h"
#include "api/sinks/scope.h"
#include "api/sinks/sink_page.h"

namespace wirepas_grpc::api {

using Response = mesh::ListAppConfigsResponse;
using Reactor = grpc::ServerUnaryReactor;

namespace {

void Fill(const SinkPage& page, std::vector<core::ScopedSink> sinks, Response* response) {
  page.DropBefore(&sinks);
  size_t bytes = 0;
  for (size_t i = 0; i < sinks.size(); ++i) {
    if (i == page.page.size || bytes > kMaxPageBytes) {
      const core::SinkPath& last = sinks[i - 1].path;
      response->set_next_page_token(page.NextToken(last.gateway.value(), last.sink.value()));
      return;
    }
    mesh::SinkAppConfig* added = response->add_app_configs();
    *added = ToProto(sinks[i]);
    bytes += added->ByteSizeLong();
  }
}

}  // namespace

Reactor* ListAppConfigs(core::Network* network, const grpc::CallbackServerContext& context,
                        const mesh::ListAppConfigsRequest& request, Response* response) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  if (!scope.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(scope.status()));
  absl::StatusOr<SinkPage> page = ParseSinkPageOf("ListAppConfigs", request);
  if (!page.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(page.status()));
  const auto call = UnaryCall<Response>::Create(network, response);
  // The pages after the first give what is known.
  const ScopeOptions options{.refresh = request.refresh() && page->page.first,
                             .client_end = ClientEnd(context),
                             .asker = AskerOf(network, context)};
  auto then = [call, page = *std::move(page)](ResolvedScope resolved) {
    if (!resolved.status.ok()) return call->Fail(resolved.grpc_status());
    call->Succeed([&](Response* filled) { Fill(page, std::move(resolved.sinks), filled); });
  };
  call->AddCancel(ResolveScope(network, *std::move(scope), options, std::move(then)));
  return call.get();
}

}  // namespace wirepas_grpc::api
