// SPDX-License-Identifier: Apache-2.0
#include "core/network/network.h"

#include <utility>

#include "core/gateway_api/codec.h"
#include "core/gateway_api/payload_limits.h"
#include "core/traffic/packet_id.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {
namespace {

// QoS of the subscriptions. Responses and requests are sent at QoS 2, but for this
// reader a duplicate does no harm, and QoS 1 costs half the packets.
constexpr int kSubscribeQos = 1;

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

Subscriptions::Options SubscriptionOptionsOf(const Network::Options& options) {
  Subscriptions::Options subscriptions;
  const bool forgets = options.persistent_session && options.subscription_store == nullptr;
  subscriptions.max_uplink_filters = forgets ? 1 : options.max_uplink_filters;
  subscriptions.qos = kSubscribeQos;
  subscriptions.session_kept = options.persistent_session;
  subscriptions.store = options.subscription_store;
  return subscriptions;
}

NetworkDirectory::Options DirectoryOptionsOf(const Network::Options& options) {
  NetworkDirectory::Options directory = options.directory;
  directory.session_kept = options.persistent_session;
  return directory;
}

// The first of an answer that the broker repeats.
void LogAnswer(const std::string& filter, const SubscribeAnswer& answer, bool asked_again) {
  if (!answer.status.ok()) {
    spdlog::error("broker: subscription to {} refused{}: {}", filter,
                  asked_again ? ", it is asked for again" : "",
                  std::string(answer.status.message()));
  } else if (answer.lowered()) {
    spdlog::warn("broker: subscription to {} granted at QoS {} only, not {}: messages can get lost",
                 filter, answer.granted_qos, answer.asked_qos);
  } else {
    spdlog::info("broker: subscription to {} granted after all", filter);
  }
}

Subscriptions::Terms ReaderTerms(const Network::Options& options) {
  return {.linger = options.uplink_linger, .remembered = true};
}

}  // namespace

Network::Network(const Options& options, BrokerClient* broker, Executor* executor,
                 Scheduler* scheduler)
    : options_(options),
      broker_(broker),
      executor_(executor),
      scheduler_(scheduler),
      traffic_(options.max_counted),
      directory_(DirectoryOptionsOf(options), executor, scheduler),
      broker_monitor_(executor, scheduler),
      tracker_(options.max_pending_requests, executor, scheduler),
      uplinks_(options.uplink_log, options.durable, executor, scheduler),
      downlink_monitor_(options.downlinks, executor, scheduler),
      subscriptions_(SubscriptionOptionsOf(options), &uplinks_, broker, executor, scheduler),
      drain_waits_(executor, scheduler),
      end_waits_(executor, scheduler) {
  tracker_.set_unanswered([this](const std::string& id) { traffic_.OnUnanswered(id); });
  directory_.set_status_source(this);
}

absl::Status Network::Restore() {
  const absl::Status status = subscriptions_.Restore(ReaderTerms(options_));
  if (!status.ok()) return status;
  if (options_.durable.store == nullptr) return absl::OkStatus();
  // The broker sends again what it had no acknowledgement for.
  return options_.durable.store->VisitRecent(
      duplicates_.capacity(), [this](absl::string_view topic, absl::string_view payload) {
        duplicates_.IsDuplicate(PacketId(topic, payload));
      });
}

void Network::Start() {
  BrokerState starting;
  starting.endpoint = options_.broker_endpoint;
  starting.since = scheduler_->Now();
  broker_monitor_.Set(starting);
  statuses_ = subscriptions_.Acquire({kStatusFilter}, {.stays = true}, [] {});
  broker_->Start(this);
}

void Network::Stop() {
  broker_->Stop();
  subscriptions_.Stop();
  tracker_.FailAll();
  statuses_.reset();
}

void Network::Drain() {
  draining_.store(true);
  drain_waits_.WakeAll();
}

std::optional<WaitId> Network::WaitDrain(absl::AnyInvocable<void()> callback) {
  const WaitId id = drain_waits_.Add(std::move(callback));
  if (draining() && drain_waits_.Remove(id)) return std::nullopt;
  return id;
}

void Network::EndRequests() {
  Drain();
  closing_.store(true);  // before the first end that would have a next step begun
  tracker_.Close();
  end_waits_.WakeAll();
}

InterestPtr Network::AcquireUplinks(const TrafficFilter& filter, Subscriptions::Changed changed) {
  return subscriptions_.AcquireUplinks(filter, ReaderTerms(options_), std::move(changed));
}

InterestPtr Network::AcquireDownlinks(Subscriptions::Changed changed) {
  return subscriptions_.Acquire({kSendDataRequestFilter, kResponseFilter},
                                {.linger = options_.response_linger}, std::move(changed));
}

// ---- from the broker ----

void Network::OnState(const BrokerState& state) {
  // Before the pending requests are ended: see Request().
  broker_monitor_.Set(state);
  if (connected_ && !state.connected) {
    if (state.reason == DisconnectReason::kStopped) {
      spdlog::info("broker {}: disconnected", state.endpoint);
    } else {
      spdlog::warn("broker {}: disconnected: {}", state.endpoint, state.detail);
    }
    if (subscriptions_.IsGranted(kSendDataRequestFilter)) downlink_monitor_.OnDisconnected();
    subscriptions_.OnDisconnected();
    directory_.OnDisconnected();
    tracker_.FailAll();
  } else if (state.connected) {
    spdlog::info("broker {}: connected", state.endpoint);
    directory_.OnConnected();
    subscriptions_.OnConnected(state.session_present);
    sink_questions_.OnConnected();
  } else if (state.reason != DisconnectReason::kStopped) {
    spdlog::warn("broker {}: attempt {} failed: {}", state.endpoint, state.attempts, state.detail);
  }
  connected_ = state.connected;
}

void Network::OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) {
  if (IsStatusTopic(filter)) {
    return directory_.OnStatusAnswer(ParseTopic(filter)->gateway_id, answer.status.ok());
  }
  subscriptions_.OnSubscribed(filter, answer);
  const bool asked_again = subscriptions_.IsAskedAgain(filter);
  const bool is_news = broker_monitor_.SetAnswer(filter, answer, asked_again);
  if (is_news) LogAnswer(filter, answer, asked_again);
  if (filter != kStatusFilter || answer.may_pass) return;
  // Refused by rule: nothing will come, and nobody should wait for it.
  if (answer.status.ok() || is_news) directory_.OnStatusSubscribed();
}

void Network::OnUnsubscribed(const std::string& filter) {
  subscriptions_.OnUnsubscribed(filter);
  broker_monitor_.ClearAnswer(filter);
}

// Beside the Subscriptions, which would leave out what the one to all statuses covers: nobody
// holds an interest in them. Over a session that is kept they must not go, since nothing would
// give them up after a lost connection: see SplitBrokerClient.
void Network::AskFor(const std::vector<std::string>& gateway_ids) {
  for (const std::string& id : gateway_ids) {
    broker_->Subscribe(StatusTopic(*GatewayId::Parse(id)), kSubscribeQos);
  }
}

void Network::EndAskFor(const std::vector<std::string>& gateway_ids) {
  for (const std::string& id : gateway_ids) {
    broker_->Unsubscribe(StatusTopic(*GatewayId::Parse(id)));
  }
}

void Network::OnMessage(const BrokerMessage& message) {
  directory_.OnMessageBegins();
  const DropReason reason = Route(message);
  directory_.OnMessageEnds();
  if (reason == DropReason::kNone) return;
  drops_.Count(reason, message.topic, message.payload.size(), scheduler_->MonotonicNow());
}

DropReason Network::Route(const BrokerMessage& message) {
  const absl::StatusOr<Topic> topic = ParseTopic(message.topic);
  if (!topic.ok()) {
    return absl::IsNotFound(topic.status()) ? DropReason::kUnknownTopic
                                            : DropReason::kMalformedTopic;
  }
  if (message.payload.size() > MaxPayloadSize(*topic)) return DropReason::kOversized;
  // Nobody in this contract retains anything else; such a message would come as new with each
  // subscription.
  if (message.retained && topic->type != Topic::Type::kStatus) return DropReason::kRetained;
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
  if (!message.retained) traffic_.OnHeard(topic.gateway_id, scheduler_->Now());
  const StatusNews news = directory_.OnStatus(topic.gateway_id, status, message.retained);
  if (news == StatusNews::kAgain) return DropReason::kNone;
  if (news == StatusNews::kOlder) sink_questions_.AskAfter(topic.gateway_id, kLateNews);
  const bool has_no_sinks = status.state() == gw::ON && status.configs_size() == 0;
  // One that the directory did not take is not asked, so that there is a bound on who is.
  if (has_no_sinks && directory_.Find(topic.gateway_id) != nullptr) {
    sink_questions_.Ask(topic.gateway_id);
  }
  return DropReason::kNone;
}

// Some brokers have no retained status for the service, so that this is all it learns of
// a gateway until it reconnects.
void Network::OnHeard(absl::string_view gateway_id) {
  if (directory_.OnHeard(gateway_id)) sink_questions_.AskIfUntold(gateway_id);
}

DropReason Network::OnUplinkMessage(const Topic& topic, const BrokerMessage& message) {
  DropReason reason;
  std::unique_ptr<Uplink> uplink =
      DecodeUplink(topic, message.topic, message.payload, &scratch_, &reason);
  if (uplink == nullptr) return reason;
  if (duplicates_.IsDuplicate(uplink->packet_id)) return DropReason::kDuplicate;
  OnHeard(topic.gateway_id);
  traffic_.OnUplink(topic.gateway_id, uplink->network_address, scheduler_->Now());
  uplink->arrival = scheduler_->MonotonicNow();
  uplinks_received_.fetch_add(1, std::memory_order_relaxed);
  uplinks_.Append(std::move(uplink), message.topic, message.payload);
  return DropReason::kNone;
}

DropReason Network::OnRequestMessage(const Topic& topic, const BrokerMessage& message) {
  if (topic.request_kind != RequestKind::kSendData) return DropReason::kUnexpectedContent;
  gw::GenericMessage decoded;
  if (const DropReason reason = Decode(message.payload, &decoded); reason != DropReason::kNone) {
    return reason;
  }
  if (!decoded.wirepas().has_send_packet_req()) return DropReason::kUnexpectedContent;
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
      (header.has_sink_id() && !topic.sink_id.empty() && header.sink_id() != topic.sink_id) ||
      (response->has_set_config_resp() &&
       response->set_config_resp().config().sink_id() != topic.sink_id)) {
    return DropReason::kMismatch;
  }
  bool older = false;
  if (response->has_get_configs_resp() && header.res() == gw::OK) {
    older = directory_.OnConfigs(topic.gateway_id, response->get_configs_resp().configs(),
                                 header.time_ms_epoch());
  } else if (response->has_set_config_resp()) {
    older = directory_.OnConfig(topic.gateway_id, response->set_config_resp().config(),
                                header.time_ms_epoch());
  } else if (response->has_get_gateway_info_resp() && header.res() == gw::OK) {
    OnHeard(topic.gateway_id);
    directory_.OnInfo(topic.gateway_id, response->get_gateway_info_resp().info());
  } else if (response->has_send_packet_resp()) {
    downlink_monitor_.OnResponse(topic, response->send_packet_resp());
  }
  if (older) sink_questions_.AskAfter(topic.gateway_id, kLateNews);
  OnHeard(topic.gateway_id);
  traffic_.OnHeard(topic.gateway_id, scheduler_->Now());
  tracker_.OnResponse(topic, std::move(response));
  return DropReason::kNone;
}

}  // namespace wirepas_grpc::core
