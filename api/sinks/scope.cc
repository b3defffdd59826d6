// SPDX-License-Identifier: Apache-2.0
#include "api/sinks/scope.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "api/call/asker.h"
#include "api/call/await_directory.h"
#include "api/call/deadlines.h"
#include "api/call/gateway.h"
#include "core/base/instant.h"

namespace wirepas_grpc::api {
namespace {

// From step to step: the directory is awaited, gateways are asked, sinks selected.
// Whoever takes `done_` ends it.
class Resolution {
 public:
  using Ptr = std::shared_ptr<Resolution>;

  Resolution(core::Network* network, core::SinkScope scope, const ScopeOptions& options,
             absl::AnyInvocable<void(ResolvedScope)> done)
      : network_(network), scope_(std::move(scope)), options_(options), done_(std::move(done)) {}

  static void Start(const Ptr& self) {
    absl::AnyInvocable<void()> stop =
        AwaitDirectory(self->network_, self->Limit(), [self] { Ask(self); });
    self->SetStop(std::move(stop));
  }

  void Cancel() {
    absl::AnyInvocable<void(ResolvedScope)> dropped;
    absl::AnyInvocable<void()> stop;
    {
      core::MutexLock lock(&mutex_);
      dropped = std::exchange(done_, nullptr);
      stop = std::exchange(stop_, nullptr);
    }
    if (stop != nullptr) stop();
  }

 private:
  absl::Duration Limit() const {
    return std::clamp(options_.client_end - core::Instant::Now(), absl::ZeroDuration(),
                      kRequestLimit);
  }

  static void Ask(const Ptr& self) {
    ResolvedScope failed;
    failed.status = CheckDirectory(self->network_);
    if (!failed.status.ok()) {
      if (self->options_.for_what_is_known) return self->Select({}, failed.status);
      return self->Finish(std::move(failed));
    }
    const std::vector<core::GatewayPtr> asked = core::GatewaysToAsk(
        *self->network_->directory().Snapshot(), self->scope_, self->options_.refresh);
    if (asked.empty()) return self->Select({});
    const uint64_t refresh = self->network_->RefreshSinks(
        asked,
        LimitOf(self->options_.asker, self->options_.ask_half ? self->Limit() / 2 : self->Limit()),
        [self](core::SinkAnswers answers) { self->Select(std::move(answers)); });
    self->SetStop([network = self->network_, refresh] { network->CancelRefresh(refresh); });
  }

  // `otherwise`: why nothing may be known.
  void Select(core::SinkAnswers answers, const absl::Status& otherwise = absl::OkStatus()) {
    core::SnapshotPtr snapshot = network_->directory().Snapshot();
    core::SinkSelection selection = core::SelectSinks(*snapshot, scope_, answers);
    ResolvedScope resolved;
    resolved.status = std::move(selection.status);
    if (!resolved.status.ok() && !otherwise.ok()) {
      resolved.status = otherwise;
      return Finish(std::move(resolved));
    }
    if (network_->draining() && !options_.for_what_is_known) {  // nothing is begun any more
      resolved.status = core::ShuttingDown();
      return Finish(std::move(resolved));
    }
    resolved.target = {std::move(selection.gateway_id), std::move(selection.sink_id)};
    resolved.sinks = std::move(selection.sinks);
    resolved.answers = std::move(answers);
    if (resolved.status.ok()) resolved.snapshot = std::move(snapshot);
    Finish(std::move(resolved));
  }

  void Finish(ResolvedScope resolved) {
    absl::AnyInvocable<void(ResolvedScope)> done;
    absl::AnyInvocable<void()> unused;  // destroyed after the lock is released
    {
      core::MutexLock lock(&mutex_);
      done = std::exchange(done_, nullptr);
      unused = std::exchange(stop_, nullptr);
    }
    if (done != nullptr) done(std::move(resolved));
  }

  // How the present step is called off; at once when it was cancelled meanwhile. That of
  // a step which is over does nothing, in whatever order the two come.
  void SetStop(absl::AnyInvocable<void()> stop) {
    if (stop == nullptr) return;
    {
      core::MutexLock lock(&mutex_);
      if (done_ != nullptr) {
        stop_ = [earlier = std::exchange(stop_, nullptr), stop = std::move(stop)]() mutable {
          if (earlier != nullptr) earlier();
          stop();
        };
        return;
      }
    }
    stop();
  }

  core::Network* const network_;
  const core::SinkScope scope_;
  const ScopeOptions options_;

  core::Mutex mutex_;
  absl::AnyInvocable<void(ResolvedScope)> done_ ABSL_GUARDED_BY(mutex_);
  absl::AnyInvocable<void()> stop_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

core::Instant ClientEnd(const grpc::CallbackServerContext& context) {
  const std::optional<absl::Duration> limit = ClientLimit(context);
  return limit.has_value() ? core::Instant::Now() + *limit : core::Instant::InfiniteFuture();
}

absl::AnyInvocable<void()> ResolveScope(core::Network* network, core::SinkScope scope,
                                        const ScopeOptions& options,
                                        absl::AnyInvocable<void(ResolvedScope)> done) {
  const auto resolution =
      std::make_shared<Resolution>(network, std::move(scope), options, std::move(done));
  Resolution::Start(resolution);
  return [resolution] { resolution->Cancel(); };
}

}  // namespace wirepas_grpc::api
