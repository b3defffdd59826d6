// SPDX-License-Identifier: Apache-2.0
#include "api/network/sink_changes.h"

#include <algorithm>

#include "api/call/await_directory.h"
#include "api/call/validate.h"
#include "api/convert/sink_path.h"

namespace wirepas_grpc::api {
namespace {

constexpr uint32_t kMostChangedAtOnce = 100;

void Count(mesh::SinkChangeOutcome outcome, mesh::SinkChangeSummary* summary) {
  switch (outcome) {
    case mesh::SINK_CHANGE_OUTCOME_UNCHANGED:
      return summary->set_unchanged_count(summary->unchanged_count() + 1);
    case mesh::SINK_CHANGE_OUTCOME_CHANGED:
      return summary->set_changed_count(summary->changed_count() + 1);
    case mesh::SINK_CHANGE_OUTCOME_CHECKED:
      return summary->set_checked_count(summary->checked_count() + 1);
    case mesh::SINK_CHANGE_OUTCOME_REFUSED:
      return summary->set_refused_count(summary->refused_count() + 1);
    case mesh::SINK_CHANGE_OUTCOME_FAILED:
      return summary->set_failed_count(summary->failed_count() + 1);
    default:
      return;
  }
}

}  // namespace

absl::StatusOr<size_t> ParseChangedAtOnce(uint32_t max_concurrent) {
  if (max_concurrent == 0) return core::kChangedAtOnce;
  const absl::Status status = CheckRange("max_concurrent", max_concurrent, 1, kMostChangedAtOnce);
  if (!status.ok()) return status;
  return max_concurrent;
}

void SinkChanges::Start(absl::AnyInvocable<void()> wake) {
  wake_ = std::make_shared<absl::AnyInvocable<void()>>(std::move(wake));
  auto done = [self = shared_from_this()](ResolvedScope resolved) {
    self->Begin(std::move(resolved));
  };
  absl::AnyInvocable<void()> stop =
      ResolveScope(network_, job_.scope,
                   {.refresh = job_.refresh, .client_end = time_.end(), .asker = time_.asker()},
                   std::move(done));
  {
    core::MutexLock lock(&mutex_);
    if (stage_ != Stage::kResolving) return;  // it is resolved already
    if (!stopped_) {
      stop_resolving_ = std::move(stop);
      return;
    }
  }
  stop();
}

void SinkChanges::Begin(ResolvedScope resolved) {
  if (!resolved.status.ok()) return Fail(resolved.grpc_status());
  absl::Status status = CheckBroker(network_);
  if (status.ok() && job_.check_all != nullptr) status = job_.check_all(resolved.sinks);
  if (!status.ok()) return Fail(ToGrpcStatus(status));
  core::SinkHolds::HoldPtr hold;
  if (!job_.dry_run) {
    std::vector<core::SinkPath> paths;
    for (const core::ScopedSink& sink : resolved.sinks) paths.push_back(sink.path);
    absl::StatusOr<core::SinkHolds::HoldPtr> taken = holds_->Take(paths);
    if (!taken.ok()) return Fail(ToGrpcStatus(taken.status(), TargetOf(taken.status())));
    hold = *std::move(taken);
  }
  // From here on no other change is made: what sinks told just now holds.
  const core::SnapshotPtr snapshot = network_->directory().Snapshot();
  for (core::ScopedSink& sink : resolved.sinks) core::LookAgain(*snapshot, job_.scope, &sink);
  absl::AnyInvocable<void()> resolving;  // destroyed after the lock is released
  {
    core::MutexLock lock(&mutex_);
    if (stopped_) return;
    stage_ = Stage::kChanging;
    resolving = std::exchange(stop_resolving_, nullptr);
    sinks_ = std::move(resolved.sinks);
    std::vector<size_t> indexes;
    std::vector<core::PlannedChange> planned = Check(&indexes);
    if (planned.empty()) {
      hold = nullptr;  // who is told of the end may begin anew
      stage_ = Stage::kEnded;
    } else {
      hold_ = std::move(hold);
      core::ChangeOptions options;
      options.max_concurrent = job_.max_concurrent;
      options.sink_limit = job_.sink_limit;
      options.limit = std::max(time_.end() - core::Instant::Now(), absl::ZeroDuration());
      options.asker = time_.asker();
      fan_out_ = core::SendChanges(
          network_, std::move(planned), options,
          [self = shared_from_this(), indexes](size_t i, const core::RequestOutcome& outcome) {
            self->OnResult(indexes[i], outcome);
          },
          [self = shared_from_this()] { self->OnEnd(); });
    }
  }
  (*wake_)();
}

std::vector<core::PlannedChange> SinkChanges::Check(std::vector<size_t>* indexes) {
  std::vector<core::PlannedChange> planned;
  bool refused = false;
  for (size_t i = 0; i < sinks_.size(); ++i) {
    core::SinkCheck check = job_.check(sinks_[i]);
    if (!check.status.ok()) {
      refused = true;
      core::RequestOutcome error;
      error.status = std::move(check.status);
      AddLocked(i, mesh::SINK_CHANGE_OUTCOME_REFUSED, std::move(error));
    } else if (!check.request.has_value()) {
      AddLocked(i, mesh::SINK_CHANGE_OUTCOME_UNCHANGED);
    } else {
      indexes->push_back(i);
      planned.push_back({sinks_[i], *std::move(check.request)});
    }
  }
  if (!refused && !job_.dry_run) return planned;
  for (const size_t i : *indexes) AddLocked(i, mesh::SINK_CHANGE_OUTCOME_CHECKED);
  return {};
}

void SinkChanges::AddLocked(size_t index, Outcome outcome, core::RequestOutcome error) {
  Count(outcome, &summary_);
  error.response = nullptr;
  results_.push_back({index, outcome, std::move(error)});
}

void SinkChanges::OnResult(size_t index, const core::RequestOutcome& outcome) {
  {
    core::MutexLock lock(&mutex_);
    AddLocked(
        index,
        outcome.status.ok() ? mesh::SINK_CHANGE_OUTCOME_CHANGED : mesh::SINK_CHANGE_OUTCOME_FAILED,
        outcome);
  }
  (*wake_)();
}

void SinkChanges::OnEnd() {
  core::SinkFanOut::Ptr fan_out;  // which holds this
  {
    core::MutexLock lock(&mutex_);
    fan_out.swap(fan_out_);
    hold_ = nullptr;
    stage_ = Stage::kEnded;
  }
  (*wake_)();
}

void SinkChanges::Fail(grpc::Status status) {
  absl::AnyInvocable<void()> resolving;  // destroyed after the lock is released
  {
    core::MutexLock lock(&mutex_);
    if (stopped_) return;
    resolving = std::exchange(stop_resolving_, nullptr);
    stage_ = Stage::kEnded;
    status_ = std::move(status);
  }
  (*wake_)();
}

void SinkChanges::Stop() {
  absl::AnyInvocable<void()> resolving;
  core::SinkFanOut::Ptr fan_out;
  {
    core::MutexLock lock(&mutex_);
    stopped_ = true;
    resolving = std::exchange(stop_resolving_, nullptr);
    fan_out = fan_out_;
  }
  if (resolving != nullptr) resolving();
  if (fan_out != nullptr) fan_out->Stop();
}

bool SinkChanges::StopUnlessBegun() {
  {
    core::MutexLock lock(&mutex_);
    if (stage_ != Stage::kResolving) return false;
    stopped_ = true;
  }
  Stop();
  return true;
}

void SinkChanges::Take(int max, google::protobuf::RepeatedPtrField<mesh::SinkChange>* changes) {
  core::MutexLock lock(&mutex_);
  while (changes->size() < max && !results_.empty()) {
    const Result& result = results_.front();
    const core::SinkPath& path = sinks_[result.index].path;
    mesh::SinkChange* change = changes->Add();
    SetSinkRef(path, change->mutable_sink());
    change->set_outcome(result.outcome);
    if (!result.error.status.ok()) {
      *change->mutable_error() = ToCallError(result.error, TargetOf(path));
    }
    results_.pop_front();
  }
}

std::optional<grpc::Status> SinkChanges::End(mesh::SinkChangeSummary* summary) const {
  core::MutexLock lock(&mutex_);
  if (stage_ != Stage::kEnded || !results_.empty()) return std::nullopt;
  *summary = summary_;
  summary->set_complete(summary_.refused_count() == 0 && summary_.failed_count() == 0);
  return status_;
}

}  // namespace wirepas_grpc::api
