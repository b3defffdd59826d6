// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/outgoing_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc::core {
namespace {

OutgoingPublish Publish(const std::string& topic) {
  OutgoingPublish publish;
  publish.topic = topic;
  return publish;
}

// "publish t", "subscribe f 1", "unsubscribe f".
std::string PopText(OutgoingQueue& queue) {
  OutgoingQueue::Item item = queue.Pop();
  if (const auto* publish = std::get_if<OutgoingPublish>(&item)) {
    return absl::StrCat("publish ", publish->topic);
  }
  const auto& subscription = std::get<OutgoingSubscription>(item);
  return subscription.qos.has_value()
             ? absl::StrCat("subscribe ", subscription.filter, " ", *subscription.qos)
             : absl::StrCat("unsubscribe ", subscription.filter);
}

TEST(OutgoingQueueTest, KeepsTheOrder) {
  OutgoingQueue queue;
  EXPECT_TRUE(queue.empty());
  queue.Push(OutgoingSubscription{"a", 1});
  queue.Push(Publish("t"));
  queue.Push(OutgoingSubscription{"b", 2});
  EXPECT_EQ(queue.publish_count(), 1u);
  EXPECT_EQ(PopText(queue), "subscribe a 1");
  EXPECT_EQ(PopText(queue), "publish t");
  EXPECT_EQ(queue.publish_count(), 0u);
  EXPECT_EQ(PopText(queue), "subscribe b 2");
  EXPECT_TRUE(queue.empty());
}

TEST(OutgoingQueueTest, LastWordOnAFilterCounts) {
  OutgoingQueue queue;
  for (int i = 0; i < 1000; ++i) {
    queue.Push(OutgoingSubscription{"a", 1});
    queue.Push(OutgoingSubscription{"a", std::nullopt});
  }
  EXPECT_EQ(PopText(queue), "unsubscribe a");
  EXPECT_TRUE(queue.empty());
  // What was taken out is in the past: the next word is a new entry.
  queue.Push(OutgoingSubscription{"a", 2});
  EXPECT_EQ(PopText(queue), "subscribe a 2");
}

TEST(OutgoingQueueTest, ClearGivesBackTheCallbacks) {
  OutgoingQueue queue;
  int called = 0;
  for (int i = 0; i < 3; ++i) {
    OutgoingPublish publish = Publish("t");
    publish.done = [&called](const absl::Status&) { ++called; };
    queue.Push(std::move(publish));
    queue.Push(OutgoingSubscription{absl::StrCat(i), 1});
  }
  for (BrokerClient::PublishDone& done : queue.Clear()) done(absl::OkStatus());
  EXPECT_EQ(called, 3);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.publish_count(), 0u);
}

TEST(OutgoingQueueTest, ClearLetsGoOfWhatMessagesOwn) {
  OutgoingQueue queue;
  const auto owned = std::make_shared<int>();
  OutgoingPublish publish = Publish("t");
  publish.begin = [owned] { return true; };
  queue.Push(std::move(publish));
  EXPECT_EQ(owned.use_count(), 2);
  queue.Clear();
  EXPECT_EQ(owned.use_count(), 1);
}

}  // namespace
}  // namespace wirepas_grpc::core
