// SPDX-License-Identifier: Apache-2.0
#include "api/sinks/scope.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/asker.h"
#include "api/call/await_directory.h"
#include "api/call/deadlines.h"
#include "api/call/gateway.h"
#include "api/call/validate.h"
#include "core/base/instant.h"

namespace wirepas_grpc::api {
namespace {

absl::Status ReadSinks(const mesh::SinkScope& scope, std::set<core::SinkPath>* sinks) {
  FilterSize size;
  for (int i = 0; i < scope.sinks_size(); ++i) {
    const mesh::SinkRef& ref = scope.sinks(i);
    const absl::Status fits =
        size.AddBytes("scope.sinks", ref.gateway_id().size() + ref.sink_id().size());
    if (!fits.ok()) return fits;
    absl::StatusOr<SinkName> name = ParseSinkName(ref.gateway_id(), ref.sink_id());
    if (!name.ok()) {
      return absl::Status(name.status().code(),
                          absl::StrCat("scope.sinks[", i, "].", name.status().message()));
    }
    sinks->insert({std::move(name->gateway), std::move(name->sink)});
  }
  return absl::OkStatus();
}

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

absl::StatusOr<core::SinkScope> ParseScope(const mesh::SinkScope* scope) {
  if (scope == nullptr) return InvalidField("scope", "missing");
  if (!scope->has_network_address() && scope->sinks().empty()) {
    return InvalidField("scope.network_address", "missing; needed unless sinks are named");
  }
  absl::Status status;
  if (scope->has_network_address()) {
    status = CheckNetworkAddress("scope.network_address", scope->network_address());
  }
  status.Update(FilterSize().AddIds("scope.gateway_ids", scope->gateway_ids()));
  status.Update(CheckCount("scope.sinks", scope->sinks_size()));
  status.Update(CheckIds("scope.gateway_ids", scope->gateway_ids()));
  if (!scope->gateway_ids().empty() && !scope->sinks().empty()) {
    status.Update(InvalidField("scope.gateway_ids", "not possible together with sinks"));
  }
  core::SinkScope result;
  if (status.ok()) status = ReadSinks(*scope, &result.sinks);
  if (!status.ok()) return status;
  if (scope->has_network_address()) result.network_address = scope->network_address();
  for (const std::string& id : scope->gateway_ids()) {
    result.gateways.insert(*core::GatewayId::Parse(id));
  }
  result.skip_offline = scope->skip_offline();
  result.allow_unknown_gateway = scope->allow_unknown_gateway();
  return result;
}

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
