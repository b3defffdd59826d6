// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "api/call/stream_reactor.h"
#include "api/convert/progress_interval.h"
#include "api/convert/sink_path.h"
#include "api/otap/load_plan.h"
#include "api/otap/rpcs.h"
#include "api/sinks/calls.h"
#include "core/otap/sequence_choice.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::LoadScratchpadRequest;
using Response = mesh::LoadScratchpadResponse;
using Reactor = grpc::ServerWriteReactor<Response>;
using State = core::SinkLoad::State;

// The numbers of the states are the public ones moved by one.
mesh::SinkLoadState ToProto(State state) {
  static_assert(static_cast<int>(State::kQueued) + 1 == mesh::SINK_LOAD_STATE_QUEUED);
  static_assert(static_cast<int>(State::kStopped) + 1 == mesh::SINK_LOAD_STATE_STOPPED);
  return static_cast<mesh::SinkLoadState>(static_cast<int>(state) + 1);
}

void SetSinkLoad(const core::ScopedSink& sink, const core::SinkLoad& load, mesh::SinkLoad* proto) {
  SetSinkRef(sink.path, proto->mutable_sink());
  proto->set_state(ToProto(load.state));
  proto->set_accepted_bytes(load.accepted);
  if (load.state == State::kFailed) {
    *proto->mutable_error() = ToCallError(load.outcome, TargetOf(sink.path));
  }
}

void SetSummary(const core::ScratchpadLoad& load, mesh::LoadSummary* summary) {
  const std::vector<core::SinkLoad> states = load.States();
  for (size_t i = 0; i < states.size(); ++i) {
    SetSinkLoad(load.sinks()[i], states[i], summary->add_sinks());
    switch (states[i].state) {
      case State::kDone:
        summary->set_done_count(summary->done_count() + 1);
        break;
      case State::kFailed:
        summary->set_failed_count(summary->failed_count() + 1);
        break;
      default:
        summary->set_stopped_count(summary->stopped_count() + 1);
    }
  }
}

// What came of the steps before the load. Written by callbacks, read by the stream.
// Thread-safe.
class Preparation {
 public:
  void Resolve(ResolvedScope resolved) {
    core::MutexLock lock(&mutex_);
    resolved_ = std::move(resolved);
  }
  void SetUsed(const core::UsedSequences& used) {
    core::MutexLock lock(&mutex_);
    used_ = used;
  }
  // Each once, when it is there.
  std::optional<ResolvedScope> TakeResolved() {
    core::MutexLock lock(&mutex_);
    return std::exchange(resolved_, std::nullopt);
  }
  std::optional<core::UsedSequences> TakeUsed() {
    core::MutexLock lock(&mutex_);
    return std::exchange(used_, std::nullopt);
  }

 private:
  core::Mutex mutex_;
  std::optional<ResolvedScope> resolved_ ABSL_GUARDED_BY(mutex_);
  std::optional<core::UsedSequences> used_ ABSL_GUARDED_BY(mutex_);
};

// From step to step: the scope is resolved, its sinks are reserved, they are asked for
// the sequences in use unless the client chose one, then they are loaded.
class LoadStream final : public StreamReactor<Response> {
 public:
  LoadStream(Engine* engine, core::ScratchpadLoader* loader, core::SinkScope scope,
             core::LoadPlan plan, std::optional<uint32_t> sequence, const CallTime& time,
             absl::Duration progress_interval)
      : StreamReactor(engine->network, progress_interval),
        network_(engine->network),
        loader_(loader),
        time_(time),
        scope_(std::move(scope)),
        plan_(std::move(plan)),
        sequence_(sequence) {}

  bool acts() const override { return true; }
  // What has begun goes on.
  void Drain(const grpc::Status&) override { Wake(); }
  void Close() override {
    closing_.store(true);
    Wake();
  }

 private:
  void Open() override {
    auto done = [preparation = preparation_, wake = Waker()](ResolvedScope resolved) mutable {
      preparation->Resolve(std::move(resolved));
      wake();
    };
    stop_resolving_ =
        ResolveScope(network_, std::move(scope_),
                     {.client_end = time_.end(), .asker = time_.asker()}, std::move(done));
  }

  Pulled Pull(Response* response) override {
    if (!begun_ && network_->draining()) return Fail(ToGrpcStatus(core::ShuttingDown()));
    if (load_ == nullptr) {
      std::optional<ResolvedScope> resolved = preparation_->TakeResolved();
      if (!resolved.has_value()) return Pulled::kNothing;
      if (!resolved->status.ok()) return Fail(resolved->grpc_status());
      if (const absl::Status status = Prepare(std::move(resolved->sinks)); !status.ok()) {
        return Fail(ToGrpcStatus(status));
      }
      if (!sequence_.has_value()) AskSequences();
    }
    if (!sequence_.has_value()) {
      const std::optional<core::UsedSequences> used = preparation_->TakeUsed();
      if (!used.has_value()) return Pulled::kNothing;
      absl::BitGen random;
      sequence_ = core::ChooseSequence(*used, random);
      if (!sequence_.has_value()) {
        return Fail(ToGrpcStatus(
            core::WithReason(absl::ResourceExhaustedError(
                                 "all sequence numbers are in use among the sinks of the scope"),
                             core::Reason::kNoSequenceLeft)));
      }
    }
    if (!begun_) {
      SetFile(response->mutable_file());
      Tell(load_->TakeChanges(load_->sinks().size()), response);
      begun_ = true;
      load_->Begin(*sequence_, Waker());
      return Pulled::kSomething;
    }
    return PullProgress(response);
  }

  Pulled PullProgress(Response* response) {
    if (told_all_) return Fail(cut_short_ ? CutShort() : grpc::Status::OK);
    const bool ended = load_->ended();  // before the last changes are taken
    if (closing_.load() && !ended) load_->Stop();
    const auto changes = load_->TakeChanges(load_->sinks().size());
    if (changes.empty() && !ended) return Pulled::kNothing;
    Tell(changes, response);
    if (changes.empty()) {
      SetSummary(*load_, response->mutable_summary());
      told_all_ = true;
      const auto done = static_cast<size_t>(response->summary().done_count());
      cut_short_ = network_->closing() && done < load_->sinks().size();
    }
    return Pulled::kSomething;
  }

  absl::Status Prepare(std::vector<core::ScopedSink> sinks) {
    plan_.asker = time_.asker();
    plan_.sinks = std::make_shared<const std::vector<core::ScopedSink>>(std::move(sinks));
    absl::StatusOr<core::ScratchpadLoader::LoadPtr> load = loader_->Prepare(std::move(plan_));
    if (load.ok()) load_ = *std::move(load);
    return load.status();
  }

  void AskSequences() {
    const SinksPtr sinks(load_, &load_->sinks());
    stop_asking_ =
        AskEach(network_, sinks, AskScratchpadStatus(network_, time_),
                [preparation = preparation_, wake = Waker()](const Outcomes& outcomes) mutable {
                  core::UsedSequences used;
                  for (const core::RequestOutcome& outcome : outcomes) {
                    if (!outcome.status.ok()) continue;
                    core::AddSequences(outcome.response->get_scratchpad_status_resp(), &used);
                  }
                  preparation->SetUsed(used);
                  wake();
                });
  }

  void SetFile(mesh::ScratchpadFile* file) const {
    file->set_size(load_->file().size);
    if (load_->file().crc.has_value()) file->set_crc(*load_->file().crc);
  }

  void Tell(const std::vector<core::ScratchpadLoad::Change>& changes, Response* response) const {
    response->set_load_id(load_->id());
    response->set_sequence(*sequence_);
    for (const auto& change : changes) {
      SetSinkLoad(load_->sinks()[change.index], change.load, response->add_sinks());
    }
  }

  static grpc::Status CutShort() {
    core::RequestOutcome outcome;
    outcome.status = core::WithReason(
        absl::DeadlineExceededError(
            "the service shut down before all was loaded; the summary tells how far each sink is"),
        core::Reason::kShuttingDown);
    outcome.maybe_done = true;
    return ToGrpcStatus(outcome, {});
  }

  Pulled Fail(const grpc::Status& status) {
    End(status);
    return Pulled::kEnd;
  }

  void FillProgress(Response* response) override {
    if (begun_) Tell({}, response);
  }

  void Release() override {
    if (stop_resolving_ != nullptr) stop_resolving_();
    if (stop_asking_ != nullptr) stop_asking_();
    if (load_ != nullptr) load_->Abandon();
  }

  core::Network* const network_;
  core::ScratchpadLoader* const loader_;
  const CallTime time_;
  core::SinkScope scope_;  // until it is being resolved
  core::LoadPlan plan_;    // until there is a load
  std::optional<uint32_t> sequence_;
  const std::shared_ptr<Preparation> preparation_ = std::make_shared<Preparation>();
  absl::AnyInvocable<void()> stop_resolving_;
  absl::AnyInvocable<void()> stop_asking_;
  core::ScratchpadLoader::LoadPtr load_;
  bool begun_ = false;
  bool told_all_ = false;
  bool cut_short_ = false;  // the service closed before all was loaded
  std::atomic<bool> closing_ = false;
};

}  // namespace

Reactor* LoadScratchpad(Engine* engine, core::ScratchpadLoader* loader,
                        const grpc::CallbackServerContext& context, Request* request) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(*request);
  absl::StatusOr<core::LoadPlan> plan = ParseLoadPlan(request);
  absl::Status status = scope.status();
  status.Update(plan.status());
  const absl::StatusOr<absl::Duration> progress_interval = ParseProgressInterval(*request);
  status.Update(progress_interval.status());
  if (!status.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(status));
  std::optional<uint32_t> sequence;
  if (request->has_sequence()) sequence = request->sequence();
  return LoadStream::Start(
      std::make_shared<LoadStream>(engine, loader, *std::move(scope), *std::move(plan), sequence,
                                   CallTime(engine->network, context), *progress_interval),
      &engine->streams);
}

grpc::ServerUnaryReactor* StopLoadScratchpad(core::ScratchpadLoader* loader,
                                             const mesh::StopLoadScratchpadRequest& request,
                                             mesh::StopLoadScratchpadResponse* response) {
  absl::Status status;
  if (request.load_id() == 0) {
    status = InvalidField("load_id", "missing");
  } else if (!loader->Stop(request.load_id())) {
    status =
        core::WithReason(absl::NotFoundError(absl::StrCat("load_id: there is no load ",
                                                          request.load_id(), ", or it has ended")),
                         core::Reason::kLoadNotFound);
  }
  if (!status.ok()) {
    return Refusal<grpc::ServerUnaryReactor>::Make(ToGrpcStatus(status));
  }
  const auto call = UnaryCall<mesh::StopLoadScratchpadResponse>::Create(response);
  call->Succeed([](mesh::StopLoadScratchpadResponse*) {});
  return call.get();
}

}  // namespace wirepas_grpc::api
