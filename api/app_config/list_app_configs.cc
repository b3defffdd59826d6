// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "api/app_config/rpcs.h"
#include "api/call/asker.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/app_config.h"
#include "api/sinks/scope.h"

namespace wirepas_grpc::api {

using Response = mesh::ListAppConfigsResponse;
using Reactor = grpc::ServerUnaryReactor;

Reactor* ListAppConfigs(core::Network* network, const grpc::CallbackServerContext& context,
                        const mesh::ListAppConfigsRequest& request, Response* response) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  if (!scope.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(scope.status()));
  const auto call = UnaryCall<Response>::Create(response);
  const ScopeOptions options{.refresh = request.refresh(),
                             .client_end = ClientEnd(context),
                             .asker = AskerOf(network, context)};
  call->AddCancel(
      ResolveScope(network, *std::move(scope), options, [call](const ResolvedScope& resolved) {
        if (!resolved.status.ok()) return call->Fail(resolved.grpc_status());
        call->Succeed([&](Response* filled) {
          for (const core::ScopedSink& sink : resolved.sinks) {
            *filled->add_app_configs() = ToProto(sink);
          }
        });
      }));
  return call.get();
}

}  // namespace wirepas_grpc::api
