// SPDX-License-Identifier: Apache-2.0
//
// The half of Network that asks gateways: from a request to its publishing. Answers
// come in by network.cc.
#include <atomic>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/gateway_api/codec.h"
#include "core/gateway_api/topics.h"
#include "core/network/failures.h"
#include "core/network/network.h"

namespace wirepas_grpc::core {
namespace {

// A gateway subscribes at 2, because the same request twice is two radio messages.
constexpr int kRequestQos = 2;

// Of what was handed to a connection that broke before the broker had taken it.
absl::Status MaybeSent(const absl::Status& aborted, absl::string_view what) {
  return WithReason(absl::DeadlineExceededError(absl::StrCat(aborted.message(), "; ", what)),
                    Reason::kConnectionLost);
}

}  // namespace

// A request on its way to being published. The tracker's callback owns it.
struct Network::Call {
  Call(RequestKind kind_in, const GatewayId& gateway_in, const SinkId* sink_in,
       gw::WirepasMessage message_in)
      : kind(kind_in), gateway(gateway_in), message(std::move(message_in)) {
    if (sink_in != nullptr) sink = *sink_in;
  }

  RequestKey key{0};
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

RequestKey Network::KeyOf(const CallPtr& call) {
  return call == nullptr ? RequestKey(0) : call->key;
}

RequestId Network::Request(RequestKind kind, const GatewayId& gateway, const SinkId* sink,
                           gw::WirepasMessage message, const RequestLimit& limit,
                           std::optional<RequestId> wanted, RequestDone done,
                           absl::AnyInvocable<void()> taken) {
  CallPtr call = Prepare(kind, gateway, sink, std::move(message), limit, wanted, std::move(done),
                         std::move(taken));
  const RequestId id = KeyOf(call).id;
  Begin(std::move(call));
  return id;
}

Network::CallPtr Network::Prepare(RequestKind kind, const GatewayId& gateway, const SinkId* sink,
                                  gw::WirepasMessage message, const RequestLimit& limit,
                                  std::optional<RequestId> wanted, RequestDone done,
                                  absl::AnyInvocable<void()> taken) {
  const std::string sink_id = sink == nullptr ? "" : sink->value();
  const auto fail = [&](const absl::Status& status) -> CallPtr {
    tracker_.CountNotSent(kind);
    RequestOutcome outcome;
    outcome.status = WithMessage(
        status, absl::StrCat(RequestTargetText(gateway.value(), sink_id), ": ", status.message()));
    executor_->Post([done = std::move(done), outcome]() mutable { done(outcome); });
    return nullptr;
  };
  if (draining() && !limit.admitted) return fail(ShuttingDown());
  const BrokerState broker = broker_monitor_.Get().state;
  if (!broker.connected) return fail(NotConnected(broker));
  auto call = std::make_shared<Call>(kind, gateway, sink, std::move(message));
  call->taken = std::move(taken);
  call->allow_unknown_gateway = limit.allow_unknown_gateway;
  // The wrapper below moves `done` away, so an error of Add() must bring it back.
  auto shared_done = std::make_shared<RequestDone>(std::move(done));
  const absl::StatusOr<RequestKey> key =
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
  if (!key.ok()) {
    done = std::move(*shared_done);
    return fail(key.status());
  }
  call->key = *key;
  return call;
}

void Network::Begin(CallPtr call) {
  if (call == nullptr) return;
  if (broker_monitor_.connected()) return FindGateway(std::move(call));
  // Lost since, perhaps too late for this request to be ended with the others.
  tracker_.FailUnsent(call->key, ConnectionLost());
}

void Network::FindGateway(CallPtr call) {
  while (true) {
    const bool synced = directory_.synced();
    const GatewayPtr gateway = directory_.Find(call->gateway.value());
    if (gateway != nullptr && !gateway->reachable()) {
      tracker_.FailUnsent(call->key, GatewayOffline());
      return;
    }
    if (gateway != nullptr && gateway->online()) return AwaitResponses(std::move(call));
    if (synced) {
      if (gateway != nullptr || call->allow_unknown_gateway) return AwaitResponses(std::move(call));
      tracker_.FailUnsent(call->key, GatewayNotKnown());
      return;
    }
    MutexLock lock(&call->mutex);
    call->sync_wait = directory_.WaitSynced([this, call] { FindGateway(call); });
    if (!call->sync_wait.has_value()) continue;
    // It may have ended before there was anything to cancel.
    if (!tracker_.IsPending(call->key)) directory_.CancelWaitSynced(*call->sync_wait);
    return;
  }
}

void Network::AwaitResponses(CallPtr call) {
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
    tracker_.FailUnsent(call->key,
                        WithMessage(*granted, absl::StrCat("answers: ", granted->message())));
  };
  InterestPtr ended;  // destroyed after the lock is released
  {
    MutexLock lock(&call->mutex);
    call->answers =
        subscriptions_.Acquire({kResponseFilter}, {.linger = options_.response_linger}, go_on);
    // It may have ended before there was anything to let go.
    if (!tracker_.IsPending(call->key)) ended = std::move(call->answers);
  }
  go_on();
}

void Network::PublishRequest(const CallPtr& call) {
  gw::RequestHeader* header = MutableRequestHeader(&call->message);
  const RequestKey key = call->key;
  header->set_req_id(key.id);
  if (call->sink) header->set_sink_id(call->sink->value());
  header->set_time_ms_epoch(static_cast<uint64_t>(absl::ToUnixMillis(scheduler_->Now())));
  BrokerClient::Outgoing publish;
  publish.topic = RequestTopic(call->kind, call->gateway, call->sink ? &*call->sink : nullptr);
  publish.payload = Encode(call->message);
  publish.qos = kRequestQos;
  gw::WirepasMessage().Swap(&call->message);  // Clear() would keep its memory
  std::optional<RequestPlaces::Hold> hold = tracker_.MarkQueued(key);
  if (!hold.has_value()) return;
  publish.begin = [this, key, hold = *std::move(hold)] { return tracker_.MarkSent(key); };
  publish.done = [this, key,
                  taken = std::move(call->taken)](const absl::Status& published) mutable {
    if (published.ok()) {
      tracker_.MarkTaken(key);
      if (taken != nullptr) taken();
    } else if (absl::IsAborted(published)) {
      tracker_.FailSent(key, MaybeSent(published, "the request may have been carried out"));
    } else {
      tracker_.FailUnsent(key, published);
    }
  };
  const absl::Status status = broker_->Enqueue(std::move(publish));
  if (!status.ok()) tracker_.FailUnsent(key, status);
}

void Network::ClearGatewayStatus(const GatewayId& gateway, const RequestLimit& limit,
                                 absl::AnyInvocable<void(const absl::Status&)> done) {
  struct State {
    Mutex mutex;
    bool sent ABSL_GUARDED_BY(mutex) = false;  // handed to the connection
    bool ended ABSL_GUARDED_BY(mutex) = false;
    TimerId timer ABSL_GUARDED_BY(mutex) = 0;
    WaitId end_wait ABSL_GUARDED_BY(mutex) = 0;
    RequestPlaces::PlacePtr place ABSL_GUARDED_BY(mutex);
    absl::AnyInvocable<void(const absl::Status&)> done;
  };
  auto state = std::make_shared<State>();
  state->done = std::move(done);
  const auto finish = [this, state](const absl::Status& if_sent, const absl::Status& if_not) {
    absl::Status status;
    RequestPlaces::PlacePtr place;  // given back after the lock is released
    {
      MutexLock lock(&state->mutex);
      if (std::exchange(state->ended, true)) return;
      status = state->sent ? if_sent : if_not;
      place = std::move(state->place);
      scheduler_->Cancel(state->timer);
      end_waits_.Remove(state->end_wait);
    }
    executor_->Post([state, status] { state->done(status); });
  };
  const auto give_up = [finish](absl::string_view why, Reason if_sent, Reason if_not) {
    finish(WithReason(
               absl::DeadlineExceededError(absl::StrCat(why, "; the status may have been removed")),
               if_sent),
           WithReason(absl::UnavailableError(absl::StrCat(why, "; nothing was sent")), if_not));
  };
  const auto time_over = [give_up] {
    give_up("the broker did not confirm in time", Reason::kNoAnswer, Reason::kOutOfTime);
  };
  const auto end_of_service = [give_up] {
    give_up("the service shut down before the broker confirmed", Reason::kShuttingDown,
            Reason::kShuttingDown);
  };
  if (draining()) return finish(ShuttingDown(), ShuttingDown());
  const absl::StatusOr<RequestPlaces::PlacePtr> place = tracker_.places().Take(limit.asker);
  if (!place.ok()) return finish(place.status(), place.status());
  {
    MutexLock lock(&state->mutex);
    state->place = *place;
    state->timer = scheduler_->RunAfter(limit.timeout, time_over);
    state->end_wait = end_waits_.Add(end_of_service);
  }
  // The service may have shut down before there was anything to end.
  if (closing()) return end_of_service();
  BrokerClient::Outgoing publish;
  publish.topic = StatusTopic(gateway);
  publish.qos = 1;
  publish.retain = true;
  publish.begin = [state, place = *place] {
    MutexLock lock(&state->mutex);
    state->sent = !state->ended;
    return state->sent;
  };
  publish.done = [finish](const absl::Status& published) {
    const absl::Status status = absl::IsAborted(published)
                                    ? MaybeSent(published, "the status may have been removed")
                                    : published;
    finish(status, status);
  };
  const absl::Status status = broker_->Enqueue(std::move(publish));
  if (!status.ok()) finish(status, status);
}

}  // namespace wirepas_grpc::core
