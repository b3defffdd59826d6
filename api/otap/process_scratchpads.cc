// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/call/gateway.h"
#include "api/call/stream_reactor.h"
#include "api/convert/progress_interval.h"
#include "api/otap/load_plan.h"
#include "api/otap/rpcs.h"
#include "api/sinks/calls.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::ProcessScratchpadsRequest;
using Response = mesh::ProcessScratchpadsResponse;
using Reactor = grpc::ServerWriteReactor<Response>;

// What one response carries at most.
constexpr int kMaxResults = 1000;

// What is known and not told yet. Written by callbacks, read by the stream. Thread-safe.
class Progress {
 public:
  void Resolve(ResolvedScope resolved) {
    core::MutexLock lock(&mutex_);
    resolved_ = std::move(resolved);
  }
  // Once, when it is there.
  std::optional<ResolvedScope> TakeResolved() {
    core::MutexLock lock(&mutex_);
    return std::exchange(resolved_, std::nullopt);
  }

  void SetCount(size_t sinks) {
    core::MutexLock lock(&mutex_);
    has_result_.resize(sinks);
  }
  void AddResult(size_t index, core::RequestOutcome outcome) {
    core::MutexLock lock(&mutex_);
    has_result_[index] = true;
    outcome.response = nullptr;
    waiting_.emplace_back(index, std::move(outcome));
  }
  // Those without a result by now have none to come.
  void Finish(const core::RequestOutcome& outcome_of_others) {
    core::MutexLock lock(&mutex_);
    for (size_t i = 0; i < has_result_.size(); ++i) {
      if (!has_result_[i]) waiting_.emplace_back(i, outcome_of_others);
    }
    finished_ = true;
  }

  std::optional<std::pair<size_t, core::RequestOutcome>> TakeResult() {
    core::MutexLock lock(&mutex_);
    if (waiting_.empty()) return std::nullopt;
    auto result = std::move(waiting_.front());
    waiting_.pop_front();
    return result;
  }
  bool finished() const {
    core::MutexLock lock(&mutex_);
    return finished_ && waiting_.empty();
  }

 private:
  mutable core::Mutex mutex_;
  std::optional<ResolvedScope> resolved_ ABSL_GUARDED_BY(mutex_);
  std::vector<bool> has_result_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::pair<size_t, core::RequestOutcome>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

class ProcessStream final : public StreamReactor<Response> {
 public:
  ProcessStream(Engine* engine, core::SinkScope scope, const CallTime& time,
                const core::SinkFanOut::Options& options, absl::Duration progress_interval)
      : StreamReactor(engine->network, progress_interval),
        network_(engine->network),
        time_(time),
        options_(options),
        scope_(std::move(scope)) {}

  bool acts() const override { return true; }
  // What has begun goes on.
  void Drain(const grpc::Status&) override { Wake(); }

 private:
  void Open() override {
    auto done = [progress = progress_, wake = Waker()](ResolvedScope resolved) mutable {
      progress->Resolve(std::move(resolved));
      wake();
    };
    stop_resolving_ =
        ResolveScope(network_, std::move(scope_),
                     {.client_end = time_.end(), .asker = time_.asker()}, std::move(done));
  }

  Pulled Pull(Response* response) override {
    if (fan_out_ == nullptr) {
      if (network_->draining()) {
        End(ToGrpcStatus(core::ShuttingDown()));
        return Pulled::kEnd;
      }
      std::optional<ResolvedScope> resolved = progress_->TakeResolved();
      if (!resolved.has_value()) return Pulled::kNothing;
      if (!resolved->status.ok()) {
        End(resolved->grpc_status());
        return Pulled::kEnd;
      }
      Begin(std::move(resolved->sinks));
    }
    while (response->results_size() < kMaxResults) {
      const auto result = progress_->TakeResult();
      if (!result.has_value()) break;
      SetResult((*sinks_)[result->first], result->second, response->add_results());
    }
    if (response->results_size() > 0) return Pulled::kSomething;
    if (!progress_->finished()) return Pulled::kNothing;
    End(grpc::Status::OK);
    return Pulled::kEnd;
  }

  void Begin(std::vector<core::ScopedSink> sinks) {
    progress_->SetCount(sinks.size());
    sinks_ = std::make_shared<const std::vector<core::ScopedSink>>(std::move(sinks));
    core::SinkFanOut::Work work;
    work.begin = [network = network_, time = time_, sinks = sinks_](size_t index,
                                                                    core::RequestDone done) {
      gw::WirepasMessage message;
      message.mutable_process_scratchpad_req();
      return AskGateway(network, core::RequestKind::kOtapProcessScratchpad, (*sinks)[index],
                        std::move(message), time.Within(kProcessScratchpadLimit), std::move(done));
    };
    const auto wake = std::make_shared<absl::AnyInvocable<void()>>(Waker());
    work.result = [progress = progress_, wake](size_t index, const core::RequestOutcome& outcome) {
      progress->AddResult(index, outcome);
      (*wake)();
    };
    work.end = [progress = progress_, wake, network = network_] {
      core::RequestOutcome unsent;
      unsent.status =
          network->closing()
              ? core::ShuttingDown()
              : core::WithReason(absl::AbortedError("another sink failed before; nothing was sent"),
                                 core::Reason::kNotBegun);
      progress->Finish(unsent);
      (*wake)();
    };
    core::SinkFanOut::Options options = options_;
    options.may_begin = [network = network_] { return !network->closing(); };
    fan_out_ = core::SinkFanOut::Start(&network_->executor(), &network_->scheduler(), sinks_,
                                       options, std::move(work));
  }

  void Release() override {
    if (stop_resolving_ != nullptr) stop_resolving_();
    if (fan_out_ != nullptr) fan_out_->Stop();
  }

  core::Network* const network_;
  const CallTime time_;
  const core::SinkFanOut::Options options_;
  core::SinkScope scope_;  // until it is being resolved
  const std::shared_ptr<Progress> progress_ = std::make_shared<Progress>();
  absl::AnyInvocable<void()> stop_resolving_;
  SinksPtr sinks_;  // these two once the scope is resolved
  core::SinkFanOut::Ptr fan_out_;
};

}  // namespace

Reactor* ProcessScratchpads(Engine* engine, const grpc::CallbackServerContext& context,
                            const Request& request) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  absl::StatusOr<size_t> max_concurrent = ParseMaxConcurrent(request.max_concurrent());
  absl::Status status = scope.status();
  status.Update(max_concurrent.status());
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(request);
  status.Update(progress_interval.status());
  if (!status.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(status));
  core::SinkFanOut::Options options;
  options.max_concurrent = *max_concurrent;
  options.stop_at_first_failure = request.stop_at_first_failure();
  return ProcessStream::Start(
      std::make_shared<ProcessStream>(engine, *std::move(scope), CallTime(engine->network, context),
                                      options, *progress_interval),
      &engine->streams);
}

}  // namespace wirepas_grpc::api
