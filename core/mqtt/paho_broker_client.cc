// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/paho_broker_client.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/mqtt/reconnect_delay.h"
#include "core/mqtt/topic_syntax.h"

namespace wirepas_grpc::core {
namespace {

// How long Stop() lets publishes finish.
constexpr absl::Duration kDrainTime = absl::Seconds(1);
// How long a broker that let an attempt time out is looked at.
constexpr absl::Duration kTimeoutLook = absl::Seconds(1);

}  // namespace

PahoBrokerClient::PahoBrokerClient(BrokerOptions options)
    : options_(std::move(options)),
      endpoint_(BrokerEndpoint(options_)),
      target_finder_(options_),
      probe_(options_),
      max_qos_(options_.max_qos) {}

PahoBrokerClient::~PahoBrokerClient() { Stop(); }

void PahoBrokerClient::Start(Handler* handler) {
  {
    MutexLock lock(&mutex_);
    down_since_ = absl::Now();
  }
  handler_ = handler;
  thread_ = std::thread([this] { Run(); });
}

void PahoBrokerClient::Stop() {
  MutexLock stop_lock(&stop_mutex_);
  if (!thread_.joinable()) return;
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    drain_deadline_ = Instant::Now() + kDrainTime;
    changed_.Signal();
  }
  target_finder_.Cancel();
  probe_.Cancel();
  thread_.join();
}

void PahoBrokerClient::Subscribe(const std::string& filter, int qos) {
  MutexLock lock(&mutex_);
  if (phase_ != Phase::kConnected) return;
  outgoing_.Push(OutgoingSubscription{filter, std::clamp(qos, 0, 2)});
  if (CanSend()) changed_.Signal();
}

void PahoBrokerClient::Unsubscribe(const std::string& filter) {
  MutexLock lock(&mutex_);
  if (phase_ != Phase::kConnected) return;
  outgoing_.Push(OutgoingSubscription{filter, std::nullopt});
  if (CanSend()) changed_.Signal();
}

absl::Status PahoBrokerClient::Enqueue(Outgoing publish) {
  if (absl::Status status = CheckTopicName(publish.topic); !status.ok()) return status;
  if (publish.qos < 0 || publish.qos > 2) {
    return WithReason(absl::InvalidArgumentError("QoS is 0, 1 or 2"), Reason::kInternal);
  }
  MutexLock lock(&mutex_);
  if (phase_ != Phase::kConnected || stopping_) {
    return WithReason(absl::UnavailableError("not connected to the broker"),
                      Reason::kBrokerNotConnected);
  }
  if (outgoing_.publish_count() + publishing_.size() >= options_.max_outstanding_publishes) {
    return WithReason(
        absl::ResourceExhaustedError("too many messages wait to be taken by the broker"),
        Reason::kTooMany);
  }
  outgoing_.Push(std::move(publish));
  if (CanSend()) changed_.Signal();
  return absl::OkStatus();
}

void PahoBrokerClient::Run() {
  const PahoHold hold;
  ReconnectDelay delay(options_.reconnect_min_delay, options_.reconnect_max_delay);
  absl::Duration wait;
  while (WaitBeforeAttempt(wait)) {
    absl::Duration held;
    // A connection that is lost as soon as it is up (two clients of one id take it
    // from each other) is as good as a failed attempt.
    if (RunAttempt(&held) && held >= delay.ceiling()) delay.Reset();
    wait = delay.Next();
  }
  ReportDown({DisconnectReason::kStopped, ""}, 0);
}

bool PahoBrokerClient::WaitBeforeAttempt(absl::Duration delay) {
  const Instant deadline = Instant::Now() + delay;
  MutexLock lock(&mutex_);
  while (!stopping_) {
    const absl::Duration left = deadline - Instant::Now();
    if (left <= absl::ZeroDuration()) return true;
    changed_.WaitWithTimeout(&mutex_, left);
  }
  return false;
}

bool PahoBrokerClient::RunAttempt(absl::Duration* held) {
  uint32_t attempts = 0;
  {
    MutexLock lock(&mutex_);
    was_connected_ = false;
    attempts = attempts_;
  }
  const auto found = target_finder_.Find(attempts);
  const auto* target = std::get_if<BrokerTarget>(&found);
  const ConnectFailure failure =
      target != nullptr ? Connect(*target, held) : std::get<ConnectFailure>(found);
  bool connected = false;
  {
    MutexLock lock(&mutex_);
    connected = was_connected_;
    if (stopping_) return connected;
    if (!connected) attempts = ++attempts_;
  }
  ReportDown(failure, connected ? 0 : attempts);
  return connected;
}

ConnectFailure PahoBrokerClient::Connect(const BrokerTarget& target, absl::Duration* held) {
  {
    MutexLock lock(&mutex_);
    phase_ = Phase::kConnecting;
  }
  absl::StatusOr<std::unique_ptr<PahoConnection>> connection =
      PahoConnection::Create(options_, target.uri, this);
  const absl::Status status = connection.ok() ? (*connection)->Connect() : connection.status();
  if (status.ok() && AwaitConnected(Instant::Now() + options_.connect_timeout)) {
    const Instant up = Instant::Now();
    Serve(**connection);
    *held = Instant::Now() - up;
  }
  {
    MutexLock lock(&mutex_);
    if (!status.ok()) SetEnded({DisconnectReason::kProtocol, std::string(status.message())});
    if (phase_ == Phase::kConnected) down_since_ = absl::Now();
    // Stopping: from here on nothing that Paho drops is news to the handler.
    phase_ = Phase::kEnded;
  }
  if (connection.ok()) connection->reset();
  FailUnfinished();
  LookIntoTimeout(target);
  return TakeEnd(target);
}

bool PahoBrokerClient::AwaitConnected(Instant deadline) {
  MutexLock lock(&mutex_);
  while (phase_ == Phase::kConnecting && !stopping_) {
    const absl::Duration left = deadline - Instant::Now();
    if (left <= absl::ZeroDuration()) {
      SetEnded(
          {DisconnectReason::kTimeout,
           absl::StrCat("no connection within ", absl::FormatDuration(options_.connect_timeout))});
      timed_out_ = true;
      break;
    }
    changed_.WaitWithTimeout(&mutex_, left);
  }
  return was_connected_;
}

// A broker that takes connections may have got the CONNECT, and answer it late.
void PahoBrokerClient::LookIntoTimeout(const BrokerTarget& target) {
  {
    MutexLock lock(&mutex_);
    if (!std::exchange(timed_out_, false) || stopping_ || !options_.persist_session) return;
  }
  const ConnectFailure now = probe_.Diagnose(target.address, kTimeoutLook);
  MutexLock lock(&mutex_);
  if (now.reason == DisconnectReason::kProtocol) session_in_doubt_ = true;
}

ConnectFailure PahoBrokerClient::TakeEnd(const BrokerTarget& target) {
  // Long enough for one look, not for holding up the next attempt.
  constexpr absl::Duration kMaxProbeTime = absl::Seconds(5);
  {
    MutexLock lock(&mutex_);
    if (!end_is_vague_ || stopping_) return end_;
    end_is_vague_ = false;
  }
  const ConnectFailure failure =
      probe_.Diagnose(target.address, std::min(options_.connect_timeout, kMaxProbeTime));
  MutexLock lock(&mutex_);
  // It takes connections, so it may have got the CONNECT.
  if (failure.reason == DisconnectReason::kProtocol) session_in_doubt_ = true;
  return failure;
}

void PahoBrokerClient::SetEnded(const ConnectFailure& failure) {
  phase_ = Phase::kEnded;
  end_ = failure;
  if (was_connected_) down_since_ = absl::Now();
  changed_.Signal();
}

void PahoBrokerClient::OnConnected(bool session_present, const BrokerLimits& limits) {
  BrokerState state;
  {
    MutexLock lock(&mutex_);
    if (phase_ != Phase::kConnecting) return;
    phase_ = Phase::kConnected;
    was_connected_ = true;
    limits_ = limits;
    attempts_ = 0;
    const bool in_doubt = std::exchange(session_in_doubt_, false);
    state.session_present = session_present && !in_doubt;
    changed_.Signal();
  }
  state.connected = true;
  state.reason = DisconnectReason::kNone;
  state.since = absl::Now();
  ReportState(std::move(state));
}

void PahoBrokerClient::OnConnectFailed(int code) {
  MutexLock lock(&mutex_);
  if (phase_ != Phase::kConnecting) return;
  SetEnded(code > 0 ? ClassifyConnack(code) : ConnectFailure{});
  end_is_vague_ = code <= 0;
}

void PahoBrokerClient::OnLost(const ConnectFailure& failure) {
  MutexLock lock(&mutex_);
  if (phase_ == Phase::kConnected) SetEnded(failure);
}

void PahoBrokerClient::OnMessage(const BrokerMessage& message) {
  // Whatever the state of the connection: the broker is told that it has arrived.
  handler_->OnMessage(message);
}

void PahoBrokerClient::ReportDown(const ConnectFailure& failure, uint32_t attempts) {
  BrokerState state;
  state.reason = failure.reason;
  state.detail = failure.detail;
  state.attempts = attempts;
  {
    MutexLock lock(&mutex_);
    state.since = down_since_;
  }
  ReportState(std::move(state));
}

void PahoBrokerClient::ReportState(BrokerState state) {
  state.endpoint = endpoint_;
  MutexLock lock(&handler_mutex_);
  handler_->OnState(state);
}

}  // namespace wirepas_grpc::core
