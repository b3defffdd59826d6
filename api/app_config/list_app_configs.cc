// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "api/app_config/rpcs.h"
#include "api/call/asker.h"
#include "api/call/errors.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/app_config.h"
#include "api/sinks/scope.h"

namespace wirepas_grpc::api {

using Response = mesh::ListAppConfigsResponse;
using Reactor = grpc::ServerUnaryReactor;

namespace {

// Below the 4 MiB that clients take.
constexpr size_t kMaxListBytes = 7 << 19;
// Of an entry in the list: tag and length.
constexpr size_t kFraming = 5;

absl::Status TooLarge() {
  return absl::ResourceExhaustedError(
      "the app configs of the scope do not fit in one response; narrow it by gateways");
}

}  // namespace

Reactor* ListAppConfigs(core::Network* network, const grpc::CallbackServerContext& context,
                        const mesh::ListAppConfigsRequest& request, Response* response) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  if (!scope.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(scope.status()));
  const auto call = UnaryCall<Response>::Create(network, response);
  const ScopeOptions options{.refresh = request.refresh(),
                             .client_end = ClientEnd(context),
                             .asker = AskerOf(network, context)};
  call->AddCancel(
      ResolveScope(network, *std::move(scope), options, [call](const ResolvedScope& resolved) {
        if (!resolved.status.ok()) return call->Fail(resolved.grpc_status());
        Response filled;
        size_t bytes = 0;
        for (const core::ScopedSink& sink : resolved.sinks) {
          mesh::SinkAppConfig* added = filled.add_app_configs();
          *added = ToProto(sink);
          bytes += added->ByteSizeLong() + kFraming;
          if (bytes > kMaxListBytes) return call->Fail(ToGrpcStatus(TooLarge()));
        }
        call->Succeed([&](Response* response) { response->Swap(&filled); });
      }));
  return call.get();
}

}  // namespace wirepas_grpc::api
