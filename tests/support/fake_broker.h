// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_FAKE_BROKER_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_FAKE_BROKER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/mqtt/broker_client.h"
#include "tests/support/inbox.h"
#include "tests/support/topic_match.h"

namespace wirepas_grpc::core {

// A broker and the client to it in one, both in memory. It is not connected until
// the test says so. A session that Connect() says is present holds what was granted
// before. It grants subscriptions, keeps retained messages and takes
// publishes unless the test made it fail. All handler calls and PublishDone come on
// one thread of its own, in the order of their causes; Flush() waits for them. PublishBegin is
// called at once on the thread that publishes, unless that is held.
// Thread-safe.
class FakeBroker final : public BrokerClient {
 public:
  struct Published {
    std::string topic;
    std::string payload;
    int qos = 0;
    bool retain = false;
  };

  FakeBroker() : thread_([this] { Run(); }) {}
  ~FakeBroker() override {
    Stop();
    {
      MutexLock lock(&mutex_);
      ending_ = true;
      changed_.SignalAll();
    }
    thread_.join();
  }

  // ---- BrokerClient ----
  void Start(Handler* handler) override {
    MutexLock lock(&mutex_);
    handler_ = handler;
  }

  void Stop() override {
    {
      MutexLock lock(&mutex_);
      if (handler_ == nullptr || stopped_) return;
      stopped_ = true;
      DropConnectionLocked(DisconnectReason::kStopped);
    }
    Flush();
    MutexLock lock(&mutex_);
    handler_ = nullptr;
  }

  void Subscribe(const std::string& filter, int qos) override {
    MutexLock lock(&mutex_);
    if (!state_.connected) return;
    wanted_[filter] = qos;
    unanswered_.insert(filter);
    ++subscribe_calls_[filter];
    changed_.SignalAll();
    GrantLocked(filter);
  }

  void Unsubscribe(const std::string& filter) override {
    MutexLock lock(&mutex_);
    if (!state_.connected) return;
    wanted_.erase(filter);
    granted_.erase(filter);
    unsubscribed_.insert(filter);
    changed_.SignalAll();
    PostLocked([this, filter] {
      if (Handler* handler = CurrentHandler()) handler->OnUnsubscribed(filter);
    });
  }

  absl::Status Enqueue(Outgoing publish) override {
    {
      MutexLock lock(&mutex_);
      if (!state_.connected) return absl::UnavailableError("not connected to the broker");
      if (!publish_error_.ok()) return publish_error_;
      if (hold_outgoing_) {
        outgoing_.push_back(std::move(publish));
        return absl::OkStatus();
      }
    }
    Hand(std::move(publish));
    return absl::OkStatus();
  }

  // ---- the connection ----
  void Connect(bool session_present = false) {
    MutexLock lock(&mutex_);
    state_ = {};
    state_.connected = true;
    state_.reason = DisconnectReason::kNone;
    state_.endpoint = kEndpoint;
    state_.since = absl::Now();
    state_.session_present = session_present;
    if (!session_present) granted_.clear();
    PostStateLocked();
  }

  // What was published and is not finished gets ABORTED.
  void Disconnect(DisconnectReason reason = DisconnectReason::kConnectionLost) {
    MutexLock lock(&mutex_);
    DropConnectionLocked(reason);
  }

  // An attempt to connect fails.
  void FailAttempt(DisconnectReason reason) {
    MutexLock lock(&mutex_);
    state_.reason = reason;
    state_.endpoint = kEndpoint;
    state_.detail = "the test said so";
    ++state_.attempts;
    PostStateLocked();
  }

  // ---- messages to the client ----
  // Arrives if a subscription matches. False: none does, or there is no connection.
  bool Deliver(const std::string& topic, const std::string& payload) {
    MutexLock lock(&mutex_);
    if (!state_.connected || !MatchesGrantedLocked(topic)) return false;
    PostMessageLocked(topic, payload, /*retained=*/false);
    return true;
  }

  // Arrives whatever is subscribed.
  void Inject(const std::string& topic, const std::string& payload, bool retained = false) {
    MutexLock lock(&mutex_);
    PostMessageLocked(topic, payload, retained);
  }

  // Keeps the message for later subscriptions (an empty payload: forgets it), and
  // delivers it to a present one.
  void Retain(const std::string& topic, const std::string& payload) {
    MutexLock lock(&mutex_);
    RetainLocked(topic, payload);
  }

  // ---- faults ----
  // From now on this filter is refused; OK: granted again.
  void RefuseSubscription(const std::string& filter, const absl::Status& status) {
    MutexLock lock(&mutex_);
    answers_.erase(filter);
    if (!status.ok()) answers_[filter].status = status;
  }
  // From now on this filter is answered with that code of a SUBACK: the QoS that is granted,
  // or a refusal.
  void AnswerSubscription(const std::string& filter, int code) {
    MutexLock lock(&mutex_);
    answers_[filter] = SubscribeAnswerOf(code, /*asked_qos=*/0);
  }

  // While held, the broker does not answer subscriptions.
  void HoldGrants(bool hold) {
    MutexLock lock(&mutex_);
    hold_grants_ = hold;
    if (hold || !state_.connected) return;
    for (const std::string& filter : std::set<std::string>(unanswered_)) GrantLocked(filter);
  }

  // What Publish() itself returns from now on.
  void set_publish_error(const absl::Status& status) {
    MutexLock lock(&mutex_);
    publish_error_ = status;
  }

  // What PublishDone gets from now on.
  void set_publish_result(const absl::Status& status) {
    MutexLock lock(&mutex_);
    publish_result_ = status;
  }

  // While held, no PublishDone is called, except on a lost connection.
  void HoldPublishes(bool hold) {
    MutexLock lock(&mutex_);
    hold_publishes_ = hold;
    while (!hold && !outstanding_.empty()) FinishOldestPublishLocked();
  }

  // While held, what is published waits in the client: it is not handed to the connection.
  void HoldOutgoing(bool hold) {
    std::deque<Outgoing> released;
    {
      MutexLock lock(&mutex_);
      hold_outgoing_ = hold;
      if (!hold) released.swap(outgoing_);
    }
    for (Outgoing& publish : released) Hand(std::move(publish));
  }

  // Called on the broker's thread with each message that the broker took, in place
  // of the list behind NextPublished(). To play a gateway, Deliver() from it.
  void set_on_publish(std::function<void(const Published&)> on_publish) {
    MutexLock lock(&mutex_);
    on_publish_ = std::make_shared<std::function<void(const Published&)>>(std::move(on_publish));
  }

  // ---- what the client did ----
  // The oldest publish that was not taken yet, waited for.
  std::optional<Published> NextPublished(absl::Duration limit = absl::Seconds(30)) {
    return published_.Take(limit);
  }
  size_t published_count() const { return published_.size(); }

  // Filters that were given up at least once.
  std::set<std::string> unsubscribed() const {
    MutexLock lock(&mutex_);
    return unsubscribed_;
  }
  // What the client asked for on the present or last connection: filter and QoS.
  std::map<std::string, int> wanted() const {
    MutexLock lock(&mutex_);
    return wanted_;
  }

  // How often the client asked for a filter.
  int subscribe_calls(const std::string& filter) const {
    MutexLock lock(&mutex_);
    const auto found = subscribe_calls_.find(filter);
    return found == subscribe_calls_.end() ? 0 : found->second;
  }

  // What the session holds, connected or not.
  std::set<std::string> held() const {
    MutexLock lock(&mutex_);
    std::set<std::string> held;
    for (const auto& [filter, unused] : granted_) held.insert(filter);
    return held;
  }

  // False: it did not come to that in time.
  bool WaitForWanted(const std::string& filter, bool wanted = true,
                     absl::Duration limit = absl::Seconds(30)) {
    const absl::Time end = absl::Now() + limit;
    MutexLock lock(&mutex_);
    while (wanted_.contains(filter) != wanted) {
      const absl::Duration left = end - absl::Now();
      if (left <= absl::ZeroDuration()) return false;
      changed_.WaitWithTimeout(&mutex_, left);
    }
    return true;
  }

  // Waits until all that was caused so far has reached the handler. Not from a
  // handler or from set_on_publish()'s function.
  void Flush() {
    MutexLock lock(&mutex_);
    while (!events_.empty() || running_) changed_.Wait(&mutex_);
  }

  static constexpr char kEndpoint[] = "broker.test:1883";

 private:
  using Event = std::function<void()>;

  void PostLocked(Event event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    events_.push_back(std::move(event));
    changed_.SignalAll();
  }

  void PostStateLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    PostLocked([this, state = state_] {
      if (Handler* handler = CurrentHandler()) handler->OnState(state);
    });
  }

  void PostMessageLocked(const std::string& topic, const std::string& payload, bool retained)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    PostLocked([this, topic, payload, retained] {
      BrokerMessage message;
      message.topic = topic;
      message.payload = payload;
      message.retained = retained;
      if (Handler* handler = CurrentHandler()) handler->OnMessage(message);
    });
  }

  void GrantLocked(const std::string& filter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (hold_grants_) return;
    unanswered_.erase(filter);
    const auto asked = wanted_.find(filter);
    const int asked_qos = asked == wanted_.end() ? 0 : asked->second;
    SubscribeAnswer answer{.granted_qos = asked_qos};
    if (const auto set = answers_.find(filter); set != answers_.end()) answer = set->second;
    answer.asked_qos = asked_qos;
    PostLocked([this, filter, answer] {
      if (Handler* handler = CurrentHandler()) handler->OnSubscribed(filter, answer);
    });
    if (!answer.status.ok()) return;
    granted_[filter] = true;
    for (const auto& [topic, payload] : retained_) {
      if (TopicMatches(filter, topic)) PostMessageLocked(topic, payload, /*retained=*/true);
    }
  }

  bool MatchesGrantedLocked(const std::string& topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const auto& [filter, unused] : granted_) {
      if (TopicMatches(filter, topic)) return true;
    }
    return false;
  }

  void RetainLocked(const std::string& topic, const std::string& payload)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (payload.empty()) {
      retained_.erase(topic);
    } else {
      retained_[topic] = payload;
    }
    if (state_.connected && MatchesGrantedLocked(topic)) {
      PostMessageLocked(topic, payload, /*retained=*/false);
    }
  }

  void Hand(Outgoing publish) {
    const bool wanted = publish.begin == nullptr || publish.begin();
    publish.begin = nullptr;
    MutexLock lock(&mutex_);
    auto done = std::make_shared<PublishDone>(std::move(publish.done));
    const auto end = [&](absl::Status status) {
      PostLocked([done, status = std::move(status)] {
        if (*done != nullptr) (*done)(status);
      });
    };
    if (!wanted) return end(absl::CancelledError("not wanted"));
    if (!state_.connected) return end(absl::UnavailableError("the connection was lost: not sent"));
    outstanding_.push_back(std::move(done));
    PostLocked([this, published = Published{std::move(publish.topic), std::move(publish.payload),
                                            publish.qos, publish.retain}] { Take(published); });
    if (!hold_publishes_) FinishOldestPublishLocked();
  }

  void DropConnectionLocked(DisconnectReason reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (Outgoing& publish : outgoing_) {
      auto done = std::make_shared<PublishDone>(std::move(publish.done));
      PostLocked([done] {
        if (*done != nullptr) (*done)(absl::UnavailableError("the connection was lost: not sent"));
      });
    }
    outgoing_.clear();
    for (const auto& done : outstanding_) {
      PostLocked([done] { (*done)(absl::AbortedError("the connection to the broker was lost")); });
    }
    outstanding_.clear();
    unanswered_.clear();
    wanted_.clear();
    state_ = {};
    state_.reason = reason;
    state_.endpoint = kEndpoint;
    state_.detail = std::string(DisconnectReasonText(reason));
    state_.since = absl::Now();
    PostStateLocked();
  }

  void FinishOldestPublishLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    PostLocked(
        [done = std::move(outstanding_.front()), status = publish_result_] { (*done)(status); });
    outstanding_.pop_front();
  }

  void Take(const Published& published) {
    std::shared_ptr<std::function<void(const Published&)>> on_publish;
    {
      MutexLock lock(&mutex_);
      if (published.retain) RetainLocked(published.topic, published.payload);
      on_publish = on_publish_;
    }
    if (on_publish != nullptr) {
      (*on_publish)(published);
    } else {
      published_.Put(published);
    }
  }

  Handler* CurrentHandler() {
    MutexLock lock(&mutex_);
    return handler_;
  }

  void Run() {
    mutex_.Lock();
    while (!ending_ || !events_.empty()) {
      if (events_.empty()) {
        changed_.Wait(&mutex_);
        continue;
      }
      Event event = std::move(events_.front());
      events_.pop_front();
      running_ = true;
      mutex_.Unlock();
      event();
      event = nullptr;
      mutex_.Lock();
      running_ = false;
      changed_.SignalAll();
    }
    mutex_.Unlock();
  }

  mutable Mutex mutex_;
  CondVar changed_;
  Handler* handler_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::deque<Event> events_ ABSL_GUARDED_BY(mutex_);
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  BrokerState state_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> unsubscribed_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> unanswered_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> wanted_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, bool> granted_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> subscribe_calls_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, SubscribeAnswer> answers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> retained_ ABSL_GUARDED_BY(mutex_);
  std::deque<Outgoing> outgoing_ ABSL_GUARDED_BY(mutex_);  // held
  std::deque<std::shared_ptr<PublishDone>> outstanding_ ABSL_GUARDED_BY(mutex_);
  bool hold_grants_ ABSL_GUARDED_BY(mutex_) = false;
  bool hold_publishes_ ABSL_GUARDED_BY(mutex_) = false;
  bool hold_outgoing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status publish_error_ ABSL_GUARDED_BY(mutex_);
  absl::Status publish_result_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<std::function<void(const Published&)>> on_publish_ ABSL_GUARDED_BY(mutex_);
  Inbox<Published> published_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_FAKE_BROKER_H_
