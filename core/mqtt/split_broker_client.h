// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_SPLIT_BROKER_CLIENT_H_
#define WIREPAS_GRPC_CORE_MQTT_SPLIT_BROKER_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "core/base/mutex.h"
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

// Two connections to one broker that are used as one: `kept` has a persistent session,
// `clean` a new one each time. On the clean one is all that is published, and what answers
// it. A message of QoS 2 whose connection breaks half-way is then over for the broker too;
// in a session that is kept it would remember the packet id, and swallow a later message
// of the same id.
//
// It is connected while both are. While only one is, what has been subscribed to on that one
// goes on arriving, and nothing can be subscribed to on either. What the state says of a
// session is said of the kept one: one that the broker lost since both were connected last is
// not present. Its reason, detail and attempts are those of the connection that is missing,
// of the kept one if both are.
//
// An answer to a Subscribe() on the one can come after the other was lost and is back. It is
// true then, and not followed by another to a Subscribe() before the loss.
class SplitBrokerClient final : public BrokerClient {
 public:
  // `clean_filters` are subscribed to on the clean connection, and those that `also_clean`
  // says, if not null; all others on the kept one. The two clients are not started yet.
  SplitBrokerClient(std::unique_ptr<BrokerClient> kept, std::unique_ptr<BrokerClient> clean,
                    const std::vector<std::string>& clean_filters,
                    std::function<bool(const std::string&)> also_clean = nullptr);
  ~SplitBrokerClient() override;  // calls Stop()

  void Start(Handler* handler) override;
  void Stop() override;
  void Subscribe(const std::string& filter, int qos) override;
  void Unsubscribe(const std::string& filter) override;
  absl::Status Enqueue(Outgoing publish) override;

 private:
  // What one of the two tells.
  struct Side final : public Handler {
    Side(SplitBrokerClient* owner_in, std::unique_ptr<BrokerClient> client_in)
        : owner(owner_in), client(std::move(client_in)) {}
    void OnMessage(const BrokerMessage& message) override { owner->OnMessage(message); }
    void OnState(const BrokerState& state) override { owner->OnState(this, state); }
    void OnSubscribed(const std::string& filter, const SubscribeAnswer& answer) override {
      owner->OnSubscribed(filter, answer);
    }
    void OnUnsubscribed(const std::string& filter) override { owner->OnUnsubscribed(this, filter); }

    SplitBrokerClient* const owner;
    const std::unique_ptr<BrokerClient> client;
    BrokerState state;  // guarded by the owner's `event_mutex_`
  };

  Side& SideOf(const std::string& filter);
  void OnMessage(const BrokerMessage& message);
  void OnState(Side* side, const BrokerState& state);
  void OnSubscribed(const std::string& filter, const SubscribeAnswer& answer);
  void OnUnsubscribed(Side* side, const std::string& filter);
  // Both as one.
  BrokerState Combined() ABSL_EXCLUSIVE_LOCKS_REQUIRED(event_mutex_);
  void GiveUpLeftOver(bool session_present) ABSL_EXCLUSIVE_LOCKS_REQUIRED(event_mutex_);

  const absl::flat_hash_set<std::string> clean_filters_;
  const std::function<bool(const std::string&)> also_clean_;
  Handler* handler_ = nullptr;  // set by Start()

  // The two clients' threads take turns at the handler.
  Mutex message_mutex_;
  Mutex event_mutex_;
  bool connected_ ABSL_GUARDED_BY(event_mutex_) = false;  // as it was told last
  // The kept session has been there since that.
  bool session_kept_ ABSL_GUARDED_BY(event_mutex_) = true;
  absl::Time down_since_ ABSL_GUARDED_BY(event_mutex_) = absl::InfinitePast();  // not known yet
  // What the kept session may hold from a time when it was the only one.
  absl::flat_hash_set<std::string> left_over_ ABSL_GUARDED_BY(event_mutex_);

  Side kept_;
  Side clean_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_SPLIT_BROKER_CLIENT_H_
