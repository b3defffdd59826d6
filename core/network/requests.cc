// SPDX-License-Identifier: Apache-2.0
//
// The half of Network that asks gateways: from a request to its publishing. Answers
// come in by network.cc.
#include <atomic>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/gateway_api/codec.h"
#include "core/gateway_api/topics.h"
#include "core/network/network.h"

namespace wirepas_grpc::core {
namespace {

// A gateway subscribes at 2, because the same request twice is two radio messages.
constexpr int kRequestQos = 2;

}  // namespace

// A request on its way to being published. The tracker's callback owns it.
struct Network::Call {
  Call(RequestKind kind_in, const GatewayId& gateway_in, const SinkId* sink_in,
       gw::WirepasMessage message_in)
      : kind(kind_in), gateway(gateway_in), message(std::move(message_in)) {
    if (sink_in != nullptr) sink = *sink_in;
  }

  RequestId id = 0;
  const RequestKind kind;
  const GatewayId gateway;
  std::optional<SinkId> sink;
  bool allow_unknown_gateway = false;
  gw::WirepasMessage message;
  absl::AnyInvocable<void()> taken;
  std::atomic<bool> answers_awaited = false;

  Mutex mutex;
  std::optional<WaitId> sync_wait ABSL_GUARDED_BY(mutex);
  InterestPtr answers ABSL_GUARDED_BY(mutex);
};

RequestId Network::Request(RequestKind kind, const GatewayId& gateway, const SinkId* sink,
                           gw::WirepasMessage message, const RequestLimit& limit,
                           std::optional<RequestId> wanted, RequestDone done,
                           absl::AnyInvocable<void()> taken) {
  const std::string sink_id = sink == nullptr ? "" : sink->value();
  const auto fail = [&](const absl::Status& status) -> RequestId {
    RequestOutcome outcome;
    outcome.status = absl::Status(
        status.code(),
        absl::StrCat(RequestTargetText(gateway.value(), sink_id), ": ", status.message()));
    executor_->Post([done = std::move(done), outcome]() mutable { done(outcome); });
    return 0;
  };
  if (draining() && !limit.admitted) return fail(ShuttingDown());
  const BrokerState broker = broker_monitor_.Get().state;
  if (!broker.connected) {
    return fail(
        absl::UnavailableError(absl::StrCat("the broker ", broker.endpoint, " is not connected (",
                                            DisconnectReasonText(broker.reason), ")")));
  }
  auto call = std::make_shared<Call>(kind, gateway, sink, std::move(message));
  call->taken = std::move(taken);
  call->allow_unknown_gateway = limit.allow_unknown_gateway;
  // The wrapper below moves `done` away, so an error of Add() must bring it back.
  auto shared_done = std::make_shared<RequestDone>(std::move(done));
  const absl::StatusOr<RequestId> id =
      tracker_.Add(kind, gateway.value(), sink_id, limit, wanted,
                   [this, call, shared_done](const RequestOutcome& outcome) {
                     InterestPtr ended;  // destroyed after the lock is released
                     {
                       MutexLock lock(&call->mutex);
                       if (call->sync_wait) directory_.CancelWaitSynced(*call->sync_wait);
                       ended = std::move(call->answers);
                     }
                     (*shared_done)(outcome);
                   });
  if (!id.ok()) {
    done = std::move(*shared_done);
    return fail(id.status());
  }
  call->id = *id;
  if (broker_monitor_.connected()) {
    FindGateway(std::move(call));
  } else {  // lost since, perhaps too late for this request to be ended with the others
    tracker_.FailUnsent(*id, absl::UnavailableError("the connection to the broker was lost"));
  }
  return *id;
}

void Network::FindGateway(std::shared_ptr<Call> call) {
  while (true) {
    const bool synced = directory_.synced();
    const GatewayPtr gateway = directory_.Find(call->gateway.value());
    if (gateway != nullptr && !gateway->reachable()) {
      tracker_.FailUnsent(call->id, absl::UnavailableError("the gateway is offline"));
      return;
    }
    if (gateway != nullptr && gateway->online()) return AwaitResponses(std::move(call));
    if (synced) {
      if (gateway != nullptr || call->allow_unknown_gateway) return AwaitResponses(std::move(call));
      tracker_.FailUnsent(call->id, absl::NotFoundError("the gateway is not known"));
      return;
    }
    MutexLock lock(&call->mutex);
    call->sync_wait = directory_.WaitSynced([this, call] { FindGateway(call); });
    if (!call->sync_wait.has_value()) continue;
    // It may have ended before there was anything to cancel.
    if (!tracker_.IsPending(call->id)) directory_.CancelWaitSynced(*call->sync_wait);
    return;
  }
}

void Network::AwaitResponses(std::shared_ptr<Call> call) {
  // Once: on this thread when the answers come already, else when the broker has answered.
  const auto go_on = [this, call] {
    std::optional<absl::Status> granted;
    {
      MutexLock lock(&call->mutex);
      if (call->answers == nullptr) return;  // it has ended
      granted = call->answers->result();
    }
    if (!granted.has_value() || call->answers_awaited.exchange(true)) return;
    if (granted->ok()) return PublishRequest(call);
    tracker_.FailUnsent(
        call->id, absl::Status(granted->code(), absl::StrCat("answers: ", granted->message())));
  };
  InterestPtr ended;  // destroyed after the lock is released
  {
    MutexLock lock(&call->mutex);
    call->answers =
        subscriptions_.Acquire({kResponseFilter}, {.linger = options_.response_linger}, go_on);
    // It may have ended before there was anything to let go.
    if (!tracker_.IsPending(call->id)) ended = std::move(call->answers);
  }
  go_on();
}

void Network::PublishRequest(std::shared_ptr<Call> call) {
  gw::RequestHeader* header = MutableRequestHeader(&call->message);
  header->set_req_id(call->id);
  if (call->sink) header->set_sink_id(call->sink->value());
  header->set_time_ms_epoch(static_cast<uint64_t>(absl::ToUnixMillis(scheduler_->Now())));
  const std::string payload = Encode(call->message);
  gw::WirepasMessage().Swap(&call->message);  // Clear() would keep its memory
  const RequestId id = call->id;
  if (!tracker_.MarkSent(id)) return;
  const absl::Status status = broker_->Publish(
      RequestTopic(call->kind, call->gateway, call->sink ? &*call->sink : nullptr), payload,
      kRequestQos, /*retain=*/false,
      [this, id, taken = std::move(call->taken)](const absl::Status& published) mutable {
        if (published.ok()) {
          tracker_.MarkTaken(id);
          if (taken != nullptr) taken();
        } else if (absl::IsAborted(published)) {
          tracker_.FailSent(id,
                            absl::DeadlineExceededError(absl::StrCat(
                                published.message(), "; the request may have been carried out")));
        } else {
          tracker_.FailUnsent(id, published);
        }
      });
  if (!status.ok()) tracker_.FailUnsent(id, status);
}

void Network::ClearGatewayStatus(const GatewayId& gateway, absl::Duration timeout,
                                 absl::AnyInvocable<void(const absl::Status&)> done) {
  struct State {
    Mutex mutex;
    bool ended ABSL_GUARDED_BY(mutex) = false;
    TimerId timer ABSL_GUARDED_BY(mutex) = 0;
    WaitId end_wait ABSL_GUARDED_BY(mutex) = 0;
    absl::AnyInvocable<void(const absl::Status&)> done;
  };
  auto state = std::make_shared<State>();
  state->done = std::move(done);
  const auto finish = [this, state](const absl::Status& status) {
    {
      MutexLock lock(&state->mutex);
      if (state->ended) return;
      state->ended = true;
      scheduler_->Cancel(state->timer);
      end_waits_.Remove(state->end_wait);
    }
    executor_->Post([state, status] { state->done(status); });
  };
  {
    MutexLock lock(&state->mutex);
    state->timer = scheduler_->RunAfter(timeout, [finish] {
      finish(absl::DeadlineExceededError(
          "the broker did not confirm in time; the status may have been removed"));
    });
    state->end_wait = end_waits_.Add([finish] {
      finish(absl::DeadlineExceededError(
          "the service shut down before the broker confirmed; the status may have been removed"));
    });
  }
  if (draining()) return finish(ShuttingDown());
  const absl::Status status = broker_->Publish(
      StatusTopic(gateway), "", 1, /*retain=*/true, [finish](const absl::Status& s) {
        finish(absl::IsAborted(s) ? absl::DeadlineExceededError(absl::StrCat(
                                        s.message(), "; the status may have been removed"))
                                  : s);
      });
  if (!status.ok()) finish(status);
}

}  // namespace wirepas_grpc::core
