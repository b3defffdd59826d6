// SPDX-License-Identifier: Apache-2.0
//
// Sequences of events that once went wrong, each of which few will ever see.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/interest/subscriptions.h"
#include "core/storage/database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/process.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kAll[] = "gw-event/received_data/#";
constexpr char kA[] = "gw-event/received_data/a/#";
constexpr char kB[] = "gw-event/received_data/b/#";
constexpr char kC[] = "gw-event/received_data/c/#";
constexpr char kEndpoint[] = "gw-event/received_data/a/+/+/1/#";
constexpr char kEndpointOfAny[] = "gw-event/received_data/+/+/+/1/#";

// What is asked of the broker is kept for the test to look at; it answers in its place.
class Recorder final : public BrokerClient {
 public:
  void Start(Handler*) override {}
  void Stop() override {}
  void Subscribe(const std::string& filter, int) override { subscribed.push_back(filter); }
  void Unsubscribe(const std::string& filter) override { unsubscribed.push_back(filter); }
  absl::Status Enqueue(Outgoing) override { return absl::UnimplementedError(""); }

  std::vector<std::string> subscribed;
  std::vector<std::string> unsubscribed;
};

class SubscriptionsFaultsTest : public testing::Test {
 protected:
  SubscriptionsFaultsTest() { StartRun(); }
  ~SubscriptionsFaultsTest() override { subscriptions_->Stop(); }

  void StartRun() {
    if (subscriptions_ != nullptr) subscriptions_->Stop();
    subscriptions_.reset();
    subscriptions_ =
        std::make_unique<Subscriptions>(options_, &log_, &broker_, &executor_, &scheduler_);
    ASSERT_TRUE(subscriptions_->Restore({.linger = absl::Minutes(1), .remembered = true}).ok());
  }

  InterestPtr Acquire(const std::string& filter, const Subscriptions::Terms& terms = {}) {
    return subscriptions_->Acquire({filter}, terms, [] {});
  }
  void Connect(bool session_present = false) { subscriptions_->OnConnected(session_present); }
  void Disconnect() { subscriptions_->OnDisconnected(); }
  void Grant(const std::string& filter) { subscriptions_->OnSubscribed(filter, {}); }
  void Refuse(const std::string& filter) {
    subscriptions_->OnSubscribed(filter, {.status = absl::PermissionDeniedError("no")});
  }
  std::vector<std::string> Subscribed() { return std::exchange(broker_.subscribed, {}); }
  std::vector<std::string> Unsubscribed() { return std::exchange(broker_.unsubscribed, {}); }
  // Markers that readers are told of.
  int Gaps() {
    int gaps = 0;
    for (uint64_t next = 1; next < log_.next(); ++next) {
      gaps += log_.Read(next, 1, [](const Uplink&) { return true; }).gap.has_value();
    }
    return gaps;
  }

  Subscriptions::Options options_{.max_uplink_filters = 2};
  FakeScheduler scheduler_;
  Executor executor_{1};
  UplinkLog log_{{}, {}, &executor_, &scheduler_};
  Recorder broker_;
  std::unique_ptr<Subscriptions> subscriptions_;
};

// It was given up because a wider one served it, which went before the UNSUBACK.
TEST_F(SubscriptionsFaultsTest, WhatIsBeingGivenUpIsCoveredAnewWhenItsServerWentToo) {
  Connect();
  auto narrow = Acquire(kA);
  Grant(kA);
  auto wide = Acquire(kAll);
  Grant(kAll);
  ASSERT_THAT(Unsubscribed(), ElementsAre(kA));
  const uint64_t before = narrow->coverage().since;
  narrow.reset();
  wide.reset();
  ASSERT_THAT(Unsubscribed(), ElementsAre(kAll));
  narrow = Acquire(kA);
  Grant(kA);
  EXPECT_EQ(narrow->result(), absl::OkStatus());
  EXPECT_GT(narrow->coverage().since, before) << "what came in between is not in the log";
}

// The filter to all uplinks served them, and nobody wants it for itself.
TEST_F(SubscriptionsFaultsTest, WhoComesWhileTheBrokerIsAwayIsNotCoveredFromBefore) {
  Connect();
  std::vector<InterestPtr> before;
  for (const char* filter : {kA, kB, kC}) before.push_back(Acquire(filter));
  for (const char* filter : {kA, kB, kAll}) Grant(filter);
  ASSERT_EQ(before.front()->result(), absl::OkStatus());
  const uint64_t covered_since = before.back()->coverage().since;
  Disconnect();
  std::vector<InterestPtr> after;
  for (const char* gateway : {"d", "e", "f"}) {
    after.push_back(Acquire(absl::StrCat("gw-event/received_data/", gateway, "/#")));
  }
  before.clear();
  Connect();
  Grant(kAll);
  EXPECT_EQ(Gaps(), 0);
  for (const InterestPtr& interest : after) {
    EXPECT_EQ(interest->result(), absl::OkStatus());
    EXPECT_GT(interest->coverage().since, covered_since);
  }
}

TEST_F(SubscriptionsFaultsTest, WhoHadNoRoomIsCoveredFromWhenThereIsSome) {
  Connect();
  auto a = Acquire(kA);
  auto b = Acquire(kB);
  auto c = Acquire(kC, {.stays = true});
  for (const char* filter : {kA, kB, kAll}) Grant(filter);
  ASSERT_EQ(c->result(), absl::OkStatus());
  const uint64_t before = c->coverage().since;
  Disconnect();
  Connect(/*session_present=*/true);
  Refuse(kAll);
  ASSERT_TRUE(absl::IsResourceExhausted(*c->result())) << *c->result();
  Grant(kA);
  Grant(kB);
  a.reset();
  Grant(kC);
  EXPECT_EQ(c->result(), absl::OkStatus());
  EXPECT_GT(c->coverage().since, before) << "for a while it was not asked for";
}

// Nobody needed it when it was refused, as a wider one was asked for, which was refused too.
TEST_F(SubscriptionsFaultsTest, ARefusalIsToldThoughAWiderOneWasToServe) {
  Connect();
  const auto narrow = Acquire(kA);
  const auto wide = Acquire(kAll);
  Refuse(kA);
  EXPECT_EQ(narrow->result(), std::nullopt);
  Refuse(kAll);
  EXPECT_TRUE(absl::IsPermissionDenied(*wide->result()));
  ASSERT_THAT(Subscribed(), ElementsAre(kA, kAll, kA));
  Refuse(kA);
  ASSERT_TRUE(narrow->result().has_value());
  EXPECT_TRUE(absl::IsPermissionDenied(*narrow->result()));
}

// The same for who comes when it has been refused already.
TEST_F(SubscriptionsFaultsTest, WhoComesAfterARefusalIsAnsweredThoughAWiderOneWasToServe) {
  Connect();
  const auto refused = Acquire(kA);
  Refuse(kA);
  const auto wide = Acquire(kAll);
  const auto next = Acquire(kA);
  Subscribed();
  Refuse(kAll);
  ASSERT_THAT(Subscribed(), ElementsAre(kA));
  Grant(kA);
  EXPECT_EQ(next->result(), absl::OkStatus());
}

// The one to all uplinks served them in the session, and a new run does not know since when.
TEST_F(SubscriptionsFaultsTest, AGapIsMarkedWhenWhatServedTheRunBeforeIsRefused) {
  TemporaryDirectory folder;
  Database::Options database_options;
  database_options.directory = folder.File("state");
  const auto database = Database::Open(database_options, {});
  ASSERT_TRUE(database.ok()) << database.status();
  SubscriptionStore store(database->get(), &scheduler_);
  options_.session_kept = true;
  options_.store = &store;
  StartRun();
  Connect();
  for (const char* filter : {kA, kB}) {
    Acquire(filter, {.linger = absl::Hours(1), .remembered = true});
    Grant(filter);
  }
  Acquire(kC, {.linger = absl::Hours(1), .remembered = true});
  Grant(kAll);
  subscriptions_->OnUnsubscribed(kA);
  subscriptions_->OnUnsubscribed(kB);
  StartRun();
  Subscribed();
  Connect(/*session_present=*/true);
  ASSERT_THAT(Subscribed(), ElementsAre(kAll));
  Refuse(kAll);
  for (const std::string& filter : Subscribed()) Grant(filter);
  EXPECT_EQ(Gaps(), 1);
  subscriptions_->Stop();
  subscriptions_.reset();
  options_.store = nullptr;
  StartRun();
}

// Two cover the same. The one that served it until now is refused, the other is new.
TEST_F(SubscriptionsFaultsTest, AGapIsMarkedWhenWhatServedBeforeIsRefused) {
  Connect();
  const auto gateway = Acquire(kEndpointOfAny);
  Grant(kEndpointOfAny);
  const auto both = Acquire(kEndpoint);
  ASSERT_EQ(both->result(), absl::OkStatus());
  Disconnect();
  const auto other = Acquire(kA);
  Subscribed();
  Connect(/*session_present=*/true);
  ASSERT_THAT(Subscribed(), UnorderedElementsAre(kA, kEndpointOfAny));
  Refuse(kEndpointOfAny);
  Grant(kA);
  EXPECT_EQ(both->result(), absl::OkStatus());
  EXPECT_EQ(Gaps(), 1);
}

// Nothing came since the gap of the session that was lost before, and yet it does not tell.
TEST_F(SubscriptionsFaultsTest, AGapFromBeforeARefusalDoesNotTellOfIt) {
  Connect();
  auto other = Acquire(kB);
  Grant(kB);
  Disconnect();
  Connect();
  Grant(kB);
  EXPECT_EQ(Gaps(), 1);
  // These are covered only since then.
  const auto wide = Acquire(kAll);
  Grant(kAll);
  const auto narrow = Acquire(kA);
  other.reset();
  Disconnect();
  Connect(/*session_present=*/true);
  Refuse(kAll);
  Grant(kA);
  EXPECT_EQ(narrow->result(), absl::OkStatus());
  EXPECT_EQ(Gaps(), 2);
}

// It is no longer needed for itself when it is refused.
TEST_F(SubscriptionsFaultsTest, AGapIsMarkedWhenTheRefusedOneIsServedByAnotherNow) {
  Connect();
  const auto narrow = Acquire(kA);
  Grant(kA);
  Disconnect();
  Connect(/*session_present=*/true);
  const auto wide = Acquire(kAll);
  Refuse(kA);
  Grant(kAll);
  EXPECT_EQ(narrow->result(), absl::OkStatus());
  EXPECT_EQ(Gaps(), 1);
}

}  // namespace
}  // namespace wirepas_grpc::core
