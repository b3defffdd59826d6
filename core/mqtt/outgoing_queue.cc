// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/outgoing_queue.h"

#include <utility>

namespace wirepas_grpc::core {

void OutgoingQueue::Push(OutgoingPublish publish) {
  entries_.push_back(std::move(publish));
  ++publish_count_;
}

void OutgoingQueue::Push(OutgoingSubscription subscription) {
  const auto [it, is_new] = filters_.insert_or_assign(subscription.filter, subscription.qos);
  if (is_new) entries_.push_back(std::move(subscription.filter));
}

OutgoingQueue::Item OutgoingQueue::Pop() {
  Entry entry = std::move(entries_.front());
  entries_.pop_front();
  if (auto* publish = std::get_if<OutgoingPublish>(&entry)) {
    --publish_count_;
    return std::move(*publish);
  }
  const auto it = filters_.find(std::get<std::string>(entry));
  OutgoingSubscription subscription{it->first, it->second};
  filters_.erase(it);
  return subscription;
}

std::vector<BrokerClient::PublishDone> OutgoingQueue::Clear() {
  std::vector<BrokerClient::PublishDone> waiting;
  waiting.reserve(publish_count_);
  for (Entry& entry : entries_) {
    if (auto* publish = std::get_if<OutgoingPublish>(&entry)) {
      waiting.push_back(std::move(publish->done));
    }
  }
  entries_.clear();
  filters_.clear();
  publish_count_ = 0;
  return waiting;
}

}  // namespace wirepas_grpc::core
