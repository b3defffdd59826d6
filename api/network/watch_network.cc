// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/call/errors.h"
#include "api/call/stream_reactor.h"
#include "api/convert/progress_interval.h"
#include "api/network/rpcs.h"
#include "api/sinks/network_view.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::WatchNetworkResponse;
using Reactor = grpc::ServerWriteReactor<Response>;

// What one response carries at most; a single event may be larger.
constexpr int kMaxEvents = 500;
constexpr size_t kMaxEventBytes = 1 << 20;

// A watcher holds the last view it was told of. The next differences are taken when
// it has read the ones before: so changes that come meanwhile merge, and nothing
// queues.
class NetworkWatch final : public StreamReactor<Response> {
 public:
  NetworkWatch(core::Network* network, NetworkView view, absl::Duration progress_interval)
      : StreamReactor(network, progress_interval),
        directory_(&network->directory()),
        view_(std::move(view)) {}

 private:
  Pulled Pull(Response* response) override {
    if (position_ == changes_.size() && !LookForChanges()) {
      wait_ = directory_->Wait(version_, Waker());
      return wait_.has_value() ? Pulled::kNothing : Pulled::kMore;
    }
    size_t bytes = 0;
    while (position_ < changes_.size() && response->events_size() < kMaxEvents &&
           bytes < kMaxEventBytes) {
      mesh::NetworkEvent* event = response->add_events();
      *event = ToProto(changes_[position_++], in_snapshot_);
      bytes += event->ByteSizeLong();
    }
    if (position_ == changes_.size()) {
      changes_.clear();  // lets go of what is no longer there
      position_ = 0;
      if (in_snapshot_) response->set_snapshot_complete(true);
      in_snapshot_ = false;
    }
    return Pulled::kSomething;
  }

  void Release() override {
    if (wait_.has_value()) directory_->CancelWait(*wait_);
  }

  // False: there is nothing to tell. The snapshot is told also when it is empty.
  bool LookForChanges() {
    const core::SnapshotPtr snapshot = directory_->Snapshot();
    if (snapshot->version == version_) return false;
    version_ = snapshot->version;
    core::SnapshotPtr seen = view_.Of(snapshot);
    changes_ = core::Diff(known_.get(), *seen);
    position_ = 0;
    known_ = std::move(seen);
    return in_snapshot_ || !changes_.empty();
  }

  core::NetworkDirectory* const directory_;
  const NetworkView view_;
  core::SnapshotPtr known_;  // as far as the watcher is told, or will be by changes_
  uint64_t version_ = 0;     // of the directory, in known_
  std::vector<core::NetworkChange> changes_;
  size_t position_ = 0;  // in changes_
  bool in_snapshot_ = true;
  std::optional<core::WaitId> wait_;
};

}  // namespace

Reactor* WatchNetwork(Engine* engine, const mesh::WatchNetworkRequest& request) {
  absl::StatusOr<NetworkView> view = NetworkView::Parse(request);
  if (!view.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(view.status()));
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(request);
  if (!progress_interval.ok()) {
    return Refusal<Reactor>::Make(ToGrpcStatus(progress_interval.status()));
  }
  return NetworkWatch::Start(
      std::make_shared<NetworkWatch>(engine->network, *std::move(view), *progress_interval),
      &engine->streams);
}

}  // namespace wirepas_grpc::api
