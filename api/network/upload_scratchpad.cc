// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/call/asker.h"
#include "api/call/await_directory.h"
#include "api/call/deadlines.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/stream_reactor.h"
#include "api/call/validate.h"
#include "api/convert/progress_interval.h"
#include "api/network/rpcs.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::UploadScratchpadRequest;
using Response = mesh::UploadScratchpadResponse;
using Reactor = grpc::ServerWriteReactor<Response>;
using Job = core::ScratchpadUploader::Job;

constexpr uint32_t kMaxSequence = 254;

// Responses that a client has not read. Of more, the newest stands for the rest.
constexpr size_t kMaxWaiting = 1000;

// What an upload told and its client does not know yet. Written by the upload, read
// by the stream. Thread-safe.
class ProgressQueue {
 public:
  void Add(uint32_t accepted) {
    core::MutexLock lock(&mutex_);
    if (waiting_.size() == kMaxWaiting) waiting_.pop_back();
    waiting_.push_back(accepted);
  }

  void Finish(const core::RequestOutcome& outcome) {
    core::MutexLock lock(&mutex_);
    outcome_ = outcome;
  }

  std::optional<uint32_t> TakeNext() {
    core::MutexLock lock(&mutex_);
    if (waiting_.empty()) return std::nullopt;
    const uint32_t next = waiting_.front();
    waiting_.pop_front();
    return next;
  }

  // Once all progress is taken.
  std::optional<core::RequestOutcome> outcome() const {
    core::MutexLock lock(&mutex_);
    return waiting_.empty() ? outcome_ : std::nullopt;
  }

 private:
  mutable core::Mutex mutex_;
  std::deque<uint32_t> waiting_ ABSL_GUARDED_BY(mutex_);
  std::optional<core::RequestOutcome> outcome_ ABSL_GUARDED_BY(mutex_);
};

class UploadStream final : public StreamReactor<Response> {
 public:
  UploadStream(Engine* engine, Job job, absl::Duration directory_limit,
               absl::Duration progress_interval)
      : StreamReactor(engine->network, progress_interval),
        engine_(engine),
        target_{job.gateway.value(), job.sink.value()},
        total_(job.scratchpad ? static_cast<uint32_t>(job.scratchpad->size()) : 0),
        directory_limit_(directory_limit),
        job_(std::move(job)) {}

  bool acts() const override { return true; }
  // What has begun goes on.
  void Drain(const grpc::Status&) override { Wake(); }

 private:
  // How large chunks may be, and whether the gateway takes them, is known once the
  // directory has read the statuses.
  void Open() override {
    auto ready = [read = directory_read_, wake = Waker()]() mutable {
      read->store(true);
      wake();
    };
    stop_waiting_ = AwaitDirectory(engine_->network, directory_limit_, std::move(ready));
  }

  Pulled Pull(Response* response) override {
    if (upload_ == nullptr) {
      if (engine_->network->draining()) {
        End(ToGrpcStatus(core::ShuttingDown(), target_));
        return Pulled::kEnd;
      }
      if (!directory_read_->load()) return Pulled::kNothing;
      StartUpload();
    }
    if (told_all_) {
      End(grpc::Status::OK);
      return Pulled::kEnd;
    }
    if (const std::optional<uint32_t> accepted = progress_->TakeNext()) {
      response->set_accepted_bytes(*accepted);
      response->set_total_bytes(total_);
      last_ = *response;
      return Pulled::kSomething;
    }
    const std::optional<core::RequestOutcome> outcome = progress_->outcome();
    if (!outcome.has_value()) return Pulled::kNothing;
    if (!outcome->status.ok()) {
      End(ToGrpcStatus(*outcome, target_));
      return Pulled::kEnd;
    }
    response->set_accepted_bytes(total_);
    response->set_total_bytes(total_);
    response->set_done(true);
    told_all_ = true;
    return Pulled::kSomething;
  }

  void FillProgress(Response* response) override { *response = last_; }

  void Release() override {
    if (stop_waiting_ != nullptr) stop_waiting_();
    if (upload_ != nullptr) engine_->uploader.Cancel(upload_);
  }

  void StartUpload() {
    // The last chunk is told by the outcome, which follows at once.
    auto progress = [progress = progress_, total = total_,
                     wake = Waker()](uint32_t accepted) mutable {
      if (accepted == total) return;
      progress->Add(accepted);
      wake();
    };
    auto done = [progress = progress_,
                 wake = Waker()](const core::RequestOutcome& outcome) mutable {
      progress->Finish(outcome);
      wake();
    };
    upload_ = engine_->uploader.Start(*std::move(job_), std::move(progress), std::move(done));
    job_.reset();
  }

  Engine* const engine_;
  const Target target_;
  const uint32_t total_;
  const absl::Duration directory_limit_;
  std::optional<Job> job_;  // until the upload starts
  const std::shared_ptr<std::atomic<bool>> directory_read_ =
      std::make_shared<std::atomic<bool>>(false);
  absl::AnyInvocable<void()> stop_waiting_;
  const std::shared_ptr<ProgressQueue> progress_ = std::make_shared<ProgressQueue>();
  std::shared_ptr<core::ScratchpadUploader::Upload> upload_;
  Response last_;  // the progress told last; empty before any
  bool told_all_ = false;
};

// Takes the scratchpad out of the request.
absl::StatusOr<Job> Parse(Request* from) {
  const Request& request = *from;
  absl::StatusOr<SinkName> name = ParseSinkName(request.gateway_id(), request.sink_id());
  if (!name.ok()) return name.status();
  const uint32_t least = request.has_scratchpad() ? 1 : 0;  // to clear, none is needed
  absl::Status status = CheckRange("sequence", request.sequence(), least, kMaxSequence);
  if (request.has_scratchpad() && request.scratchpad().empty()) {
    status.Update(InvalidField("scratchpad", "empty; leave it unset to clear the stored one"));
  }
  if (request.has_max_chunk_size() && request.max_chunk_size() == 0) {
    status.Update(InvalidField("max_chunk_size", "must be at least 1"));
  }
  if (!status.ok()) return status;
  Job job{.gateway = std::move(name->gateway),
          .sink = std::move(name->sink),
          .sequence = request.sequence(),
          .scratchpad = {},
          .max_chunk_size = {},
          .chunk_timeout = kUploadChunkLimit};
  if (request.has_scratchpad()) {
    job.scratchpad = std::make_shared<const std::string>(std::move(*from->mutable_scratchpad()));
  }
  job.allow_unknown_gateway = request.allow_unknown_gateway();
  if (request.has_max_chunk_size()) job.max_chunk_size = request.max_chunk_size();
  return job;
}

}  // namespace

Reactor* UploadScratchpad(Engine* engine, const grpc::CallbackServerContext& context,
                          Request* request) {
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(*request);
  absl::StatusOr<Job> job = Parse(request);
  if (absl::Status status = job.status(); !status.ok() || !progress_interval.ok()) {
    status.Update(progress_interval.status());
    return Refusal<Reactor>::Make(
        ToGrpcStatus(status, TargetOf(request->gateway_id(), request->sink_id())));
  }
  job->asker = AskerOf(engine->network, context);
  if (const std::optional<absl::Duration> limit = ClientLimit(context)) {
    job->chunk_timeout = *limit;
    job->deadline = engine->network->scheduler().MonotonicNow() + *limit;
  }
  return UploadStream::Start(
      std::make_shared<UploadStream>(engine, *std::move(job), LimitAtMost(context, kRequestLimit),
                                     *progress_interval),
      &engine->streams);
}

}  // namespace wirepas_grpc::api
