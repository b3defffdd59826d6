// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <utility>

#include "api/call/errors.h"
#include "api/call/log_limits.h"
#include "api/call/stream_reactor.h"
#include "api/convert/filter.h"
#include "api/convert/gap.h"
#include "api/convert/message.h"
#include "api/convert/progress_interval.h"
#include "api/network/rpcs.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::SubscribeDownlinkResponse;
using Reactor = grpc::ServerWriteReactor<Response>;

class DownlinkSubscription final : public StreamReactor<Response> {
 public:
  DownlinkSubscription(core::Network* network, core::TrafficFilter filter,
                       absl::Duration progress_interval)
      : StreamReactor(network, progress_interval), network_(network), filter_(std::move(filter)) {}

 private:
  void Open() override {
    interest_ = network_->AcquireDownlinks(Waker());
    // The broker may take its time, or not be there: let the client know that the
    // call as such has been taken.
    if (!interest_->result().has_value()) StartSendInitialMetadata();
  }

  Pulled Pull(Response* response) override {
    const std::optional<absl::Status> confirmed = interest_->result();
    if (!confirmed.has_value()) return Pulled::kNothing;
    if (!confirmed->ok()) {
      End(ToGrpcStatus(*confirmed));
      return Pulled::kEnd;
    }
    if (next_ > 0) return PullMore(response);
    // The broker has confirmed: the first response has no downlinks.
    response->set_confirmed(true);
    next_ = network_->downlinks().next();
    return Pulled::kSomething;
  }

  void FillProgress(Response* response) override { response->set_confirmed(next_ > 0); }

  void Release() override {
    interest_.reset();
    if (wait_.has_value()) network_->downlinks().CancelWait(*wait_);
  }

  Pulled PullMore(Response* response) {
    size_t bytes = 0;
    const auto visit = [&](const core::Downlink& downlink) {
      if (!filter_.Matches(downlink)) return true;
      if (response->downlinks_size() == kMaxEntries || bytes > kMaxBytes) return false;
      mesh::Downlink* added = response->add_downlinks();
      *added = ToProto(downlink);
      bytes += added->ByteSizeLong();
      return true;
    };
    const core::DownlinkLog::ReadResult read = network_->downlinks().Read(next_, kMaxScan, visit);
    if (read.gap.has_value()) *response->mutable_gap() = ToProto(*read.gap);
    const bool moved = read.next != next_;
    next_ = read.next;
    if (response->downlinks_size() > 0 || read.gap.has_value()) {
      response->set_confirmed(true);
      return Pulled::kSomething;
    }
    if (moved) return Pulled::kMore;
    wait_ = network_->downlinks().Wait(next_, Waker());
    return wait_.has_value() ? Pulled::kNothing : Pulled::kMore;
  }

  core::Network* const network_;
  const core::TrafficFilter filter_;
  core::InterestPtr interest_;
  uint64_t next_ = 0;  // the log's entry to read next; 0: the place is not taken yet
  std::optional<core::WaitId> wait_;
};

}  // namespace

Reactor* SubscribeDownlink(Engine* engine, const mesh::SubscribeDownlinkRequest& request) {
  absl::StatusOr<core::TrafficFilter> filter = ToFilter(request.filter());
  if (!filter.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(filter.status()));
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(request);
  if (!progress_interval.ok()) {
    return Refusal<Reactor>::Make(ToGrpcStatus(progress_interval.status()));
  }
  return DownlinkSubscription::Start(std::make_shared<DownlinkSubscription>(
                                         engine->network, *std::move(filter), *progress_interval),
                                     &engine->streams);
}

}  // namespace wirepas_grpc::api
