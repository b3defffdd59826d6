// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/gateway.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::sim {
namespace {

constexpr size_t kMaxLateAnswers = 100'000;
constexpr size_t kMaxKeptOffline = 1'000'000;

// What is left is no message: every field of GenericMessage has a length that
// now reaches past the end.
std::string CutInHalf(std::string payload) {
  payload.resize(payload.size() / 2);
  return payload;
}

}  // namespace

Gateway::Gateway(EventLoop* loop, const UplinkPlan* plan, const Settings& settings)
    : loop_(loop),
      shares_connection_(settings.shares_connection),
      resends_(settings.resends),
      model_(settings.model, settings.first_event_id),
      faults_(settings.faults),
      random_(std::seed_seq{static_cast<uint32_t>(settings.random_seed),
                            static_cast<uint32_t>(settings.random_seed >> 32)}),
      outbox_(loop) {
  sinks_.reserve(model_.sink_count());
  for (size_t i = 0; i < model_.sink_count(); ++i) {
    const auto first_node = static_cast<uint32_t>(settings.first_node + i * plan->nodes);
    sinks_.push_back({UplinkSource(plan, id(), first_node), NodeGroup()});
    sinks_.back().uplinks.Follow(model_.sink(i));
  }
}

void Gateway::Use(MqttConnection* connection) {
  connection_ = connection;
  outbox_.Use(connection);
}

std::string Gateway::StatusTopic() const { return absl::StrCat("gw-event/status/", id()); }

std::vector<std::string> Gateway::RequestFilters() const {
  std::vector<std::string> filters;
  for (RequestType type : AllRequestTypes()) {
    if (!model_.Understands(type)) continue;
    const std::string_view name = RequestTypeName(type);
    // A trailing "#" also stands for no further level.
    filters.push_back(
        absl::StrCat("gw-request/", absl::string_view(name.data(), name.size()), "/", id(), "/#"));
  }
  return filters;
}

void Gateway::OnConnected() {
  if (!wanted_) return;
  if (keeps()) {
    outbox_.Open();
    told_configs_.reset();
    return PublishNewsSoon();
  }
  PublishStatus([this](bool ok) {
    if (ok && wanted_) SetOnline(true);
  });
}

void Gateway::OnDisconnected() {
  outbox_.Close();
  SetOnline(false);
}

void Gateway::SetOnline(bool online) {
  if (online) {
    const auto waiting = std::exchange(waiting_for_online_, {});
    for (const Done& done : waiting) done(true);
  }
  if (online_ == online) return;
  online_ = online;
  if (online) {
    for (const auto& [number, kept] : kept_) SendKept(number);
  }
  if (online_changed_) online_changed_();
}

void Gateway::GoOnline(Done done) {
  if (return_timer_.has_value()) loop_->Cancel(*return_timer_);
  return_timer_.reset();
  if (online_) {
    if (done) done(true);
    return;
  }
  wanted_ = true;
  if (done) waiting_for_online_.push_back(std::move(done));
  if (shares_connection_) {
    if (connection_->connected()) OnConnected();
  } else {
    connection_->SetWill(MakeWill());
    connection_->Start();
  }
}

void Gateway::GoOffline(Done done) {
  if (!polite()) {
    const bool was_connected = connection_->connected();
    Leave();
    connection_->Drop(std::nullopt);
    if (done) done(was_connected);
    return;
  }
  End(model_.Status(false, absl::Now()).message.SerializeAsString(), kEventQos, std::move(done));
}

void Gateway::Remove(Done done) { End("", kEventQos, std::move(done)); }

void Gateway::Leave() {
  if (return_timer_.has_value()) loop_->Cancel(*return_timer_);
  return_timer_.reset();
  const auto waiting = std::exchange(waiting_for_online_, {});
  for (const Done& waiter : waiting) waiter(false);
  wanted_ = false;
  SetOnline(false);
  if (polite()) return;
  if (news_timer_.has_value()) loop_->Cancel(*news_timer_);
  news_timer_.reset();
  changed_sinks_.clear();
  told_configs_.reset();
  will_.reset();
  outbox_.Close();
  outbox_.Clear();
  model_.Restart();
}

void Gateway::End(const std::string& status_payload, int qos, Done done) {
  Leave();
  const auto finish = [this, done = std::move(done)](bool acknowledged) {
    if (!shares_connection_ && !wanted_) connection_->Stop();
    if (done) done(acknowledged);
  };
  connection_->Publish(StatusTopic(), status_payload, qos, true, finish);
}

void Gateway::Drop(std::optional<absl::Duration> pause, Done done) {
  if (!wanted_) {
    if (done) done(false);
    return;
  }
  if (!shares_connection_) {
    connection_->SetWill(MakeWill());
    connection_->Drop(pause);
    if (done) done(true);
    return;
  }
  // The others need the connection; the status that a last will would have been
  // is all that a backend can see of it.
  End(MakeWill().payload, kWillQos, std::move(done));
  if (pause.has_value()) {
    return_timer_ = loop_->RunAfter(*pause, [this] { GoOnline(nullptr); });
  }
}

void Gateway::OnRequest(const RequestTopic& topic, std::string_view payload) {
  if (!wanted_ || !model_.Understands(topic.type)) return;
  const absl::StatusOr<Request> request = DecodeRequest(topic, payload);
  if (!request.ok()) {
    spdlog::warn("{}: malformed {}: {}", id(), RequestTypeName(topic.type),
                 std::string(request.status().message()));
    return;
  }
  const absl::Time now = absl::Now();
  const std::optional<int> code = faults_.error_codes[static_cast<size_t>(request->type)];
  if (code.has_value()) {
    Answer(request->type, model_.Refuse(*request, *code, now));
    return;
  }
  Reaction reaction = model_.Handle(*request, now);
  if (reaction.answered) Answer(request->type, std::move(reaction.response));
  if (reaction.changed_sink.has_value()) OnChanged(*reaction.changed_sink, request->type);
  if (reaction.query.has_value()) AnswerQuery(*reaction.query);
}

void Gateway::Answer(RequestType type, Outgoing response) {
  const auto index = static_cast<size_t>(type);
  if (faults_.no_answer[index]) return;
  if (faults_.no_times) LeaveOutTime(&response.message);
  if (faults_.wrong_scratchpad) TellOfOtherScratchpad(&response.message);
  if (faults_.foreign_answer[index]) NameOtherGateway(faults_, &response.message);
  std::string payload = response.message.SerializePartialAsString();
  if (faults_.malformed_answer[index]) payload = CutInHalf(std::move(payload));
  const int times = faults_.repeated_answer[index] ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    if (faults_.answer_delay == absl::ZeroDuration()) {
      PublishAnswer(response.topic, payload);
    } else if (late_answers_ < kMaxLateAnswers) {
      ++late_answers_;
      loop_->RunAfter(faults_.answer_delay, [this, topic = response.topic, payload] {
        --late_answers_;
        PublishAnswer(topic, payload);
      });
    }
  }
}

void Gateway::PublishAnswer(const std::string& topic, const std::string& payload) {
  if (!wanted_) return;
  if (keeps()) return outbox_.Put(topic, payload, kResponseQos, false, nullptr);
  connection_->Publish(topic, payload, kResponseQos, false, nullptr);
}

void Gateway::AnswerQuery(const NodeQuery& query) {
  const Sink& sink = sinks_[query.sink];
  for (uint32_t node : sink.uplinks.NodesAt(query.destination_address)) {
    const absl::Duration travel = UplinkSource::TravelTime(node);
    // There and back again.
    loop_->RunAfter(query.delay + 2 * travel, [this, index = query.sink, node, travel] {
      RawUplink answer;
      answer.source_address = node;
      answer.source_endpoint = kRemoteApiNodeEndpoint;
      answer.destination_endpoint = kRemoteApiBackendEndpoint;
      answer.payload = sinks_[index].nodes.ScratchpadStatus(EventLoop::Now());
      answer.hop_count = UplinkSource::HopCount(node);
      answer.travel_time_ms = static_cast<uint32_t>(absl::ToInt64Milliseconds(travel));
      if (TakesUplinks()) SendRawUplink(index, answer, nullptr);
    });
  }
}

bool Gateway::HasRunningSink(std::optional<size_t> sink) const {
  if (sink.has_value()) return model_.sink(*sink).running();
  for (size_t i = 0; i < model_.sink_count(); ++i) {
    if (model_.sink(i).running()) return true;
  }
  return false;
}

bool Gateway::CanSendUplink(std::optional<size_t> sink) const {
  if (!TakesUplinks() || !HasRunningSink(sink)) return false;
  if (!keeps()) return connection_->WindowOpen();
  return outbox_.size() < (outbox_.open() ? MqttConnection::kWindow : kMaxKeptOffline);
}

void Gateway::SendUplink(std::optional<size_t> sink, pb::GenericMessage* scratch, Done done) {
  while (!sink.has_value()) {
    const size_t index = next_sink_++ % sinks_.size();
    if (model_.sink(index).running()) sink = index;
  }
  const std::string& topic =
      sinks_[*sink].uplinks.Fill(next_sequence_++, model_.NextEventId(), absl::Now(), scratch);
  PublishUplink(topic, scratch, std::move(done));
}

void Gateway::SendRawUplink(size_t sink, const RawUplink& raw, Done done) {
  pb::GenericMessage message;
  const std::string topic =
      sinks_[sink].uplinks.FillRaw(raw, model_.NextEventId(), absl::Now(), &message);
  PublishUplink(topic, &message, std::move(done));
}

void Gateway::PublishUplink(const std::string& topic, pb::GenericMessage* message, Done done) {
  if (!faults_.unreadable_network) return PublishFated(topic, message, std::move(done));
  PublishFated(HideNetwork(topic, message), message, std::move(done));
}

void Gateway::PublishFated(const std::string& topic, pb::GenericMessage* message, Done done) {
  const UplinkFate fate = dice_.Roll(faults_, random_);
  if (fate.foreign) NameOtherGateway(faults_, message);
  if (faults_.no_times) LeaveOutTime(message);
  if (!keeps() && !resends_ && !fate.malformed) {  // the quick way: without a string between
    if (fate.duplicate) connection_->Publish(topic, *message, kEventQos, false, nullptr);
    connection_->Publish(topic, *message, kEventQos, false, std::move(done));
    return;
  }
  std::string payload = message->SerializeAsString();
  if (fate.malformed) payload = CutInHalf(payload);
  if (fate.duplicate) PublishEvent(topic, payload, nullptr);
  PublishEvent(topic, std::move(payload), std::move(done));
}

void Gateway::PublishEvent(const std::string& topic, std::string payload, Done done) {
  if (keeps()) return outbox_.Put(topic, std::move(payload), kEventQos, false, std::move(done));
  if (!resends_) {
    connection_->Publish(topic, payload, kEventQos, false, std::move(done));
    return;
  }
  const uint64_t number = next_kept_++;
  kept_.emplace(number, Kept{topic, std::move(payload), std::move(done)});
  SendKept(number);
}

void Gateway::SendKept(uint64_t number) {
  const Kept& kept = kept_.at(number);
  connection_->Publish(kept.topic, kept.payload, kEventQos, false, [this, number](bool ok) {
    if (!ok) return;
    const auto sent = kept_.extract(number);
    if (!sent.empty() && sent.mapped().done) sent.mapped().done(true);
  });
}

}  // namespace wirepas_grpc::sim
