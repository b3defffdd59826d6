// SPDX-License-Identifier: Apache-2.0
#include "core/network/network.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/gateway_api/codec.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

// QoS of the subscriptions. Responses and requests are sent at QoS 2, but for this
// reader a duplicate does no harm, and QoS 1 costs half the packets.
constexpr int kSubscribeQos = 1;
// A gateway subscribes at 2, because the same request twice is two radio messages.
constexpr int kRequestQos = 2;
// For the sinks of gateways that leave them out of their status.
constexpr absl::Duration kAskForSinksTimeout = absl::Seconds(10);

uint64_t RandomId() {
  absl::BitGen random;
  return absl::Uniform<uint64_t>(random);
}

bool IsResponseOf(RequestKind kind, const gw::WirepasMessage& message) {
  switch (kind) {
    case RequestKind::kGetConfigs:
      return message.has_get_configs_resp();
    case RequestKind::kGetGatewayInfo:
      return message.has_get_gateway_info_resp();
    case RequestKind::kSetConfig:
      return message.has_set_config_resp();
    case RequestKind::kSendData:
      return message.has_send_packet_resp();
    case RequestKind::kOtapStatus:
      return message.has_get_scratchpad_status_resp();
    case RequestKind::kOtapLoadScratchpad:
      return message.has_upload_scratchpad_resp();
    case RequestKind::kOtapProcessScratchpad:
      return message.has_process_scratchpad_resp();
    case RequestKind::kOtapSetTarget:
      return message.has_set_scratchpad_target_and_action_resp();
    case RequestKind::kSetConfigurationDataItem:
      return message.has_set_configuration_data_item_resp();
    case RequestKind::kGetConfigurationDataItem:
      return message.has_get_configuration_data_item_resp();
  }
  return false;
}

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
  gw::WirepasMessage message;
  Demand::LeasePtr responses;

  Mutex mutex;
  std::optional<WaitId> sync_wait ABSL_GUARDED_BY(mutex);
  std::optional<uint64_t> confirm_wait ABSL_GUARDED_BY(mutex);
};

Network::Network(const Options& options, BrokerClient* broker, Executor* executor,
                 Scheduler* scheduler)
    : options_(options),
      broker_(broker),
      executor_(executor),
      scheduler_(scheduler),
      uplink_log_id_(RandomId()),
      directory_(options.directory, executor, scheduler),
      broker_monitor_(executor, scheduler),
      tracker_(options.max_pending_requests, executor, scheduler),
      uplinks_(options.uplink_log, executor, scheduler),
      downlink_monitor_(options.downlinks, executor, scheduler),
      uplink_demand_({options.uplink_linger,
                      options.persistent_session ? 1 : options.max_uplink_filters, kSubscribeQos},
                     &uplinks_, broker, executor, scheduler),
      downlink_demand_(kSendDataRequestFilter, kSubscribeQos, options.response_linger, broker,
                       executor, scheduler),
      response_demand_(kResponseFilter, kSubscribeQos, options.response_linger, broker, executor,
                       scheduler) {}

void Network::Start() {
  if (options_.persistent_session) startup_interest_ = uplink_demand_.Acquire({}, [] {});
  BrokerState starting;
  starting.endpoint = options_.broker_endpoint;
  starting.since = scheduler_->Now();
  broker_monitor_.Set(starting);
  broker_->Subscribe(kStatusFilter, kSubscribeQos);
  broker_->Start(this);
}

void Network::Stop() {
  broker_->Stop();
  tracker_.FailAll();
  startup_interest_.reset();
}

// ---- from the broker ----

void Network::OnState(const BrokerState& state) {
  // Before the pending requests are ended: see Request().
  broker_monitor_.Set(state);
  if (connected_ && !state.connected) {
    spdlog::warn("broker {}: disconnected: {}", state.endpoint, state.detail);
    if (downlink_demand_.confirmed()) downlink_monitor_.OnDisconnected();
    uplink_demand_.OnDisconnected();
    downlink_demand_.OnDisconnected();
    response_demand_.OnDisconnected();
    directory_.OnDisconnected();
    tracker_.FailAll();
  } else if (state.connected) {
    spdlog::info("broker {}: connected", state.endpoint);
    uplink_demand_.OnConnected(state.session_present);
  } else if (state.reason != DisconnectReason::kStopped) {
    spdlog::warn("broker {}: attempt {} failed: {}", state.endpoint, state.attempts, state.detail);
  }
  connected_ = state.connected;
}

void Network::OnSubscribed(const std::string& filter, const absl::Status& status) {
  if (!status.ok()) {
    spdlog::error("broker: subscription to {} refused: {}", filter, std::string(status.message()));
  }
  if (filter == kStatusFilter) {
    // Refused: nothing will come, and nobody should wait for it.
    directory_.OnStatusSubscribed();
  } else if (absl::StartsWith(filter, kUplinkTopicPrefix)) {
    uplink_demand_.OnSubscribed(filter, status);
    startup_interest_.reset();
  } else if (filter == kSendDataRequestFilter) {
    downlink_demand_.OnSubscribed(status);
  } else if (filter == kResponseFilter) {
    response_demand_.OnSubscribed(status);
  }
}

void Network::OnMessage(const BrokerMessage& message) {
  const DropReason reason = Route(message);
  if (reason != DropReason::kNone) drops_.Count(reason, message.topic, scheduler_->Now());
}

DropReason Network::Route(const BrokerMessage& message) {
  if (message.payload.size() > kMaxPayloadSize) return DropReason::kOversized;
  const absl::StatusOr<Topic> topic = ParseTopic(message.topic);
  if (!topic.ok()) {
    return absl::IsNotFound(topic.status()) ? DropReason::kUnknownTopic
                                            : DropReason::kMalformedTopic;
  }
  switch (topic->type) {
    case Topic::Type::kStatus:
      return OnStatusMessage(*topic, message);
    case Topic::Type::kUplink:
      return OnUplinkMessage(*topic, message);
    case Topic::Type::kRequest:
      return OnRequestMessage(*topic, message);
    case Topic::Type::kResponse:
      return OnResponseMessage(*topic, message);
  }
  return DropReason::kUnknownTopic;
}

DropReason Network::OnStatusMessage(const Topic& topic, const BrokerMessage& message) {
  if (message.payload.empty()) {
    directory_.OnCleared(topic.gateway_id);
    return DropReason::kNone;
  }
  gw::GenericMessage decoded;
  if (const DropReason reason = Decode(message.payload, &decoded); reason != DropReason::kNone) {
    return reason;
  }
  if (!decoded.wirepas().has_status_event()) return DropReason::kUnexpectedContent;
  const gw::StatusEvent& status = decoded.wirepas().status_event();
  if (status.header().gw_id() != topic.gateway_id) return DropReason::kMismatch;
  if (status.version() != kProtocolVersion) return DropReason::kUnsupportedVersion;
  directory_.OnStatus(topic.gateway_id, status, message.retained);
  if (status.state() == gw::ON && status.configs_size() == 0) {
    AskForSinks(std::string(topic.gateway_id));
  }
  return DropReason::kNone;
}

void Network::AskForSinks(const std::string& gateway_id) {
  const GatewayPtr gateway = directory_.Find(gateway_id);
  if (gateway == nullptr || !gateway->online) return;
  {
    MutexLock lock(&asking_mutex_);
    const auto [asking, first] = asking_.try_emplace(gateway_id, false);
    if (!first) {
      asking->second = true;
      return;
    }
  }
  RefreshSinks({gateway}, kAskForSinksTimeout, [this, gateway_id](const auto&) {
    bool again;
    {
      MutexLock lock(&asking_mutex_);
      again = asking_[gateway_id];
      asking_.erase(gateway_id);
    }
    if (again) AskForSinks(gateway_id);
  });
}

DropReason Network::OnUplinkMessage(const Topic& topic, const BrokerMessage& message) {
  scratch_.Clear();
  DropReason reason = Decode(message.payload, &scratch_);
  if (reason != DropReason::kNone) return reason;
  if (!scratch_.wirepas().has_packet_received_event()) return DropReason::kUnexpectedContent;
  std::unique_ptr<Uplink> uplink =
      MakeUplink(topic, scratch_.mutable_wirepas()->mutable_packet_received_event(), &reason);
  if (uplink == nullptr) return reason;
  if (duplicates_.IsDuplicate(topic.gateway_id, uplink->event_id)) return DropReason::kDuplicate;
  uplinks_received_.fetch_add(1, std::memory_order_relaxed);
  const size_t bytes = uplink->MemorySize();
  uplinks_.Append(std::move(uplink), bytes);
  return DropReason::kNone;
}

DropReason Network::OnRequestMessage(const Topic& topic, const BrokerMessage& message) {
  gw::GenericMessage decoded;
  if (const DropReason reason = Decode(message.payload, &decoded); reason != DropReason::kNone) {
    return reason;
  }
  if (topic.request_kind != RequestKind::kSendData || !decoded.wirepas().has_send_packet_req()) {
    return DropReason::kUnexpectedContent;
  }
  downlink_monitor_.OnRequest(topic, decoded.mutable_wirepas()->mutable_send_packet_req());
  return DropReason::kNone;
}

DropReason Network::OnResponseMessage(const Topic& topic, const BrokerMessage& message) {
  gw::GenericMessage decoded;
  if (const DropReason reason = Decode(message.payload, &decoded); reason != DropReason::kNone) {
    return reason;
  }
  auto response = std::make_shared<gw::WirepasMessage>(std::move(*decoded.mutable_wirepas()));
  if (!IsResponseOf(topic.request_kind, *response)) return DropReason::kUnexpectedContent;
  const gw::ResponseHeader& header = *FindResponseHeader(*response);
  if (header.gw_id() != topic.gateway_id ||
      (header.has_sink_id() && !topic.sink_id.empty() && header.sink_id() != topic.sink_id)) {
    return DropReason::kMismatch;
  }
  if (response->has_get_configs_resp() && header.res() == gw::OK) {
    directory_.OnConfigs(topic.gateway_id, response->get_configs_resp().configs());
  } else if (response->has_set_config_resp()) {
    directory_.OnConfig(topic.gateway_id, response->set_config_resp().config());
  } else if (response->has_send_packet_resp()) {
    downlink_monitor_.OnResponse(topic, response->send_packet_resp());
  }
  tracker_.OnResponse(topic, std::move(response));
  return DropReason::kNone;
}

// ---- requests ----

RequestId Network::Request(RequestKind kind, const GatewayId& gateway, const SinkId* sink,
                           gw::WirepasMessage message, absl::Duration timeout,
                           std::optional<RequestId> wanted, RequestDone done) {
  const std::string sink_id = sink == nullptr ? "" : sink->value();
  const auto fail = [&](const absl::Status& status) -> RequestId {
    RequestOutcome outcome;
    outcome.status = absl::Status(
        status.code(),
        absl::StrCat(RequestTargetText(gateway.value(), sink_id), ": ", status.message()));
    executor_->Post([done = std::move(done), outcome]() mutable { done(outcome); });
    return 0;
  };
  const BrokerState broker = broker_monitor_.Get().state;
  if (!broker.connected) {
    return fail(
        absl::UnavailableError(absl::StrCat("the broker ", broker.endpoint, " is not connected (",
                                            DisconnectReasonText(broker.reason), ")")));
  }
  auto call = std::make_shared<Call>(kind, gateway, sink, std::move(message));
  // The wrapper below moves `done` away, so an error of Add() must bring it back.
  auto shared_done = std::make_shared<RequestDone>(std::move(done));
  const absl::StatusOr<RequestId> id =
      tracker_.Add(kind, gateway.value(), sink_id, timeout, wanted,
                   [this, call, shared_done](const RequestOutcome& outcome) {
                     {
                       MutexLock lock(&call->mutex);
                       if (call->sync_wait) directory_.CancelWaitSynced(*call->sync_wait);
                       if (call->confirm_wait) response_demand_.CancelWait(*call->confirm_wait);
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
    if (gateway != nullptr) {
      if (gateway->online) return AwaitResponses(std::move(call));
      tracker_.FailUnsent(call->id, absl::UnavailableError("the gateway is offline"));
      return;
    }
    if (synced) {
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
  call->responses = response_demand_.Acquire();
  if (response_demand_.confirmed()) return PublishRequest(std::move(call));
  MutexLock lock(&call->mutex);
  call->confirm_wait = response_demand_.WhenConfirmed([this, call](const absl::Status& status) {
    if (status.ok()) {
      PublishRequest(call);
    } else {
      tracker_.FailUnsent(
          call->id, absl::PermissionDeniedError(absl::StrCat(
                        "the broker refuses the subscription to answers: ", status.message())));
    }
  });
  if (!tracker_.IsPending(call->id)) response_demand_.CancelWait(*call->confirm_wait);
}

void Network::PublishRequest(std::shared_ptr<Call> call) {
  gw::RequestHeader* header = MutableRequestHeader(&call->message);
  header->set_req_id(call->id);
  if (call->sink) header->set_sink_id(call->sink->value());
  header->set_time_ms_epoch(static_cast<uint64_t>(absl::ToUnixMillis(scheduler_->Now())));
  const std::string payload = Encode(call->message);
  call->message.Clear();
  const RequestId id = call->id;
  if (!tracker_.MarkSent(id)) return;
  const absl::Status status = broker_->Publish(
      RequestTopic(call->kind, call->gateway, call->sink ? &*call->sink : nullptr), payload,
      kRequestQos, /*retain=*/false, [this, id](const absl::Status& published) {
        if (absl::IsAborted(published)) {
          tracker_.FailSent(id,
                            absl::DeadlineExceededError(absl::StrCat(
                                published.message(), "; the request may have been carried out")));
        } else if (!published.ok()) {
          tracker_.FailUnsent(id, published);
        }
      });
  if (!status.ok()) tracker_.FailUnsent(id, status);
}

std::vector<RequestId> Network::RefreshSinks(
    const std::vector<GatewayPtr>& gateways, absl::Duration timeout,
    absl::AnyInvocable<void(std::vector<std::string>)> done) {
  struct State {
    Mutex mutex;
    size_t missing ABSL_GUARDED_BY(mutex) = 0;
    std::vector<std::string> silent ABSL_GUARDED_BY(mutex);
    absl::AnyInvocable<void(std::vector<std::string>)> done;
  };
  auto state = std::make_shared<State>();
  state->done = std::move(done);
  // One more than there are, so that it ends only after all have been asked.
  const auto finish_one = [state](const std::string* silent_id) {
    std::vector<std::string> silent;
    {
      MutexLock lock(&state->mutex);
      if (silent_id != nullptr) state->silent.push_back(*silent_id);
      if (--state->missing > 0) return;
      silent.swap(state->silent);
    }
    std::sort(silent.begin(), silent.end());
    state->done(std::move(silent));
  };
  {
    MutexLock lock(&state->mutex);
    state->missing = gateways.size() + 1;
  }
  std::vector<RequestId> requests;
  for (const GatewayPtr& gateway : gateways) {
    const absl::StatusOr<GatewayId> id = GatewayId::Parse(gateway->id);
    gw::WirepasMessage message;
    message.mutable_get_configs_req();
    requests.push_back(Request(RequestKind::kGetConfigs, *id, nullptr, std::move(message), timeout,
                               std::nullopt,
                               [finish_one, id = gateway->id](const RequestOutcome& outcome) {
                                 finish_one(outcome.status.ok() ? nullptr : &id);
                               }));
  }
  executor_->Post([finish_one] { finish_one(nullptr); });
  return requests;
}

void Network::ClearGatewayStatus(const GatewayId& gateway, absl::Duration timeout,
                                 absl::AnyInvocable<void(const absl::Status&)> done) {
  struct State {
    Mutex mutex;
    bool ended ABSL_GUARDED_BY(mutex) = false;
    TimerId timer ABSL_GUARDED_BY(mutex) = 0;
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
    }
    executor_->Post([state, status] { state->done(status); });
  };
  {
    MutexLock lock(&state->mutex);
    state->timer = scheduler_->RunAfter(timeout, [finish] {
      finish(absl::DeadlineExceededError("the broker did not confirm in time"));
    });
  }
  const absl::Status status = broker_->Publish(
      StatusTopic(gateway), "", 1, /*retain=*/true, [finish](const absl::Status& s) {
        finish(absl::IsAborted(s) ? absl::DeadlineExceededError(absl::StrCat(
                                        s.message(), "; the status may have been removed"))
                                  : s);
      });
  if (!status.ok()) finish(status);
}

}  // namespace wirepas_grpc::core
