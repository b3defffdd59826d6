// SPDX-License-Identifier: Apache-2.0
#include "core/app_config/updater.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/mutex.h"
#include "core/base/reason.h"
#include "core/sinks/config_update.h"
#include "gateway_api/sink_config.pb.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;
using Outcome = AppConfigChange::Outcome;

class AppConfigUpdater::Update {
 public:
  Update(Job job_in, Instant end_in, absl::AnyInvocable<void(Result)> done_in)
      : job(std::move(job_in)), end(end_in), done(std::move(done_in)) {}

  const Job job;
  const Instant end;
  absl::AnyInvocable<void(Result)> done;  // used once, by the last executor task
  SinkHolds::HoldPtr hold;                // let go of by that task; null: a dry run

  Mutex mutex;
  bool cancelled ABSL_GUARDED_BY(mutex) = false;
  uint64_t refreshing ABSL_GUARDED_BY(mutex) = 0;  // for CancelRefresh(); 0: it is over
  std::vector<AppConfigChange> changes ABSL_GUARDED_BY(mutex);
  SinkFanOut::Ptr fan_out ABSL_GUARDED_BY(mutex);  // while changes are being sent
};

namespace {

absl::Status Cancelled() {
  return WithReason(absl::CancelledError("the call was cancelled"), Reason::kCancelled);
}

// Finds out what one update makes of each sink.
class Checker {
 public:
  Checker(const DirectorySnapshot& snapshot, const AppConfigUpdater::Job& job,
          const SinkAnswers& answers, bool connected)
      : snapshot_(snapshot), job_(job), answers_(answers), connected_(connected) {}

  // Nothing: there is nothing to send.
  std::optional<PlannedChange> Check(AppConfigChange* change) const {
    const SinkPath& sink = change->sink;
    const GatewayPtr gateway = snapshot_.Find(sink.gateway.value());
    const bool silent = answers_.IsSilent(sink.gateway.value());
    const RequestOutcome* const failed = answers_.FindFailed(sink.gateway.value());
    if (gateway == nullptr && !silent && failed == nullptr) {
      return Refuse(change, absl::NotFoundError("the gateway is not known"),
                    Reason::kGatewayNotKnown);
    }
    if (gateway != nullptr && !gateway->reachable()) {
      return Refuse(change, absl::UnavailableError("the gateway is offline"),
                    Reason::kGatewayOffline);
    }
    if (!connected_) {
      return Refuse(change, absl::UnavailableError("the connection to the broker was lost"),
                    Reason::kBrokerNotConnected);
    }
    if (silent) {
      return Refuse(
          change,
          absl::DeadlineExceededError("the gateway did not answer when asked for its sinks"),
          Reason::kNoAnswer);
    }
    if (failed != nullptr) {
      return Refuse(change,
                    WithMessage(failed->status, absl::StrCat("asking the gateway for its sinks: ",
                                                             failed->status.message())));
    }
    const auto found = gateway->sinks.find(sink.sink.value());
    if (found == gateway->sinks.end()) {
      return Refuse(change, absl::NotFoundError("the sink is not known"), Reason::kSinkNotKnown);
    }
    return CheckConfig({sink, gateway, found->second, /*silent=*/false, absl::OkStatus()}, change);
  }

 private:
  std::optional<PlannedChange> CheckConfig(ScopedSink sink, AppConfigChange* change) const {
    const SinkConfig& config = *sink.config;
    if (job_.network_address.has_value() && config.network_address() != *job_.network_address) {
      return Refuse(
          change,
          absl::NotFoundError(absl::StrCat("the sink is not in network ", *job_.network_address)),
          Reason::kSinkNotKnown);
    }
    change->max_size = MaxAppConfigSize(config);
    if (!config.has_app_config()) {
      return Refuse(change, absl::FailedPreconditionError("the sink does not tell its app config"),
                    Reason::kSinkNotReady);
    }
    EditedAppConfig edited =
        EditAppConfig(job_.edit, config.app_config().app_config_data(), change->max_size);
    change->size_before = edited.size_before;
    change->size_after = edited.size_after;
    if (!edited.status.ok()) return Refuse(change, edited.status);
    if (!edited.data.has_value()) {
      change->outcome = Outcome::kUnchanged;
      return std::nullopt;
    }
    change->outcome = Outcome::kChecked;
    gw::WirepasMessage message;
    gw::SinkNewConfig* wanted = message.mutable_set_config_req()->mutable_config();
    wanted->set_sink_id(sink.path.sink.value());
    *wanted->mutable_app_config() = config.app_config();
    wanted->mutable_app_config()->set_app_config_data(*std::move(edited.data));
    wanted->mutable_app_config()->set_seq(NextAppConfigSequence(config.app_config().seq()));
    return PlannedChange{std::move(sink), {RequestKind::kSetConfig, [message] { return message; }}};
  }

  // Nothing was sent.
  static std::nullopt_t Refuse(AppConfigChange* change, const absl::Status& status) {
    const SinkPath& sink = change->sink;
    change->outcome = Outcome::kRefused;
    change->error.status =
        WithMessage(status, absl::StrCat(RequestTargetText(sink.gateway.value(), sink.sink.value()),
                                         ": ", status.message(), "; nothing was sent"));
    return std::nullopt;
  }
  static std::nullopt_t Refuse(AppConfigChange* change, const absl::Status& status, Reason reason) {
    return Refuse(change, WithReason(status, reason));
  }

  const DirectorySnapshot& snapshot_;
  const AppConfigUpdater::Job& job_;
  const SinkAnswers& answers_;
  const bool connected_;
};

}  // namespace

std::shared_ptr<AppConfigUpdater::Update> AppConfigUpdater::Start(
    Job job, absl::AnyInvocable<void(Result)> done) {
  const Instant end = network_->scheduler().MonotonicNow() + job.limit;
  auto update = std::make_shared<Update>(std::move(job), end, std::move(done));
  if (network_->draining()) {
    network_->executor().Post([update] { update->done(ShuttingDown()); });
    return update;
  }
  if (!update->job.dry_run) {
    absl::StatusOr<SinkHolds::HoldPtr> hold = holds_->Take(update->job.sinks);
    if (!hold.ok()) {
      network_->executor().Post([update, status = hold.status()] { update->done(status); });
      return update;
    }
    update->hold = *std::move(hold);
  }
  network_->executor().Post([this, update] { Refresh(update); });
  return update;
}

void AppConfigUpdater::Refresh(const std::shared_ptr<Update>& update) {
  const absl::Duration left = update->end - network_->scheduler().MonotonicNow();
  std::set<GatewayId> ids;
  for (const SinkPath& sink : update->job.sinks) ids.insert(sink.gateway);
  std::vector<GatewayPtr> gateways;
  for (const GatewayId& id : ids) {
    GatewayPtr gateway = network_->directory().Find(id.value());
    if (gateway == nullptr && update->job.allow_unknown_gateway) {
      auto unknown = std::make_shared<GatewayRecord>();
      unknown->id = id.value();
      gateway = std::move(unknown);
    }
    if (gateway != nullptr && gateway->reachable()) gateways.push_back(std::move(gateway));
  }
  MutexLock lock(&update->mutex);
  if (update->cancelled) {
    network_->executor().Post([this, update] { Finish(update, Cancelled()); });
    return;
  }
  RequestLimit limit = std::clamp(left, absl::ZeroDuration(), kRefreshLimit);
  limit.asker = update->job.asker;
  update->refreshing = network_->RefreshSinks(
      gateways, limit, [this, update](const SinkAnswers& answers) { Check(update, answers); });
}

void AppConfigUpdater::Check(const std::shared_ptr<Update>& update, const SinkAnswers& answers) {
  // Some gateways may not have been asked.
  const bool incomplete = !answers.silent.empty() || !answers.failed.empty();
  if (network_->draining() && incomplete) return Finish(update, ShuttingDown());
  const SnapshotPtr snapshot = network_->directory().Snapshot();
  const Checker checker(*snapshot, update->job, answers, network_->broker().connected());
  std::vector<AppConfigChange> changes;
  std::vector<PlannedChange> planned;
  std::vector<size_t> indexes;  // of `planned` in `changes`
  bool refused = false;
  for (const SinkPath& sink : update->job.sinks) {
    AppConfigChange change(sink);
    if (std::optional<PlannedChange> passed = checker.Check(&change)) {
      planned.push_back(*std::move(passed));
      indexes.push_back(changes.size());
    }
    refused = refused || change.outcome == Outcome::kRefused;
    changes.push_back(std::move(change));
  }
  {
    MutexLock lock(&update->mutex);
    update->refreshing = 0;
    update->changes = std::move(changes);
    if (!planned.empty() && !refused && !update->job.dry_run && !update->cancelled) {
      auto result = [update, indexes](size_t index, const RequestOutcome& outcome) {
        MutexLock inner(&update->mutex);
        AppConfigChange& ended = update->changes[indexes[index]];
        ended.outcome = outcome.status.ok() ? Outcome::kChanged : Outcome::kFailed;
        if (!outcome.status.ok()) ended.error = outcome;
      };
      ChangeOptions options;
      options.limit = update->end - network_->scheduler().MonotonicNow();
      options.asker = update->job.asker;
      update->fan_out = SendChanges(network_, std::move(planned), options, std::move(result),
                                    [this, update] { End(update); });
      return;
    }
  }
  End(update);
}

void AppConfigUpdater::End(const std::shared_ptr<Update>& update) {
  SinkFanOut::Ptr ended;  // which holds the update
  Result result = Cancelled();
  {
    MutexLock lock(&update->mutex);
    ended.swap(update->fan_out);
    if (!update->cancelled) result = std::move(update->changes);
  }
  Finish(update, std::move(result));
}

void AppConfigUpdater::Finish(const std::shared_ptr<Update>& update, Result result) {
  update->hold = nullptr;
  update->done(std::move(result));
}

void AppConfigUpdater::Cancel(const std::shared_ptr<Update>& update) {
  SinkFanOut::Ptr fan_out;
  uint64_t refreshing;
  {
    MutexLock lock(&update->mutex);
    update->cancelled = true;
    refreshing = std::exchange(update->refreshing, 0);
    fan_out = update->fan_out;
  }
  network_->CancelRefresh(refreshing);
  if (fan_out != nullptr) fan_out->Stop();
}

}  // namespace wirepas_grpc::core
