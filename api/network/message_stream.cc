// SPDX-License-Identifier: Apache-2.0
#include "api/network/message_stream.h"

#include <utility>
#include <vector>

#include "api/convert/progress_interval.h"
#include "api/network/stream_requests.h"

namespace wirepas_grpc::api {

MessageStream::MessageStream(Engine* engine, core::AskerPtr asker)
    : engine_(engine),
      asker_(std::move(asker)),
      quiet_since_(engine->network->scheduler().MonotonicNow()) {}

void MessageStream::Start(StreamRegistry::PlacePtr place) {
  {
    core::MutexLock lock(&mutex_);  // OnCancel() may come on another thread at once
    place_ = std::move(place);
    self_ = shared_from_this();
  }
  StartSendInitialMetadata();
  StartRead(&request_bytes_);
}

void MessageStream::End(const grpc::Status& status) {
  {
    core::MutexLock lock(&mutex_);
    if (end_.has_value()) return;
    end_ = status;
  }
  Advance();
}

void MessageStream::Drain(const grpc::Status& status) {
  {
    core::MutexLock lock(&mutex_);
    drain_ = status;
  }
  Advance();
}

void MessageStream::OnReadDone(bool ok) {
  Request request;
  const absl::Status decoded = ok ? DecodeRequest(&request_bytes_, &request) : absl::OkStatus();
  request_bytes_.Clear();
  if (ok && decoded.ok()) {
    Take(request);
  } else {
    core::MutexLock lock(&mutex_);
    reading_ = false;
    requests_ended_ = true;
    bad_request_ = decoded;
  }
  Advance();
}

void MessageStream::OnWriteDone(bool ok) {
  {
    core::MutexLock lock(&mutex_);
    writing_ = false;
    unanswered_ -= std::exchange(being_written_, 0);
    if (!ok && !end_.has_value()) end_ = grpc::Status::CANCELLED;
  }
  Advance();
}

void MessageStream::OnCancel() { End(grpc::Status::CANCELLED); }

void MessageStream::OnDone() {
  std::shared_ptr<MessageStream> last;  // destroyed after the lock is released
  core::MutexLock lock(&mutex_);
  place_ = nullptr;
  last = std::move(self_);
}

// The end of a drained stream that has sent something: what repeats calls by themselves after
// UNAVAILABLE would repeat all of it.
grpc::Status MessageStream::CutShort() {
  core::RequestOutcome outcome;
  outcome.status =
      core::WithReason(absl::DeadlineExceededError(
                           "the service is shutting down; what has no response was not sent"),
                       core::Reason::kShuttingDown);
  outcome.maybe_done = true;
  return ToGrpcStatus(outcome, {});
}

// The end after a request that could not be taken. What was sent before has its responses.
grpc::Status MessageStream::EndOf(const absl::Status& bad_request) const {
  core::RequestOutcome outcome;
  outcome.status = bad_request;
  outcome.maybe_done = sent_;
  return ToGrpcStatus(outcome, {});
}

bool MessageStream::ReadsOn() const {
  return !reading_ && !requests_ended_ && !drain_.has_value() && unanswered_ < kMaxUnanswered &&
         waits_for_place_ == 0 && placing_ == 0;
}

void MessageStream::Advance() {
  bool write = false;
  bool more_to_write = false;
  {
    core::MutexLock lock(&mutex_);
    if (finished_) return;
    if (!end_.has_value() && unanswered_ == 0) {
      if (requests_ended_) {
        end_ = bad_request_.ok() ? grpc::Status::OK : EndOf(bad_request_);
      } else if (drain_.has_value()) {
        end_ = sent_ ? CutShort() : *drain_;
      }
    }
    if (!end_.has_value()) {
      if (ReadsOn()) {
        reading_ = true;
        // Under the lock, so that the call cannot be finished before.
        StartRead(&request_bytes_);
      }
      if (writing_ || responses_.empty()) return;
      write = writing_ = true;
      response_ = EncodeResponse(responses_.front().response);
      being_written_ = responses_.front().sinks;
      responses_.pop_front();
      more_to_write = !responses_.empty();
      quiet_since_ = engine_->network->scheduler().MonotonicNow();
    } else if (writing_) {
      return;  // the end of the write comes here again
    } else {
      finished_ = true;
    }
  }
  if (!write) return FinishNow();
  grpc::WriteOptions options;
  if (more_to_write) options.set_buffer_hint();  // the transport may gather
  StartWrite(&response_, options);
}

void MessageStream::FinishNow() {
  absl::flat_hash_map<uint64_t, Pending> pending;
  grpc::Status status;
  uint64_t waits_for_place;
  std::optional<core::TimerId> quiet_timer;
  {
    core::MutexLock lock(&mutex_);
    pending.swap(pending_);
    responses_.clear();
    status = *end_;
    waits_for_place = std::exchange(waits_for_place_, 0);
    quiet_timer = std::exchange(quiet_timer_, std::nullopt);
  }
  if (quiet_timer.has_value()) engine_->network->scheduler().Cancel(*quiet_timer);
  if (waits_for_place != 0) engine_->network->tracker().places().CancelWait(waits_for_place);
  std::vector<Ticket> tickets;
  for (auto& [number, request] : pending) {
    tickets.push_back(request.ticket);
    if (request.cancel != nullptr) request.cancel();
  }
  engine_->sender.Cancel(tickets);
  Finish(std::move(status));
}

// ---- how long it may be quiet ----

absl::Status MessageStream::TakeProgressInterval(const Request& request) {
  const absl::StatusOr<absl::Duration> interval = ParseProgressInterval(request);
  const bool first = !progress_interval_.has_value();
  if (first) progress_interval_ = interval.ok() ? *interval : absl::InfiniteDuration();
  if (!interval.ok()) return interval.status();
  if (first) {
    if (*interval != absl::InfiniteDuration()) AwaitQuiet(*interval);
  } else if (request.has_progress_interval() && *interval != *progress_interval_) {
    return InvalidField("progress_interval", "not the one of the first request");
  }
  return absl::OkStatus();
}

void MessageStream::AwaitQuiet(absl::Duration delay) {
  quiet_timer_ = engine_->network->scheduler().RunAfter(
      delay, [weak = weak_from_this(), this_engine = engine_] {
        this_engine->network->executor().Post([weak] {
          if (const auto stream = weak.lock()) stream->OnQuiet();
        });
      });
}

void MessageStream::OnQuiet() {
  {
    core::MutexLock lock(&mutex_);
    if (finished_ || end_.has_value()) return;
    const core::Instant now = engine_->network->scheduler().MonotonicNow();
    const absl::Duration left = quiet_since_ + *progress_interval_ - now;
    if (left > absl::ZeroDuration()) return AwaitQuiet(left);
    // To a client that does not read, nothing is added.
    if (!writing_ && responses_.empty()) responses_.push_back({.response = {}, .sinks = 0});
    AwaitQuiet(*progress_interval_);
  }
  Advance();
}

}  // namespace wirepas_grpc::api
