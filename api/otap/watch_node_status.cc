// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <utility>

#include "api/call/errors.h"
#include "api/call/log_limits.h"
#include "api/call/stream_reactor.h"
#include "api/convert/node_status.h"
#include "api/convert/progress_interval.h"
#include "api/otap/rpcs.h"
#include "core/otap/node_status_registry.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::WatchNodeStatusResponse;
using Reactor = grpc::ServerWriteReactor<Response>;
using From = core::NodeStatusWatch::From;

class StatusWatch final : public StreamReactor<Response> {
 public:
  StatusWatch(core::Network* network, core::NodeStatusCollector* statuses,
              core::NodeStatusFilter filter, From from, absl::Duration progress_interval)
      : StreamReactor(network, progress_interval),
        statuses_(statuses),
        filter_(std::move(filter)),
        from_(from) {}

 private:
  void Open() override {
    interest_ = statuses_->Acquire(Waker());
    // The broker may take its time, or not be there: let the client know that the
    // call as such has been taken.
    if (!interest_->result().has_value()) StartSendInitialMetadata();
  }

  Pulled Pull(Response* response) override {
    const std::optional<absl::Status> granted = interest_->result();
    if (granted.has_value() && !granted->ok()) {
      End(ToGrpcStatus(*granted));
      return Pulled::kEnd;
    }
    if (!granted.has_value()) return Pulled::kNothing;
    const bool is_first = !watch_.has_value();
    if (is_first) watch_.emplace(&statuses_->registry(), filter_, from_);
    const core::NodeStatusWatch::Batch batch = watch_->Take(kMaxEntries, kMaxScan);
    for (const core::NodeWithStatus& node : batch.statuses) {
      *response->add_statuses() = ToProto(node);
    }
    response->set_confirmed(true);
    if (is_first || !batch.statuses.empty()) return Pulled::kSomething;
    if (batch.more) return Pulled::kMore;
    return watch_->Wait(Waker()) ? Pulled::kNothing : Pulled::kMore;
  }

  void FillProgress(Response* response) override { response->set_confirmed(watch_.has_value()); }

  void Release() override {
    interest_.reset();
    watch_.reset();
  }

  core::NodeStatusCollector* const statuses_;
  const core::NodeStatusFilter filter_;
  const From from_;
  core::InterestPtr interest_;
  std::optional<core::NodeStatusWatch> watch_;  // once the broker has granted
};

}  // namespace

Reactor* WatchNodeStatus(Engine* engine, core::NodeStatusCollector* statuses,
                         const mesh::WatchNodeStatusRequest& request) {
  absl::StatusOr<core::NodeStatusFilter> filter = ToFilter(request.filter());
  if (!filter.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(filter.status()));
  const From from = request.include_known() ? From::kKnown : From::kNow;
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(request);
  if (!progress_interval.ok()) {
    return Refusal<Reactor>::Make(ToGrpcStatus(progress_interval.status()));
  }
  return StatusWatch::Start(
      std::make_shared<StatusWatch>(engine->network, statuses, *std::move(filter), from,
                                    *progress_interval),
      &engine->streams);
}

}  // namespace wirepas_grpc::api
