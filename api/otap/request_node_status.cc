// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/call/gateway.h"
#include "api/call/refusal.h"
#include "api/convert/message.h"
#include "api/otap/rpcs.h"
#include "api/sinks/calls.h"
#include "core/base/instant.h"
#include "core/interest/await_answer.h"

namespace wirepas_grpc::api {
namespace {

using Response = mesh::RequestNodeStatusResponse;
using Reactor = grpc::ServerUnaryReactor;

// How long the question waits for the broker to grant that the answers are heard.
constexpr absl::Duration kGrantLimit = absl::Seconds(2);

constexpr uint32_t kBroadcast = 0xffffffff;

// The question for the scratchpad status in the remote API.
constexpr uint32_t kSourceEndpoint = 255;
constexpr uint32_t kDestinationEndpoint = 240;
constexpr char kQuestion[] = {0x19, 0x00};

absl::StatusOr<gw::SendPacketReq> Question(uint32_t destination_address) {
  if (destination_address == 0) {
    return InvalidField("destination_address", "0 is nobody's address");
  }
  mesh::Message message;
  message.set_destination_address(destination_address);
  message.set_source_endpoint(kSourceEndpoint);
  message.set_destination_endpoint(kDestinationEndpoint);
  message.set_payload(std::string(kQuestion, sizeof(kQuestion)));
  return ToGateway("message", message);
}

// The messages of one sink, one after the other; ends with the first that fails.
class Questions : public std::enable_shared_from_this<Questions> {
 public:
  Questions(Engine* engine, const core::ScopedSink& sink, std::vector<gw::SendPacketReq> messages,
            const core::RequestLimit& limit, core::RequestDone done)
      : engine_(engine),
        sink_(sink),
        messages_(std::move(messages)),
        limit_(limit),
        end_(core::Instant::Now() + limit.timeout),
        done_(std::move(done)) {}

  void SendNext() {
    const gw::SendPacketReq& message = messages_[next_++];
    core::RequestLimit left = limit_;
    left.timeout = std::max(end_ - core::Instant::Now(), absl::ZeroDuration());
    left.admitted = true;  // by ResolveScope()
    auto sent = [self = shared_from_this()](const core::RequestOutcome& outcome) {
      self->OnSent(outcome);
    };
    core::MutexLock lock(&mutex_);
    if (cancelled_ || left.timeout <= absl::ZeroDuration()) {
      core::RequestOutcome outcome = NoTimeLeft(sink_);
      if (cancelled_) outcome.status = core::CallCancelled();
      engine_->network->executor().Post(
          [self = shared_from_this(), outcome] { self->done_(outcome); });
      return;
    }
    cancel_ = [engine = engine_,
               ticket = engine_->sender.Send(sink_.path.gateway, sink_.path.sink, message, left,
                                             std::nullopt, std::move(sent))] {
      engine->sender.Cancel(ticket);
    };
  }

  void OnSent(core::RequestOutcome outcome) {
    if (outcome.status.ok() && next_ < messages_.size()) {
      sent_ = outcome.request_id;
      return SendNext();
    }
    if (!outcome.status.ok() && sent_ != 0) {
      outcome.maybe_done = true;
      if (outcome.request_id == 0) outcome.request_id = sent_;
    }
    done_(outcome);
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
  Engine* const engine_;
  const core::ScopedSink& sink_;
  const std::vector<gw::SendPacketReq> messages_;
  const core::RequestLimit limit_;  // of all of it
  const core::Instant end_;
  core::RequestDone done_;  // used by one task at a time, like next_
  size_t next_ = 0;
  core::RequestId sent_ = 0;  // the last that the sink took

  core::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  core::SinkFanOut::Cancel cancel_ ABSL_GUARDED_BY(mutex_);  // of the present message
};

// A broadcast does not come back to the sink that sends it, which is a node too.
std::vector<gw::SendPacketReq> QuestionsOf(const core::ScopedSink& sink,
                                           const gw::SendPacketReq& question) {
  std::vector<gw::SendPacketReq> questions;
  if (question.destination_address() == kBroadcast && sink.config->has_node_address()) {
    questions.push_back(question);
    questions.back().set_destination_address(sink.config->node_address());
  }
  questions.push_back(question);
  return questions;
}

}  // namespace

Reactor* RequestNodeStatus(Engine* engine, core::NodeStatusCollector* node_statuses,
                           const grpc::CallbackServerContext& context,
                           const mesh::RequestNodeStatusRequest& request, Response* response) {
  absl::StatusOr<core::SinkScope> scope = ParseScopeOf(request);
  absl::StatusOr<gw::SendPacketReq> question =
      Question(request.has_destination_address() ? request.destination_address() : kBroadcast);
  absl::Status status = scope.status();
  status.Update(question.status());
  if (status.ok() && engine->network->draining()) status = core::ShuttingDown();
  if (!status.ok()) return Refusal<Reactor>::Make(ToGrpcStatus(status));

  const auto call = UnaryCall<Response>::Create(engine->network, response);
  const CallTime time(engine->network, context);
  auto ask_all = [engine, time, call, scope = *std::move(scope),
                  question = *std::move(question)]() mutable {
    AskSink ask = [engine, time, question](const core::ScopedSink& sink, core::RequestDone done) {
      const auto questions = std::make_shared<Questions>(
          engine, sink, QuestionsOf(sink, question), time.Within(kRequestLimit), std::move(done));
      questions->SendNext();
      return [questions] { questions->Cancel(); };
    };
    CallSinks<Response>(engine->network, std::move(scope), time, std::move(ask), call,
                        FillResults<Response>);
  };
  core::Network* const network = engine->network;
  call->AddCancel(core::AwaitAnswer(
      [node_statuses](core::Subscriptions::Changed changed) {
        return node_statuses->Acquire(std::move(changed));
      },
      kGrantLimit, &network->executor(), &network->scheduler(), std::move(ask_all)));
  return call.get();
}

}  // namespace wirepas_grpc::api
