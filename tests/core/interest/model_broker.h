// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_INTEREST_MODEL_BROKER_H_
#define WIREPAS_GRPC_TESTS_CORE_INTEREST_MODEL_BROKER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/gateway_api/topics.h"
#include "core/mqtt/broker_client.h"
#include "tests/support/topic_match.h"

namespace wirepas_grpc::core {

// An uplink that somebody published, and what became of it.
struct ModelMessage {
  std::string gateway;
  int network = 0;
  int endpoint = 0;
  uint64_t time = 0;          // of the broker
  uint64_t delivered_at = 0;  // the entry of the log
  bool lost = false;

  std::string Topic() const {
    return absl::StrCat(kUplinkTopicPrefix, gateway, "/sink0/", network, "/", endpoint, "/1");
  }
};

// What the broker has sent and the client has not taken yet.
struct ModelSent {
  enum class Kind { kSubAck, kUnsubAck, kPublish };
  Kind kind = Kind::kSubAck;
  std::string filter = {};
  bool granted = true;
  bool may_pass = false;  // not granted: for now only
  size_t message = 0;
  uint64_t time = 0;  // of the broker, when it was sent
};

// A broker with one client, to MQTT 3.1.1, sections 3.8 to 3.11 and 4.1. Packets are
// in a queue each way, and go on when the test says so: nothing else moves. The broker's
// clock counts what happens there. QoS 1: what a kept session has is sent again on the
// next connection until the client took it.
class ModelBroker final : public BrokerClient {
 public:
  using Random = std::mt19937_64;

  ModelBroker(bool keeps_session, Random* random)
      : keeps_session_(keeps_session), random_(random), order_((*random)()) {}

  // ---- BrokerClient ----
  void Start(Handler*) override {}
  void Stop() override {}
  absl::Status Enqueue(Outgoing) override { return absl::UnimplementedError(""); }
  void Subscribe(const std::string& filter, int) override {
    if (!connected_) return;
    Put({true, filter});
    ++unanswered_;
  }
  void Unsubscribe(const std::string& filter) override {
    if (!connected_) return;
    if (unanswered_ > 0) early_unsubscribe_ = filter;
    Put({false, filter});
  }

  // ---- the connection ----
  // Whether the session was there.
  bool Connect() {
    connected_ = true;
    ++time_;
    for (const size_t message : queued_) SendMessage(message);
    return std::exchange(session_, true);
  }
  void Break() {
    connected_ = false;
    to_broker_.clear();
    to_client_.clear();
    unanswered_ = 0;
    put_off_.clear();
    if (!keeps_session_) LoseSession();
  }
  // While there is no connection.
  void LoseSession() {
    if (session_) ++losses_;
    session_ = false;
    held_.clear();
    kept_though_refused_.clear();
    for (const size_t message : queued_) Lose(message);
    queued_.clear();
  }
  bool connected() const { return connected_; }
  bool session() const { return session_; }
  bool idle() const { return to_broker_.empty() && to_client_.empty(); }

  // ---- what moves ----
  // Takes the client's oldest packet.
  bool TakeOne() {
    if (to_broker_.empty()) return false;
    const auto [subscribe, filter, sent] = to_broker_.front();
    to_broker_.pop_front();
    ++time_;
    if (!subscribe) {
      held_.erase(filter);
      kept_though_refused_.erase(filter);
      put_off_.erase(filter);
      Send({.kind = ModelSent::Kind::kUnsubAck, .filter = filter});
      return true;
    }
    const auto refused = refused_.find(filter);
    const bool granted = refused == refused_.end();
    const bool may_pass = !granted && refused->second;
    may_pass ? (void)put_off_.insert(filter) : (void)put_off_.erase(filter);
    if (granted) {
      held_.insert(filter);
      kept_though_refused_.erase(filter);
    } else {
      ++refusals_;
      if (held_.contains(filter)) kept_though_refused_.insert(filter);
    }
    Send({.filter = filter, .granted = granted, .may_pass = may_pass});
    return true;
  }
  // What the client receives next.
  std::optional<ModelSent> DeliverOne() {
    if (to_client_.empty()) return std::nullopt;
    ModelSent sent = to_client_.front();
    to_client_.pop_front();
    if (sent.kind == ModelSent::Kind::kSubAck) --unanswered_;
    // The standard does not say what a refusal makes of the subscription that was there. Here
    // it may end it, but not before the client knows: of a refusal that is lost on the way,
    // and a grant on the next connection, no client could tell that there was a break.
    if (!sent.granted && kept_though_refused_.contains(sent.filter) && (*random_)() % 2 == 0) {
      held_.erase(sent.filter);
      kept_though_refused_.erase(sent.filter);
    }
    if (sent.kind == ModelSent::Kind::kPublish) {
      queued_.erase(std::find(queued_.begin(), queued_.end(), sent.message));
    }
    return sent;
  }
  void Publish(ModelMessage message) {
    message.time = ++time_;
    const std::string topic = message.Topic();
    const size_t index = messages_.size();
    messages_.push_back(std::move(message));
    const bool wanted = std::any_of(held_.begin(), held_.end(), [&](const std::string& filter) {
      return TopicMatches(filter, topic);
    });
    if (!wanted) return Lose(index);
    queued_.push_back(index);
    if (connected_) SendMessage(index);
  }

  // ---- access rules ----
  void Refuse(const std::string& filter, bool may_pass) { refused_[filter] = may_pass; }
  void Allow(const std::string& filter) { refused_.erase(filter); }
  // Refuses nothing any more for now only.
  void LetPass() {
    std::erase_if(refused_, [](const auto& refused) { return refused.second; });
  }

  // ---- what there is to see ----
  uint64_t time() const { return time_; }
  // When what the client takes next was sent; the present time when there is nothing.
  uint64_t next_time() const { return to_client_.empty() ? time_ : to_client_.front().time; }
  std::vector<ModelMessage>& messages() { return messages_; }
  // Since the last call.
  std::vector<size_t> TakeLost() { return std::exchange(lost_, {}); }
  const std::set<std::string>& held() const { return held_; }
  // Refused when it was last asked for on this connection, in a way that may pass, and not
  // given up since.
  const std::set<std::string>& put_off() const { return put_off_; }
  const std::set<std::string>& kept_though_refused() const { return kept_though_refused_; }
  // Without those; with `on_the_way` as if what the client sent had been taken and granted.
  std::set<std::string> Granted(bool on_the_way) const {
    std::set<std::string> granted = held_;
    for (const std::string& filter : kept_though_refused_) granted.erase(filter);
    for (const auto& [subscribe, filter, time] : to_broker_) {
      if (!on_the_way) break;
      subscribe ? (void)granted.insert(filter) : (void)granted.erase(filter);
    }
    return granted;
  }
  // Held, or may be soon.
  std::set<std::string> HeldOrAsked() const {
    std::set<std::string> all = held_;
    for (const auto& [subscribe, filter, time] : to_broker_) {
      if (subscribe) all.insert(filter);
    }
    return all;
  }
  uint64_t losses() const { return losses_; }  // of a session
  uint64_t refusals() const { return refusals_; }
  // An UNSUBSCRIBE that came while a SUBSCRIBE had no answer.
  const std::optional<std::string>& early_unsubscribe() const { return early_unsubscribe_; }

 private:
  struct Packet {
    bool subscribe = false;  // or UNSUBSCRIBE
    std::string filter;
    uint64_t time = 0;  // of the broker, when it was sent
  };

  // Those that are asked for at once come in an order of hash tables, which is another in each
  // process. Here it depends on the seed alone.
  void Put(Packet packet) {
    auto place = to_broker_.end();
    const auto rank = [this](const Packet& of) {
      uint64_t hash = order_;
      for (const char letter : of.filter) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211u;
      }
      return hash >> 8;
    };
    while (place != to_broker_.begin()) {
      const Packet& before = *std::prev(place);
      if (before.subscribe != packet.subscribe || before.time != time_) break;
      if (rank(before) <= rank(packet)) break;
      --place;
    }
    packet.time = time_;
    to_broker_.insert(place, std::move(packet));
  }

  void Send(ModelSent sent) {
    sent.time = time_;
    to_client_.push_back(std::move(sent));
  }
  void SendMessage(size_t message) {
    Send({.kind = ModelSent::Kind::kPublish, .message = message});
  }
  void Lose(size_t message) {
    messages_[message].lost = true;
    lost_.push_back(message);
  }

  const bool keeps_session_;
  Random* const random_;
  const uint64_t order_;
  uint64_t time_ = 0;
  bool connected_ = false;
  std::deque<Packet> to_broker_;
  std::deque<ModelSent> to_client_;
  size_t unanswered_ = 0;
  std::optional<std::string> early_unsubscribe_;
  // The session.
  bool session_ = false;
  std::set<std::string> held_;
  std::set<std::string> kept_though_refused_;  // of `held_`
  std::deque<size_t> queued_;                  // messages the client has not taken
  std::map<std::string, bool> refused_;        // and whether that may pass
  std::set<std::string> put_off_;
  std::vector<ModelMessage> messages_;
  std::vector<size_t> lost_;
  uint64_t losses_ = 0;
  uint64_t refusals_ = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_INTEREST_MODEL_BROKER_H_
