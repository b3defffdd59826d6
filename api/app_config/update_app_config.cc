// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "api/app_config/rpcs.h"
#include "api/call/asker.h"
#include "api/call/await_directory.h"
#include "api/call/errors.h"
#include "api/call/refusal.h"
#include "api/call/unary.h"
#include "api/convert/app_config.h"
#include "api/convert/sink_path.h"
#include "api/sinks/scope.h"
#include "core/base/instant.h"

namespace wirepas_grpc::api {
namespace {

using Reactor = grpc::ServerUnaryReactor;
using Outcome = core::AppConfigChange::Outcome;
using Changes = std::vector<core::AppConfigChange>;

bool IsComplete(const Changes& changes, bool dry_run) {
  return std::all_of(changes.begin(), changes.end(), [&](const core::AppConfigChange& change) {
    return change.outcome == Outcome::kUnchanged ||
           change.outcome == (dry_run ? Outcome::kChecked : Outcome::kChanged);
  });
}

template <typename Response>
void EndCall(UnaryCall<Response>* call, const core::AppConfigUpdater::Result& result,
             bool dry_run) {
  if (!result.ok()) return call->Fail(ToGrpcStatus(result.status(), TargetOf(result.status())));
  call->Succeed([&](Response* response) {
    for (const core::AppConfigChange& change : *result) {
      *response->add_changes() = ToProto(change);
    }
    response->set_complete(IsComplete(*result, dry_run));
  });
}

// From step to step: the sinks of the scope are found, then updated.
template <typename Request, typename Response>
Reactor* Update(core::Network* network, core::AppConfigUpdater* updater,
                const grpc::CallbackServerContext& context, const Request& request,
                Response* response) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  if (!scope.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(scope.status()));
  absl::StatusOr<core::AppConfigEdit> edit = ParseEdit(request);
  if (!edit.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(edit.status()));

  core::AppConfigUpdater::Job job;
  job.network_address = scope->network_address;
  job.allow_unknown_gateway = scope->allow_unknown_gateway;
  job.edit = *std::move(edit);
  job.dry_run = request.dry_run();
  const core::Instant end = ClientEnd(context);
  job.asker = AskerOf(network, context);
  const auto call = UnaryCall<Response>::Create(network, response);
  auto then = [network, updater, call, job = std::move(job),
               end](const ResolvedScope& resolved) mutable {
    if (!resolved.status.ok()) return call->Fail(resolved.grpc_status());
    const absl::Status broker = CheckBroker(network);
    if (!broker.ok()) return call->Fail(ToGrpcStatus(broker));
    for (const core::ScopedSink& sink : resolved.sinks) job.sinks.push_back(sink.path);
    job.limit = std::max(end - core::Instant::Now(), absl::ZeroDuration());
    const bool dry_run = job.dry_run;
    const auto update = updater->Start(
        std::move(job), [call, dry_run](const core::AppConfigUpdater::Result& result) {
          EndCall(call.get(), result, dry_run);
        });
    call->AddCancel([updater, update] { updater->Cancel(update); });
  };
  const ScopeOptions options{.client_end = end, .asker = AskerOf(network, context)};
  call->AddCancel(ResolveScope(network, *std::move(scope), options, std::move(then)));
  return call.get();
}

}  // namespace

Reactor* UpdateAppConfig(core::Network* network, core::AppConfigUpdater* updater,
                         const grpc::CallbackServerContext& context,
                         const mesh::UpdateAppConfigRequest& request,
                         mesh::UpdateAppConfigResponse* response) {
  return Update(network, updater, context, request, response);
}

Reactor* SetLocalProvisioning(core::Network* network, core::AppConfigUpdater* updater,
                              const grpc::CallbackServerContext& context,
                              const mesh::SetLocalProvisioningRequest& request,
                              mesh::SetLocalProvisioningResponse* response) {
  return Update(network, updater, context, request, response);
}

}  // namespace wirepas_grpc::api
