// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/convert/progress_interval.h"
#include "api/convert/sink.h"
#include "api/network/rpcs.h"
#include "api/network/sink_changes.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::UpdateSinkConfigsResponse;
using Reactor = grpc::ServerWriteReactor<Response>;

// Two nodes of a network cannot have the same address.
absl::Status CheckOneSink(const std::vector<core::ScopedSink>& sinks) {
  if (sinks.size() == 1) return absl::OkStatus();
  return InvalidField("update.node_address", "is for one sink, and the scope has more");
}

}  // namespace

Reactor* UpdateSinkConfigs(Engine* engine, const grpc::CallbackServerContext& context,
                           const mesh::UpdateSinkConfigsRequest& request) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  absl::StatusOr<core::SinkConfigUpdate> update = ParseUpdate(request.update());
  const absl::StatusOr<size_t> max_concurrent = ParseChangedAtOnce(request.max_concurrent());
  absl::Status status = scope.status();
  status.Update(update.status());
  status.Update(max_concurrent.status());
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(request);
  status.Update(progress_interval.status());
  if (!status.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(status));
  SinkChangeJob job;
  job.scope = *std::move(scope);
  if (update->whole.has_node_address()) job.check_all = CheckOneSink;
  job.check = [update = std::make_shared<const core::SinkConfigUpdate>(*std::move(update))](
                  const core::ScopedSink& sink) {
    core::SinkCheck check = core::CheckConfigUpdate(update, sink);
    check.status = InPart("update", check.status);
    return check;
  };
  job.max_concurrent = *max_concurrent;
  job.sink_limit = kSetSinkConfigLimit;
  job.dry_run = request.dry_run();
  return SinkChangeStream<Response>::Start(
      std::make_shared<SinkChangeStream<Response>>(
          engine, std::move(job), CallTime(engine->network, context), *progress_interval),
      &engine->streams);
}

}  // namespace wirepas_grpc::api
