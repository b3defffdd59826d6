// SPDX-License-Identifier: Apache-2.0
#include "core/requests/tracker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/gateway_api/codec.h"
#include "core/gateway_api/error_status.h"
#include "core/gateway_api/unknown_values.h"

namespace wirepas_grpc::core {
namespace {

absl::Status WithTarget(const absl::Status& status, absl::string_view gateway_id,
                        absl::string_view sink_id) {
  return WithMessage(status,
                     absl::StrCat(RequestTargetText(gateway_id, sink_id), ": ", status.message()));
}

}  // namespace

RequestEnd EndOf(const RequestOutcome& outcome) {
  if (outcome.answer.has_value()) {
    return outcome.status.ok() ? RequestEnd::kAnswered : RequestEnd::kRefused;
  }
  if (absl::IsCancelled(outcome.status)) return RequestEnd::kCancelled;
  return outcome.request_id != 0 ? RequestEnd::kUnanswered : RequestEnd::kNotSent;
}

absl::Status ShuttingDown() {
  return WithReason(absl::UnavailableError("the service is shutting down"), Reason::kShuttingDown);
}

absl::Status CallCancelled() {
  return WithReason(absl::CancelledError("the call was cancelled"), Reason::kCancelled);
}

absl::Status RequestIdInUse() {
  return WithReason(absl::AlreadyExistsError("a request with this id is pending"),
                    Reason::kRequestIdInUse);
}

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

absl::StatusOr<RequestKey> RequestTracker::Add(RequestKind kind, std::string gateway_id,
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
    if (pending_.contains(id)) return RequestIdInUse();
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
  pending.number = next_number_++;
  if (limit.from_taken) pending.from_taken = limit.timeout;
  const RequestKey key(id, pending.number);
  pending.timer = scheduler_->RunAfter(limit.timeout, [this, key] { OnDeadline(key); });
  return key;
}

std::optional<RequestPlaces::Hold> RequestTracker::MarkQueued(const RequestKey& key) {
  MutexLock lock(&mutex_);
  Pending* const pending = FindLocked(key);
  if (pending == nullptr) return std::nullopt;
  if (pending->from_taken.has_value()) Restart(key.id, pending, RequestLimit::kMaxQueued);
  return RequestPlaces::Hold(pending->place);
}

bool RequestTracker::MarkSent(const RequestKey& key) {
  MutexLock lock(&mutex_);
  Pending* const pending = FindLocked(key);
  if (pending == nullptr) return false;
  pending->sent = scheduler_->MonotonicNow();
  return true;
}

void RequestTracker::MarkTaken(const RequestKey& key) {
  MutexLock lock(&mutex_);
  Pending* const pending = FindLocked(key);
  if (pending == nullptr || !pending->from_taken.has_value()) return;
  Restart(key.id, pending, *pending->from_taken);
}

void RequestTracker::Restart(RequestId id, Pending* pending, absl::Duration timeout) {
  // One that runs already finds the request, and ends it: it was due.
  if (!scheduler_->Cancel(pending->timer)) return;
  const RequestKey key(id, pending->number);
  pending->timer = scheduler_->RunAfter(timeout, [this, key] { OnDeadline(key); });
}

bool RequestTracker::IsPending(const RequestKey& key) const {
  MutexLock lock(&mutex_);
  return FindLocked(key) != nullptr;
}

std::optional<bool> RequestTracker::WasSent(const RequestKey& key) const {
  MutexLock lock(&mutex_);
  const Pending* const pending = FindLocked(key);
  if (pending == nullptr) return std::nullopt;
  return pending->sent.has_value();
}

void RequestTracker::Fail(const RequestKey& key, const absl::Status& status, bool sent) {
  std::optional<Pending> pending = Take(key);
  if (!pending.has_value()) return;
  RequestOutcome outcome;
  outcome.status = WithTarget(status, pending->gateway_id, pending->sink_id);
  outcome.request_id = sent ? key.id : 0;
  const RequestEnd end = EndOf(outcome);
  Complete(*std::move(pending), std::move(outcome), end);
}

bool RequestTracker::FailIfUnsent(const RequestKey& key, const absl::Status& status) {
  std::optional<Pending> pending;
  {
    MutexLock lock(&mutex_);
    const Pending* const found = FindLocked(key);
    if (found == nullptr || found->sent.has_value()) return false;
    pending = TakeLocked(key);
  }
  RequestOutcome outcome;
  outcome.status = WithTarget(status, pending->gateway_id, pending->sink_id);
  const RequestEnd end = EndOf(outcome);
  Complete(*std::move(pending), std::move(outcome), end);
  return true;
}

bool RequestTracker::Cancel(const RequestKey& key) {
  std::optional<Pending> pending = Take(key);
  if (!pending.has_value()) return false;
  RequestOutcome outcome;
  outcome.status = CallCancelled();
  outcome.request_id = pending->sent.has_value() ? key.id : 0;
  const RequestEnd end = EndOf(outcome);
  Complete(*std::move(pending), std::move(outcome), end);
  return true;
}

void RequestTracker::FailAll() {
  EndAll("the connection to the broker was lost", Reason::kConnectionLost,
         Reason::kBrokerNotConnected, false);
}

void RequestTracker::Close() {
  EndAll("the service shut down", Reason::kShuttingDown, Reason::kShuttingDown, true);
}

void RequestTracker::EndAll(absl::string_view why, Reason if_sent, Reason if_not, bool close) {
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
                   why, " before an answer came; the request may have been carried out"))
             : absl::UnavailableError(absl::StrCat(why, "; nothing was sent"));
    outcome.status = WithTarget(WithReason(outcome.status, sent ? if_sent : if_not),
                                pending.gateway_id, pending.sink_id);
    Complete(std::move(pending), std::move(outcome),
             sent ? RequestEnd::kLost : RequestEnd::kNotSent);
  }
}

bool RequestTracker::OnResponse(
    const Topic& topic,
    std::shared_ptr<const wirepas::proto::gateway_api::WirepasMessage> message) {
  const auto* header = FindResponseHeader(*message);
  if (header == nullptr || header->req_id() == 0) return false;
  const RequestId id = header->req_id();
  std::optional<Pending> pending;
  {
    MutexLock lock(&mutex_);
    const Pending* const found = FindLocked(id);
    // An answer on another gateway's or sink's topic does not count, whatever its
    // id, and none can come before the request was sent.
    if (found == nullptr || found->kind != topic.request_kind ||
        found->gateway_id != topic.gateway_id ||
        (!found->sink_id.empty() && found->sink_id != topic.sink_id) || !found->sent.has_value()) {
      return false;
    }
    pending = TakeLocked(id);
  }
  RequestOutcome outcome;
  outcome.request_id = id;
  outcome.answer = header->res();
  outcome.gateway_time = scheduler_->MonotonicNow() - *pending->sent;
  outcome.unknown_answer = UnknownCode(*header);
  outcome.status = StatusOfErrorCode(header->res(), outcome.unknown_answer);
  if (!outcome.status.ok()) {
    outcome.status = WithTarget(outcome.status, pending->gateway_id, pending->sink_id);
  }
  outcome.response = std::move(message);
  const RequestEnd end = EndOf(outcome);
  Complete(*std::move(pending), std::move(outcome), end);
  return true;
}

size_t RequestTracker::pending() const {
  MutexLock lock(&mutex_);
  return pending_.size();
}

const RequestTracker::Pending* RequestTracker::FindLocked(const RequestKey& key) const {
  const auto found = pending_.find(key.id);
  return found != pending_.end() && found->second.IsOf(key) ? &found->second : nullptr;
}

RequestTracker::Pending* RequestTracker::FindLocked(const RequestKey& key) {
  const auto found = pending_.find(key.id);
  return found != pending_.end() && found->second.IsOf(key) ? &found->second : nullptr;
}

std::optional<RequestTracker::Pending> RequestTracker::Take(const RequestKey& key) {
  MutexLock lock(&mutex_);
  return TakeLocked(key);
}

std::optional<RequestTracker::Pending> RequestTracker::TakeLocked(const RequestKey& key) {
  Pending* const found = FindLocked(key);
  if (found == nullptr) return std::nullopt;
  std::optional<Pending> pending = std::move(*found);
  pending_.erase(key.id);
  return pending;
}

void RequestTracker::Complete(Pending pending, RequestOutcome outcome, RequestEnd end) {
  scheduler_->Cancel(pending.timer);
  counters_.Count(pending.kind, end, outcome.gateway_time);
  if (end == RequestEnd::kUnanswered && unanswered_) unanswered_(pending.gateway_id);
  pending.place = nullptr;  // before the caller is told, who may go on with the next
  executor_->Post(
      [done = std::move(pending.done), outcome = std::move(outcome)]() mutable { done(outcome); });
}

void RequestTracker::OnDeadline(const RequestKey& key) {
  std::optional<Pending> pending = Take(key);
  if (!pending.has_value()) return;
  const bool sent = pending->sent.has_value();
  RequestOutcome outcome;
  outcome.request_id = sent ? key.id : 0;
  outcome.status =
      sent ? absl::DeadlineExceededError("no answer in time; the request may have been carried out")
           : absl::UnavailableError("the broker did not get ready in time; nothing was sent");
  outcome.status =
      WithTarget(WithReason(outcome.status, sent ? Reason::kNoAnswer : Reason::kOutOfTime),
                 pending->gateway_id, pending->sink_id);
  const RequestEnd end = EndOf(outcome);
  Complete(*std::move(pending), std::move(outcome), end);
}

}  // namespace wirepas_grpc::core
