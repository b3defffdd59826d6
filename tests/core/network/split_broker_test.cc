// SPDX-License-Identifier: Apache-2.0
//
// The network over two connections to the broker, one of which comes and goes alone.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/gateway_api/codec.h"
#include "core/gateway_api/topics.h"
#include "core/mqtt/split_broker_client.h"
#include "core/network/network.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/directory/directory_fixture.h"
#include "tests/core/traffic/uplink_payload.h"
#include "tests/support/fake_broker.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;

class NetworkSplitBrokerTest : public testing::Test {
 protected:
  NetworkSplitBrokerTest() {
    auto kept = std::make_unique<FakeBroker>();
    auto clean = std::make_unique<FakeBroker>();
    kept_ = kept.get();
    clean_ = clean.get();
    broker_ = std::make_unique<SplitBrokerClient>(
        std::move(kept), std::move(clean),
        std::vector<std::string>{kResponseFilter, kSendDataRequestFilter}, IsStatusTopic);
    Network::Options options;
    options.persistent_session = true;
    network_ = std::make_unique<Network>(options, broker_.get(), &executor_, &scheduler_);
    network_->Start();
    kept_->Connect();
    clean_->Connect();
    uplinks_ = network_->AcquireUplinks({}, [] {});
    downlinks_ = network_->AcquireDownlinks([] {});
    Settle();
  }
  ~NetworkSplitBrokerTest() override {
    network_->Stop();
    executor_.Stop();
  }

  void Settle() {
    for (int i = 0; i < 8; ++i) {
      kept_->Flush();
      clean_->Flush();
      Drain(&executor_, 1);
    }
  }
  void Pass(absl::Duration time) {
    for (absl::Duration passed; passed < time; passed += absl::Milliseconds(20)) {
      scheduler_.Advance(absl::Milliseconds(20));
      Settle();
    }
  }
  // Two gateways are known, and of "h" the broker retains no status when it is back.
  void ReconnectWithOneGone() {
    const auto retain = [&](const std::string& gateway, bool there) {
      gw::WirepasMessage message;
      *message.mutable_status_event() = StatusOf(gateway, gw::ON, {"s"});
      for (FakeBroker* broker : {kept_, clean_}) {
        broker->Retain("gw-event/status/" + gateway, there ? Encode(message) : "");
      }
      Settle();
    };
    for (const char* gateway : {"g", "h"}) retain(gateway, true);
    scheduler_.Advance(absl::Seconds(5));
    ASSERT_NE(network_->directory().Find("h"), nullptr);
    for (FakeBroker* broker : {kept_, clean_}) broker->Disconnect();
    retain("h", false);
    kept_->Connect(/*session_present=*/true);
    clean_->Connect();
    Settle();
  }
  bool DeliverUplink(uint64_t event_id) {
    return kept_->Deliver("gw-event/received_data/g/s/7/1/2", UplinkPayload(event_id, "g"));
  }
  // Event ids, and "gap" for a gap that is told.
  std::vector<std::string> UplinkLogTexts() {
    Settle();
    std::vector<std::string> texts;
    UplinkLog::Sequence next = network_->uplinks().oldest();
    while (true) {
      std::vector<std::string> read;
      const auto result = network_->uplinks().Read(next, 1000, [&](const Uplink& uplink) {
        read.push_back(std::to_string(uplink.event_id));
        return true;
      });
      if (result.next == next) return texts;
      if (result.gap) texts.push_back("gap");
      texts.insert(texts.end(), read.begin(), read.end());
      next = result.next;
    }
  }

  FakeScheduler scheduler_;
  Executor executor_{1};
  FakeBroker* kept_;
  FakeBroker* clean_;
  std::unique_ptr<SplitBrokerClient> broker_;
  std::unique_ptr<Network> network_;
  InterestPtr uplinks_;
  InterestPtr downlinks_;
};

TEST_F(NetworkSplitBrokerTest, RequestsThatAreLostAloneLeaveUplinksAsTheyAre) {
  ASSERT_TRUE(DeliverUplink(1));
  Settle();
  clean_->Disconnect();
  Settle();
  EXPECT_FALSE(network_->broker().connected());
  ASSERT_TRUE(DeliverUplink(2));
  clean_->FailAttempt(DisconnectReason::kRefused);
  clean_->Connect();
  Settle();
  EXPECT_TRUE(network_->broker().connected());
  ASSERT_TRUE(DeliverUplink(3));
  EXPECT_THAT(UplinkLogTexts(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(kept_->unsubscribed(), testing::IsEmpty());
  EXPECT_TRUE(kept_->held().contains(kUplinkFilter));
  EXPECT_TRUE(kept_->held().contains(kStatusFilter));
}

TEST_F(NetworkSplitBrokerTest, WhatTheCleanSessionHeldIsAskedForAgain) {
  EXPECT_THAT(clean_->held(), ElementsAre(kSendDataRequestFilter, kResponseFilter));
  EXPECT_FALSE(kept_->held().contains(kResponseFilter));
  // The session of the other one is there; of this one nothing is.
  clean_->Disconnect();
  clean_->HoldGrants(true);
  clean_->Connect();
  Settle();
  EXPECT_FALSE(network_->subscriptions().IsGranted(kResponseFilter));
  clean_->HoldGrants(false);
  Settle();
  EXPECT_TRUE(network_->subscriptions().IsGranted(kResponseFilter));
  EXPECT_THAT(clean_->held(), ElementsAre(kSendDataRequestFilter, kResponseFilter));
}

// A kept session would go on with them if the connection was lost in between.
TEST_F(NetworkSplitBrokerTest, SingleStatusesAreAskedForOnTheCleanOne) {
  ASSERT_NO_FATAL_FAILURE(ReconnectWithOneGone());
  for (const absl::Duration waited : {absl::ZeroDuration(), AbsenceCheck::kApart}) {
    scheduler_.Advance(waited);
    Pass(absl::Seconds(2));
  }
  EXPECT_EQ(network_->directory().Find("h"), nullptr);
  EXPECT_NE(network_->directory().Find("g"), nullptr);
  EXPECT_EQ(clean_->subscribe_calls("gw-event/status/h"), 2);
  EXPECT_EQ(kept_->subscribe_calls("gw-event/status/h"), 0);
  EXPECT_THAT(kept_->held(), ElementsAre(kUplinkFilter, kStatusFilter));
  EXPECT_THAT(clean_->held(), ElementsAre(kSendDataRequestFilter, kResponseFilter));
}

TEST_F(NetworkSplitBrokerTest, SingleStatusesAreNotLeftOnTheCleanOneWhenTheOtherIsLost) {
  ASSERT_NO_FATAL_FAILURE(ReconnectWithOneGone());
  for (int i = 0; i < 50 && !clean_->held().contains("gw-event/status/h"); ++i) {
    Pass(absl::Milliseconds(20));
  }
  EXPECT_TRUE(clean_->held().contains("gw-event/status/h"));
  kept_->Disconnect();
  Pass(absl::Seconds(1));
  EXPECT_THAT(clean_->held(), ElementsAre(kSendDataRequestFilter, kResponseFilter));
}

TEST_F(NetworkSplitBrokerTest, SessionThatIsLostMeanwhileIsAGap) {
  ASSERT_TRUE(DeliverUplink(1));
  Settle();
  clean_->Disconnect();
  kept_->Disconnect();
  kept_->Connect(/*session_present=*/false);
  kept_->Disconnect();
  kept_->Connect(/*session_present=*/true);
  clean_->Connect();
  Settle();
  ASSERT_TRUE(DeliverUplink(2));
  EXPECT_THAT(UplinkLogTexts(), ElementsAre("1", "gap", "2"));
}

}  // namespace
}  // namespace wirepas_grpc::core
