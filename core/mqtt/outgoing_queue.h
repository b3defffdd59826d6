// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_OUTGOING_QUEUE_H_
#define WIREPAS_GRPC_CORE_MQTT_OUTGOING_QUEUE_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/mqtt/broker_client.h"

namespace wirepas_grpc::core {

using OutgoingPublish = BrokerClient::Outgoing;

struct OutgoingSubscription {
  std::string filter;
  std::optional<int> qos;  // none: unsubscribe
};

// What waits to be sent, first in, first out, so that a request published after a
// Subscribe() reaches the broker after it. Not thread-safe.
//
// A filter waits at most once: a later Subscribe() or Unsubscribe() of it changes
// what waits already, which bounds the queue by the number of filters beside the
// publishes, which the owner bounds.
class OutgoingQueue {
 public:
  using Item = std::variant<OutgoingPublish, OutgoingSubscription>;

  void Push(OutgoingPublish publish);
  void Push(OutgoingSubscription subscription);

  bool empty() const { return entries_.empty(); }
  size_t publish_count() const { return publish_count_; }

  // Not when empty.
  Item Pop();

  // Empties the queue and returns what the publishes wanted to have called.
  std::vector<BrokerClient::PublishDone> Clear();

 private:
  // A string is a filter; `filters_` says what to do with it.
  using Entry = std::variant<OutgoingPublish, std::string>;

  std::deque<Entry> entries_;
  absl::flat_hash_map<std::string, std::optional<int>> filters_;
  size_t publish_count_ = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_OUTGOING_QUEUE_H_
