// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/convert/scratchpad.h"
#include "api/otap/rpcs.h"
#include "api/sinks/calls.h"
#include "core/base/instant.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::SetTargetResponse;
using Reactor = grpc::ServerUnaryReactor;
using GatewayTarget = gw::TargetScratchpadAndAction;

absl::Status OtherScratchpad(absl::string_view problem) {
  return core::WithReason(absl::FailedPreconditionError(problem), core::Reason::kOtherScratchpad);
}

// Completes a target by the scratchpad that a sink stores. FAILED_PRECONDITION: it
// stores none, or another than the target names.
absl::Status Complete(const gw::GetScratchpadStatusResp& status, GatewayTarget* target) {
  const gw::ScratchpadInfo& stored = status.stored_scratchpad();
  if (stored.seq() == 0 || status.stored_type() == gw::BLANK) {
    return OtherScratchpad("the sink stores no scratchpad that can be the target");
  }
  if ((target->has_target_sequence() && target->target_sequence() != stored.seq()) ||
      (target->has_target_crc() && target->target_crc() != stored.crc())) {
    return OtherScratchpad(
        absl::StrCat("the sink stores another scratchpad than the target's: sequence ",
                     stored.seq(), ", checksum ", stored.crc()));
  }
  target->set_target_sequence(stored.seq());
  target->set_target_crc(stored.crc());
  return absl::OkStatus();
}

// Of the question what a sink stores: it changes nothing, and the target was not sent.
absl::Status Untold(const absl::Status& status) {
  if (status.ok()) return status;
  if (absl::IsDeadlineExceeded(status)) {
    return core::WithMessage(
        status, "the sink did not tell in time which scratchpad it stores; no target was sent");
  }
  return core::WithMessage(status, absl::StrCat("asked which scratchpad the sink stores: ",
                                                status.message(), "; no target was sent"));
}

// Sets the target of one sink, which may be asked first what it stores.
class TargetSetting : public std::enable_shared_from_this<TargetSetting> {
 public:
  TargetSetting(core::Network* network, const core::ScopedSink& sink, GatewayTarget target,
                const core::RequestLimit& limit, core::RequestDone done)
      : network_(network),
        sink_(sink),
        target_(std::move(target)),
        limit_(limit),
        end_(core::Instant::Now() + limit.timeout),
        done_(std::move(done)) {}

  void AskAndSet() {
    gw::WirepasMessage message;
    message.mutable_get_scratchpad_status_req();
    Request(core::RequestKind::kOtapStatus, std::move(message),
            [self = shared_from_this()](const core::RequestOutcome& outcome) {
              core::RequestOutcome failed;  // with nothing sent but the question
              failed.answer = outcome.answer;
              failed.unknown_answer = outcome.unknown_answer;
              failed.status = Untold(outcome.status);
              if (!failed.status.ok()) return self->done_(failed);
              failed.answer.reset();
              failed.status =
                  Complete(outcome.response->get_scratchpad_status_resp(), &self->target_);
              if (!failed.status.ok()) return self->done_(failed);
              self->Set();
            });
  }

  void Set() {
    gw::WirepasMessage message;
    *message.mutable_set_scratchpad_target_and_action_req()->mutable_target_and_action() = target_;
    Request(
        core::RequestKind::kOtapSetTarget, std::move(message),
        [self = shared_from_this()](const core::RequestOutcome& outcome) { self->done_(outcome); });
  }

  void Cancel() {
    core::SinkFanOut::Cancel cancel;
    {
      core::MutexLock lock(&mutex_);
      cancelled_ = true;
      cancel = std::exchange(cancel_, nullptr);
    }
    if (cancel != nullptr) cancel();
  }

 private:
  void Request(core::RequestKind kind, gw::WirepasMessage message, core::RequestDone done) {
    core::MutexLock lock(&mutex_);
    if (cancelled_) {
      core::RequestOutcome outcome;
      outcome.status = core::CallCancelled();
      network_->executor().Post([done = std::move(done), outcome]() mutable { done(outcome); });
      return;
    }
    core::RequestLimit left = limit_;
    left.timeout = std::max(end_ - core::Instant::Now(), absl::ZeroDuration());
    cancel_ = AskGateway(network_, kind, sink_, std::move(message), left, std::move(done));
  }

  core::Network* const network_;
  const core::ScopedSink& sink_;
  GatewayTarget target_;
  const core::RequestLimit limit_;  // of all of it
  const core::Instant end_;
  core::RequestDone done_;

  core::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  core::SinkFanOut::Cancel cancel_ ABSL_GUARDED_BY(mutex_);  // of the present request
};

}  // namespace

Reactor* SetTarget(Engine* engine, const grpc::CallbackServerContext& context,
                   const mesh::SetTargetRequest& request, Response* response) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  absl::StatusOr<GatewayTarget> target = ToGateway(request.target());
  absl::Status status = scope.status();
  if (!request.has_target()) status.Update(InvalidField("target", "missing"));
  status.Update(target.status());
  if (!status.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(status));

  const auto call = UnaryCall<Response>::Create(engine->network, response);
  const CallTime time(engine->network, context);
  const bool asks = NamesScratchpad(target->action()) &&
                    !(target->has_target_sequence() && target->has_target_crc());
  AskSink ask = [network = engine->network, time, asks, target = *std::move(target)](
                    const core::ScopedSink& sink, core::RequestDone done) {
    const auto setting = std::make_shared<TargetSetting>(
        network, sink, target, time.Within(kRequestLimit), std::move(done));
    asks ? setting->AskAndSet() : setting->Set();
    return [setting] { setting->Cancel(); };
  };
  CallSinks<Response>(engine->network, *std::move(scope), time, std::move(ask), call,
                      FillResults<Response>);
  return call.get();
}

}  // namespace wirepas_grpc::api
