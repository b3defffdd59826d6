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

using Response = mesh::SetConfigurationDataItemsResponse;
using Reactor = grpc::ServerWriteReactor<Response>;

Reactor* SetConfigurationDataItems(Engine* engine, const grpc::CallbackServerContext& context,
                                   const mesh::SetConfigurationDataItemsRequest& request) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  const absl::StatusOr<gw::ConfigurationDataItem> item = ParseItem(request.item());
  const absl::StatusOr<size_t> max_concurrent = ParseChangedAtOnce(request.max_concurrent());
  absl::Status status = scope.status();
  if (!request.has_item()) status.Update(InvalidField("item", "missing"));
  status.Update(item.status());
  status.Update(max_concurrent.status());
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(request);
  status.Update(progress_interval.status());
  if (!status.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(status));
  SinkChangeJob job;
  job.scope = *std::move(scope);
  job.check = [item = std::make_shared<const gw::ConfigurationDataItem>(*item)](
                  const core::ScopedSink& sink) {
    return core::CheckConfigurationData(item, sink);
  };
  job.max_concurrent = *max_concurrent;
  job.sink_limit = kRequestLimit;
  job.dry_run = request.dry_run();
  // A gateway's answer to the change does not tell its items: those known may be older.
  job.refresh = true;
  return SinkChangeStream<Response>::Start(
      std::make_shared<SinkChangeStream<Response>>(engine, std::move(job),
                                                   CallTime(engine->network, context),
                                                   *progress_interval),
      &engine->streams);
}

}  // namespace wirepas_grpc::api
