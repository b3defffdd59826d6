// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/log_limits.h"
#include "api/call/stream_reactor.h"
#include "api/convert/node.h"
#include "api/convert/progress_interval.h"
#include "api/convert/time.h"
#include "api/nodes/rpcs.h"
#include "core/nodes/watch.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::WatchNodesResponse;
using Reactor = grpc::ServerWriteReactor<Response>;

constexpr absl::Duration kDefaultInterval = absl::Seconds(1);
constexpr absl::Duration kMaxInterval = absl::Hours(1);

class NodesWatch final : public StreamReactor<Response> {
 public:
  NodesWatch(core::Network* network, core::NodeCollector* nodes, core::NodeFilter filter,
             absl::Duration interval, absl::Duration progress_interval)
      : StreamReactor(network, progress_interval),
        nodes_(nodes),
        watch_(std::in_place, &nodes->registry(), std::move(filter), interval) {}

 private:
  void Open() override { interest_ = nodes_->Acquire(Waker()); }

  Pulled Pull(Response* response) override {
    // What is known is told without the broker; a refusal means that no more will come.
    const std::optional<absl::Status> granted = interest_->result();
    if (granted.has_value() && !granted->ok()) {
      End(ToGrpcStatus(*granted));
      return Pulled::kEnd;
    }
    const core::NodeWatch::Batch batch = watch_->Take(kMaxEntries, kMaxScan);
    for (const core::NodeChange& change : batch.changes) *response->add_events() = ToProto(change);
    response->set_snapshot_complete(batch.snapshot_complete);
    if (batch.snapshot_complete || !batch.changes.empty()) return Pulled::kSomething;
    if (batch.more) return Pulled::kMore;
    return watch_->Wait(Waker()) ? Pulled::kNothing : Pulled::kMore;
  }

  void Release() override {
    interest_.reset();
    watch_.reset();
  }

  core::NodeCollector* const nodes_;
  core::InterestPtr interest_;
  std::optional<core::NodeWatch> watch_;
};

absl::StatusOr<absl::Duration> ParseInterval(const mesh::WatchNodesRequest& request) {
  if (!request.has_update_interval()) return kDefaultInterval;
  const absl::StatusOr<absl::Duration> interval =
      FromProto("update_interval", request.update_interval());
  if (!interval.ok()) return interval.status();
  if (*interval >= absl::ZeroDuration() && *interval <= kMaxInterval) return *interval;
  return InvalidField("update_interval",
                      absl::StrCat("must be between 0 and ", absl::FormatDuration(kMaxInterval)));
}

}  // namespace

Reactor* WatchNodes(Engine* engine, core::NodeCollector* nodes,
                    const mesh::WatchNodesRequest& request) {
  absl::StatusOr<core::NodeFilter> filter = ToFilter(request.filter());
  if (!filter.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(filter.status()));
  const absl::StatusOr<absl::Duration> interval = ParseInterval(request);
  if (!interval.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(interval.status()));
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(request);
  if (!progress_interval.ok()) {
    return Refusal<Reactor>::Make(ToGrpcStatus(progress_interval.status()));
  }
  return NodesWatch::Start(std::make_shared<NodesWatch>(engine->network, nodes, *std::move(filter),
                                                        *interval, *progress_interval),
                           &engine->streams);
}

}  // namespace wirepas_grpc::api
