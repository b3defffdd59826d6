// SPDX-License-Identifier: Apache-2.0
#include "core/requests/tracker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/gateway_api/codec.h"
#include "core/gateway_api/error_status.h"

namespace wirepas_grpc::core {
namespace {

absl::Status WithTarget(const absl::Status& status, absl::string_view gateway_id,
                        absl::string_view sink_id) {
  return absl::Status(status.code(),
                      absl::StrCat(RequestTargetText(gateway_id, sink_id), ": ", status.message()));
}

}  // namespace

absl::Status ShuttingDown() { return absl::UnavailableError("the service is shutting down"); }

RequestFate RequestOutcome::fate() const {
  if (maybe_done) return RequestFate::kUnknown;
  if (request_id == 0) return RequestFate::kNotSent;
  if (!answer.has_value()) return RequestFate::kUnknown;
  switch (*answer) {
    case wirepas::proto::gateway_api::OK:                  // what came after it failed
    case wirepas::proto::gateway_api::UNKNOWN_ERROR_CODE:  // it may mean anything
    case wirepas::proto::gateway_api::INTERNAL_ERROR:      // at whatever stage
    case wirepas::proto::gateway_api::SINK_TIMEOUT:
      return RequestFate::kUnknown;
    default:
      return RequestFate::kRefused;
  }
}

std::string RequestTargetText(absl::string_view gateway_id, absl::string_view sink_id) {
  if (sink_id.empty()) return absl::StrCat("gateway '", gateway_id, "'");
  return absl::StrCat("gateway '", gateway_id, "', sink '", sink_id, "'");
}

RequestTracker::RequestTracker(size_t max_pending, Executor* executor, Scheduler* scheduler)
    : executor_(executor), scheduler_(scheduler), places_(max_pending, executor) {}

absl::StatusOr<RequestId> RequestTracker::Add(RequestKind kind, std::string gateway_id,
                                              std::string sink_id, const RequestLimit& limit,
                                              std::optional<RequestId> wanted, RequestDone done) {
  RequestPlaces::PlacePtr place = limit.place;
  if (place == nullptr) {
    absl::StatusOr<RequestPlaces::PlacePtr> taken = places_.Take(limit.asker);
    if (!taken.ok()) return taken.status();
    place = *std::move(taken);
  }
  MutexLock lock(&mutex_);
  if (closed_) return ShuttingDown();
  RequestId id = wanted.value_or(0);
  if (wanted.has_value()) {
    if (pending_.contains(id)) return absl::AlreadyExistsError("a request with this id is pending");
  } else {
    do {
      id = absl::Uniform<uint64_t>(random_);
    } while (id == 0 || pending_.contains(id));
  }
  Pending& pending = pending_[id];
  pending.kind = kind;
  pending.gateway_id = std::move(gateway_id);
  pending.sink_id = std::move(sink_id);
  pending.done = std::move(done);
  pending.place = std::move(place);
  if (limit.from_taken) pending.from_taken = limit.timeout;
  pending.timer = scheduler_->RunAfter(limit.timeout, [this, id] { OnDeadline(id); });
  return id;
}

bool RequestTracker::MarkSent(RequestId id) {
  MutexLock lock(&mutex_);
  const auto found = pending_.find(id);
  if (found == pending_.end()) return false;
  Pending& pending = found->second;
  pending.sent = scheduler_->MonotonicNow();
  if (pending.from_taken.has_value()) Restart(id, &pending, RequestLimit::kMaxQueued);
  return true;
}

void RequestTracker::MarkTaken(RequestId id) {
  MutexLock lock(&mutex_);
  const auto found = pending_.find(id);
  if (found == pending_.end() || !found->second.from_taken.has_value()) return;
  Restart(id, &found->second, *found->second.from_taken);
}

void RequestTracker::Restart(RequestId id, Pending* pending, absl::Duration timeout) {
  // One that runs already finds the request, and ends it: it was due.
  if (!scheduler_->Cancel(pending->timer)) return;
  pending->timer = scheduler_->RunAfter(timeout, [this, id] { OnDeadline(id); });
}

bool RequestTracker::IsPending(RequestId id) const {
  MutexLock lock(&mutex_);
  return pending_.contains(id);
}

std::optional<bool> RequestTracker::WasSent(RequestId id) const {
  MutexLock lock(&mutex_);
  const auto found = pending_.find(id);
  if (found == pending_.end()) return std::nullopt;
  return found->second.sent.has_value();
}

void RequestTracker::Fail(RequestId id, const absl::Status& status, bool sent) {
  std::optional<Pending> pending = Take(id);
  if (!pending.has_value()) return;
  RequestOutcome outcome;
  outcome.status = WithTarget(status, pending->gateway_id, pending->sink_id);
  outcome.request_id = sent ? id : 0;
  Complete(*std::move(pending), std::move(outcome));
}

bool RequestTracker::FailIfUnsent(RequestId id, const absl::Status& status) {
  std::optional<Pending> pending;
  {
    MutexLock lock(&mutex_);
    const auto found = pending_.find(id);
    if (found == pending_.end() || found->second.sent.has_value()) return false;
    pending = TakeLocked(id);
  }
  RequestOutcome outcome;
  outcome.status = WithTarget(status, pending->gateway_id, pending->sink_id);
  Complete(*std::move(pending), std::move(outcome));
  return true;
}

bool RequestTracker::Cancel(RequestId id) {
  std::optional<Pending> pending = Take(id);
  if (!pending.has_value()) return false;
  RequestOutcome outcome;
  outcome.status = absl::CancelledError("the call was cancelled");
  outcome.request_id = pending->sent.has_value() ? id : 0;
  Complete(*std::move(pending), std::move(outcome));
  return true;
}

void RequestTracker::FailAll() { EndAll("the connection to the broker was lost", false); }

void RequestTracker::Close() { EndAll("the service shut down", true); }

void RequestTracker::EndAll(absl::string_view reason, bool close) {
  // Taken out at once: none of those that count as not sent is sent meanwhile.
  absl::flat_hash_map<RequestId, Pending> all;
  {
    MutexLock lock(&mutex_);
    closed_ = closed_ || close;
    all.swap(pending_);
  }
  for (auto& [id, pending] : all) {
    const bool sent = pending.sent.has_value();
    RequestOutcome outcome;
    outcome.request_id = sent ? id : 0;
    outcome.status =
        sent ? absl::DeadlineExceededError(absl::StrCat(
                   reason, " before an answer came; the request may have been carried out"))
             : absl::UnavailableError(absl::StrCat(reason, "; nothing was sent"));
    outcome.status = WithTarget(outcome.status, pending.gateway_id, pending.sink_id);
    Complete(std::move(pending), std::move(outcome));
  }
}

bool RequestTracker::OnResponse(
    const Topic& topic,
    std::shared_ptr<const wirepas::proto::gateway_api::WirepasMessage> message) {
  const auto* header = FindResponseHeader(*message);
  if (header == nullptr || header->req_id() == 0) return false;
  const RequestId id = header->req_id();
  {
    MutexLock lock(&mutex_);
    const auto found = pending_.find(id);
    if (found == pending_.end()) return false;
    const Pending& pending = found->second;
    // An answer on another gateway's or sink's topic does not count, whatever its
    // id, and none can come before the request was sent.
    if (pending.kind != topic.request_kind || pending.gateway_id != topic.gateway_id ||
        (!pending.sink_id.empty() && pending.sink_id != topic.sink_id) ||
        !pending.sent.has_value()) {
      return false;
    }
  }
  std::optional<Pending> pending = Take(id);
  if (!pending.has_value()) return false;
  RequestOutcome outcome;
  outcome.request_id = id;
  outcome.answer = header->res();
  outcome.gateway_time = scheduler_->MonotonicNow() - *pending->sent;
  outcome.status = StatusOfErrorCode(header->res());
  if (!outcome.status.ok()) {
    outcome.status = WithTarget(outcome.status, pending->gateway_id, pending->sink_id);
  }
  outcome.response = std::move(message);
  Complete(*std::move(pending), std::move(outcome));
  return true;
}

size_t RequestTracker::pending() const {
  MutexLock lock(&mutex_);
  return pending_.size();
}

std::optional<RequestTracker::Pending> RequestTracker::Take(RequestId id) {
  MutexLock lock(&mutex_);
  return TakeLocked(id);
}

std::optional<RequestTracker::Pending> RequestTracker::TakeLocked(RequestId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return std::nullopt;
  std::optional<Pending> pending = std::move(found->second);
  pending_.erase(found);
  return pending;
}

void RequestTracker::Complete(Pending pending, RequestOutcome outcome) {
  scheduler_->Cancel(pending.timer);
  pending.place = nullptr;  // before the caller is told, who may go on with the next
  executor_->Post(
      [done = std::move(pending.done), outcome = std::move(outcome)]() mutable { done(outcome); });
}

void RequestTracker::OnDeadline(RequestId id) {
  std::optional<Pending> pending = Take(id);
  if (!pending.has_value()) return;
  const bool sent = pending->sent.has_value();
  RequestOutcome outcome;
  outcome.request_id = sent ? id : 0;
  outcome.status =
      sent ? absl::DeadlineExceededError("no answer in time; the request may have been carried out")
           : absl::UnavailableError("the broker did not get ready in time; nothing was sent");
  outcome.status = WithTarget(outcome.status, pending->gateway_id, pending->sink_id);
  Complete(*std::move(pending), std::move(outcome));
}

}  // namespace wirepas_grpc::core
