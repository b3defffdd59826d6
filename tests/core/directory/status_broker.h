// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_DIRECTORY_STATUS_BROKER_H_
#define WIREPAS_GRPC_TESTS_CORE_DIRECTORY_STATUS_BROKER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "core/directory/directory.h"
#include "core/directory/status_source.h"
#include "core/mqtt/outgoing_queue.h"
#include "tests/core/directory/directory_fixture.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {

// A broker that retains statuses, as a directory knows it, behind the queue of the connection.
// Its answers and messages come one after the other, each `latency` after what caused it at the
// earliest.
class StatusBroker final : public StatusSource {
 public:
  StatusBroker(NetworkDirectory* directory, FakeScheduler* scheduler)
      : directory_(directory), scheduler_(scheduler) {
    directory->set_status_source(this);
  }

  // ---- what it does ----
  std::set<std::string> retained;
  absl::Duration latency = absl::Milliseconds(2);
  absl::Duration until_first_status;     // for all of them, after its answer
  size_t room = SIZE_MAX;                // of what is asked for at once so many come, and no others
  bool repeats = true;                   // sends for a subscription what it has sent already
  std::set<std::string> refused;         // by itself
  std::map<std::string, int> dropped;    // by itself: so many times it does not come
  std::set<std::string> late;            // by itself: after the others, by kTick / 2
  std::function<void()> before_answers;  // called when statuses are asked for one by one
  std::set<std::string> forbidden;       // who asks for one of them is disconnected

  // ---- what was asked ----
  int asked_for_all = 0;
  std::vector<std::vector<std::string>> asked;
  std::set<std::string> held;  // the subscriptions to single ones

  void Connect() {
    connected_ = true;
    directory_->OnConnected();
    AskForAll();
  }
  void Disconnect() {
    connected_ = false;
    ++connection_;
    last_ = Instant();
    held.clear();
    sent_.clear();
    queue_.Clear();
    directory_->OnDisconnected();
  }
  // That to all statuses alone is lost: the one for single ones goes on.
  void LoseOtherConnection() { directory_->OnDisconnected(); }

  // ---- StatusSource ----
  void AskForAll() override {
    if (!connected_) return;
    ++asked_for_all;
    Then(latency, [this] { directory_->OnStatusSubscribed(); });
    size_t count = 0;
    absl::Duration delay = until_first_status + latency;
    for (const std::string& id : retained) {
      if (count++ == room) break;
      SendStatus(id, std::exchange(delay, latency));
    }
  }
  void AskFor(const std::vector<std::string>& gateway_ids) override {
    if (!connected_) return;
    asked.push_back(gateway_ids);
    if (before_answers != nullptr) before_answers();
    for (const std::string& id : gateway_ids) queue_.Push(OutgoingSubscription{id, 1});
    SendLater();
  }
  void EndAskFor(const std::vector<std::string>& gateway_ids) override {
    if (!connected_) return;
    for (const std::string& id : gateway_ids) {
      queue_.Push(OutgoingSubscription{id, std::nullopt});
    }
    SendLater();
  }

  // A message that is no status.
  void SendOther() {
    Then(latency, [this] {
      directory_->OnMessageBegins();
      directory_->OnMessageEnds();
    });
  }

 private:
  // What is said before that of one subscription becomes one word of it, the last.
  void SendLater() {
    scheduler_->RunAfter(absl::ZeroDuration(), [this] {
      size_t count = 0;
      while (!queue_.empty()) {
        const auto [id, qos] = std::get<OutgoingSubscription>(queue_.Pop());
        if (qos.has_value()) {
          OnSubscribe(id, &count);
        } else {
          held.erase(id);
        }
      }
    });
  }
  void OnSubscribe(const std::string& id, size_t* count) {
    if (forbidden.contains(id)) return Then(latency, [this] { Disconnect(); });
    const bool granted = !refused.contains(id);
    Then(latency, [this, id, granted] { directory_->OnStatusAnswer(id, granted); });
    if (!granted) return;
    held.insert(id);
    if (!retained.contains(id) || dropped[id]-- > 0 || (*count)++ >= room) return;
    if (late.contains(id)) {
      scheduler_->RunAfter(latency + AbsenceCheck::kTick / 2, [this, id] { Tell(id); });
    } else {
      SendStatus(id, latency);
    }
  }
  void SendStatus(const std::string& id, absl::Duration delay) {
    if (!sent_.insert(id).second && !repeats) return;
    Then(delay, [this, id] { Tell(id); });
  }
  void Tell(const std::string& id) {
    directory_->OnMessageBegins();
    directory_->OnStatus(id, StatusOf(id, gw::ON, {"s0"}), /*retained=*/true);
    directory_->OnMessageEnds();
  }
  // Not before what was to come before it.
  void Then(absl::Duration delay, std::function<void()> event) {
    const Instant now = scheduler_->MonotonicNow();
    last_ = std::max(last_, now + delay);
    scheduler_->RunAfter(last_ - now, [this, event = std::move(event), connection = connection_] {
      if (connection == connection_) event();
    });
  }

  NetworkDirectory* const directory_;
  FakeScheduler* const scheduler_;
  bool connected_ = false;
  int connection_ = 0;
  Instant last_;
  std::set<std::string> sent_;
  OutgoingQueue queue_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_DIRECTORY_STATUS_BROKER_H_
