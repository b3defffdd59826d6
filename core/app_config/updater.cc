// SPDX-License-Identifier: Apache-2.0
#include "core/app_config/updater.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/reason.h"
#include "core/network/failures.h"
#include "gateway_api/sink_config.pb.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;
using Outcome = AppConfigChange::Outcome;

class AppConfigUpdater::Update {
 public:
  // What a sink that passed the check is to get.
  struct Planned {
    size_t index;  // of its change
    gw::AppConfigData app_config;
  };

  Update(Job job_in, Instant end_in, absl::AnyInvocable<void(Result)> done_in)
      : job(std::move(job_in)), end(end_in), done(std::move(done_in)) {}

  const Job job;
  const Instant end;
  absl::AnyInvocable<void(Result)> done;  // used once, by the last executor task

  Mutex mutex;
  bool cancelled ABSL_GUARDED_BY(mutex) = false;
  bool finished ABSL_GUARDED_BY(mutex) = false;
  uint64_t refreshing ABSL_GUARDED_BY(mutex) = 0;  // for CancelRefresh(); 0: it is over
  std::vector<AppConfigChange> changes ABSL_GUARDED_BY(mutex);
  std::vector<Planned> planned ABSL_GUARDED_BY(mutex);
  size_t next ABSL_GUARDED_BY(mutex) = 0;  // of `planned`
  // The requests under way, by their changes; 0: it has failed already and its end is
  // about to come.
  absl::flat_hash_map<size_t, RequestId> pending ABSL_GUARDED_BY(mutex);
};

namespace {

absl::Status Cancelled() { return CallCancelled(); }

absl::Status SinkNotKnown(absl::string_view problem) {
  return WithReason(absl::NotFoundError(problem), Reason::kSinkNotKnown);
}

// A failure of which nothing was sent.
RequestOutcome Unsent(const SinkPath& sink, const absl::Status& status) {
  RequestOutcome outcome;
  outcome.status = WithMessage(
      status, absl::StrCat(RequestTargetText(sink.gateway.value(), sink.sink.value()), ": ",
                           status.message(), "; nothing was sent"));
  return outcome;
}

// Finds out what one update makes of each sink.
class Checker {
 public:
  Checker(const DirectorySnapshot& snapshot, const AppConfigUpdater::Job& job,
          const SinkAnswers& answers, bool connected)
      : snapshot_(snapshot), job_(job), answers_(answers), connected_(connected) {}

  // Nothing: there is nothing to send.
  std::optional<gw::AppConfigData> Check(AppConfigChange* change) const {
    const SinkPath& sink = change->sink;
    const GatewayPtr gateway = snapshot_.Find(sink.gateway.value());
    const bool silent = answers_.IsSilent(sink.gateway.value());
    const RequestOutcome* const failed = answers_.FindFailed(sink.gateway.value());
    if (gateway == nullptr && !silent && failed == nullptr) {
      return Refuse(change, GatewayNotKnown());
    }
    if (gateway != nullptr && !gateway->reachable()) {
      return Refuse(change, GatewayOffline());
    }
    if (!connected_) {
      return Refuse(change, ConnectionLost());
    }
    if (silent) {
      return Refuse(change, WithReason(absl::DeadlineExceededError(
                                           "the gateway did not answer when asked for its sinks"),
                                       Reason::kNoAnswer));
    }
    if (failed != nullptr) {
      return Refuse(change, WithMessage(failed->status,
                                        absl::StrCat("asking the gateway for its sinks: ",
                                                     failed->status.message())));
    }
    const auto found = gateway->sinks.find(sink.sink.value());
    if (found == gateway->sinks.end()) {
      return Refuse(change, SinkNotKnown("the sink is not known"));
    }
    return CheckConfig(*found->second, change);
  }

 private:
  std::optional<gw::AppConfigData> CheckConfig(const SinkConfig& config,
                                               AppConfigChange* change) const {
    if (job_.network_address.has_value() && config.network_address() != *job_.network_address) {
      return Refuse(change, SinkNotKnown(absl::StrCat("the sink is not in network ",
                                                      *job_.network_address)));
    }
    change->max_size = MaxAppConfigSize(config);
    if (!config.has_app_config()) {
      return Refuse(change, WithReason(absl::FailedPreconditionError(
                                           "the sink does not tell its app config"),
                                       Reason::kSinkNotReady));
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
    gw::AppConfigData app_config = config.app_config();
    app_config.set_app_config_data(*std::move(edited.data));
    app_config.set_seq(NextAppConfigSequence(config.app_config().seq()));
    return app_config;
  }

  static std::nullopt_t Refuse(AppConfigChange* change, const absl::Status& status) {
    change->outcome = Outcome::kRefused;
    change->error = Unsent(change->sink, status);
    return std::nullopt;
  }

  const DirectorySnapshot& snapshot_;
  const AppConfigUpdater::Job& job_;
  const SinkAnswers& answers_;
  const bool connected_;
};

}  // namespace

bool AppConfigUpdater::Reserve(const std::vector<SinkPath>& sinks, const SinkPath** taken) {
  MutexLock lock(&mutex_);
  for (const SinkPath& sink : sinks) {
    if (busy_.contains(sink)) {
      *taken = &sink;
      return false;
    }
  }
  busy_.insert(sinks.begin(), sinks.end());
  return true;
}

std::shared_ptr<AppConfigUpdater::Update> AppConfigUpdater::Start(
    Job job, absl::AnyInvocable<void(Result)> done) {
  const Instant end = network_->scheduler().MonotonicNow() + job.limit;
  auto update = std::make_shared<Update>(std::move(job), end, std::move(done));
  if (network_->draining()) {
    network_->executor().Post([update] { update->done(ShuttingDown()); });
    return update;
  }
  const SinkPath* taken = nullptr;
  if (update->job.dry_run || Reserve(update->job.sinks, &taken)) {
    network_->executor().Post([this, update] { Refresh(update); });
    return update;
  }
  const absl::Status status = WithReason(
      absl::AbortedError(
          absl::StrCat(RequestTargetText(taken->gateway.value(), taken->sink.value()),
                       ": another update of its app config is under way; nothing was sent")),
      Reason::kSinkInUse);
  network_->executor().Post([update, status] { update->done(status); });
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
  std::vector<Update::Planned> planned;
  bool refused = false;
  for (const SinkPath& sink : update->job.sinks) {
    AppConfigChange change(sink);
    std::optional<gw::AppConfigData> app_config = checker.Check(&change);
    if (app_config.has_value()) planned.push_back({changes.size(), *std::move(app_config)});
    refused = refused || change.outcome == Outcome::kRefused;
    changes.push_back(std::move(change));
  }
  if (refused || update->job.dry_run) planned.clear();
  {
    MutexLock lock(&update->mutex);
    update->refreshing = 0;
    update->changes = std::move(changes);
    update->planned = std::move(planned);
  }
  Go(update);
}

void AppConfigUpdater::Go(const std::shared_ptr<Update>& update) {
  Result result;
  {
    MutexLock lock(&update->mutex);
    while (!update->cancelled && update->next < update->planned.size() &&
           update->pending.size() < kMaxAtOnce) {
      Update::Planned& planned = update->planned[update->next++];
      AppConfigChange& change = update->changes[planned.index];
      const absl::Duration left = update->end - network_->scheduler().MonotonicNow();
      if (left <= absl::ZeroDuration()) {
        change.outcome = Outcome::kFailed;
        change.error = Unsent(change.sink, WithReason(absl::UnavailableError(
                                               "the time was over before its turn came"),
                                           Reason::kOutOfTime));
        continue;
      }
      gw::WirepasMessage message;
      gw::SinkNewConfig* config = message.mutable_set_config_req()->mutable_config();
      config->set_sink_id(change.sink.sink.value());
      *config->mutable_app_config() = std::move(planned.app_config);
      RequestLimit limit = std::min(left, kChangeLimit);
      limit.admitted = true;  // by Start()
      const size_t index = planned.index;
      limit.asker = update->job.asker;
      update->pending[index] = network_->Request(
          RequestKind::kSetConfig, change.sink.gateway, &change.sink.sink, std::move(message),
          limit, std::nullopt, [this, update, index](const RequestOutcome& outcome) {
            {
              MutexLock lock(&update->mutex);
              AppConfigChange& ended = update->changes[index];
              ended.outcome = outcome.status.ok() ? Outcome::kChanged : Outcome::kFailed;
              if (!outcome.status.ok()) ended.error = outcome;
              update->pending.erase(index);
            }
            Go(update);
          });
    }
    if (!update->pending.empty() || update->finished) return;
    update->finished = true;
    if (update->cancelled) {
      result = Cancelled();
    } else {
      result = std::move(update->changes);
    }
  }
  Finish(update, std::move(result));
}

void AppConfigUpdater::Finish(const std::shared_ptr<Update>& update, Result result) {
  if (!update->job.dry_run) {
    MutexLock lock(&mutex_);
    for (const SinkPath& sink : update->job.sinks) busy_.erase(sink);
  }
  update->done(std::move(result));
}

void AppConfigUpdater::Cancel(const std::shared_ptr<Update>& update) {
  std::vector<RequestId> requests;
  uint64_t refreshing;
  {
    MutexLock lock(&update->mutex);
    update->cancelled = true;
    refreshing = std::exchange(update->refreshing, 0);
    for (const auto& [index, id] : update->pending) requests.push_back(id);
  }
  network_->CancelRefresh(refreshing);
  for (const RequestId id : requests) network_->CancelRequest(id);
}

}  // namespace wirepas_grpc::core
