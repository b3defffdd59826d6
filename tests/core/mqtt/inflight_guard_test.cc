// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/inflight_guard.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/mqtt/recording_handler.h"
#include "tests/support/fake_broker.h"
#include "tests/support/fake_scheduler.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kFilter[] = "requests/#";
constexpr size_t kMax = 20;

class InflightGuardTest : public testing::Test {
 protected:
  InflightGuardTest() {
    auto broker = std::make_unique<FakeBroker>();
    broker_ = broker.get();
    broker_->set_on_publish([this](const FakeBroker::Published& published) {
      const int place = std::stoi(published.payload);
      if (!comes_back_(place) || published.topic == withheld_) return;
      broker_->Deliver(published.topic, published.payload);
    });
    guard_ = std::make_unique<InflightGuard>(
        InflightGuard::Options{.prefix = "requests/", .max_inflight = kMax}, std::move(broker),
        [this](size_t inflight) { told_.push_back(inflight); }, &scheduler_);
    guard_->Start(&handler_);
    broker_->Connect();
    broker_->Flush();
  }
  ~InflightGuardTest() override { guard_->Stop(); }

  // So many under way at once, to some topics, until the broker has taken them. Their payloads
  // begin with their places among them.
  void Burst(int count) {
    broker_->HoldPublishes(true);
    for (int i = 0; i < count; ++i) {
      const std::string topic = absl::StrCat("requests/", next_ % topics_);
      // No two are the same.
      const std::string payload = absl::StrCat(i, " ", next_++);
      ASSERT_TRUE(guard_->Publish(topic, payload, 2, false, [](const auto&) {}).ok());
    }
    broker_->HoldPublishes(false);
    broker_->Flush();
  }
  void Bursts(int times, int count) {
    for (int i = 0; i < times; ++i) Burst(count);
  }
  bool looks() const { return broker_->wanted().contains(kFilter); }
  // From now on the broker loses all but the first so many of a burst.
  void LoseBehind(int count) {
    comes_back_ = [count](int place) { return place < count; };
  }

  FakeScheduler scheduler_;
  RecordingHandler handler_;
  std::function<bool(int)> comes_back_ = [](int) { return true; };
  std::string withheld_;  // a topic
  int topics_ = 4;
  std::vector<size_t> told_;
  int next_ = 0;
  FakeBroker* broker_;
  std::unique_ptr<InflightGuard> guard_;
};

TEST_F(InflightGuardTest, LooksWhileMoreAreUnderWayThanAreKnownToGoWell) {
  Bursts(20, 1);
  EXPECT_EQ(broker_->subscribe_calls(kFilter), 0);
  Burst(5);
  EXPECT_TRUE(looks());
  Bursts(3, 5);
  EXPECT_FALSE(looks());
  Bursts(20, 5);
  EXPECT_EQ(broker_->subscribe_calls(kFilter), 1);
  Burst(6);
  EXPECT_TRUE(looks());
  EXPECT_THAT(told_, ElementsAre(kMax));
  EXPECT_THAT(handler_.messages(), IsEmpty());
  EXPECT_THAT(handler_.subscribed(), IsEmpty());
}

// So do some brokers with those who ask for what they may not have.
TEST_F(InflightGuardTest, NeverLooksAgainWhenAConnectionEndsInsteadOfAnAnswer) {
  broker_->HoldGrants(true);
  Burst(5);
  EXPECT_EQ(broker_->subscribe_calls(kFilter), 1);
  broker_->Disconnect();
  broker_->HoldGrants(false);
  broker_->Connect();
  broker_->Flush();
  Bursts(5, 5);
  EXPECT_EQ(broker_->subscribe_calls(kFilter), 1);
}

TEST_F(InflightGuardTest, OfAllThatWaitOnlySoManyAreUnderWay) {
  Bursts(5, 2 * kMax);
  EXPECT_FALSE(looks());
  Bursts(5, 3 * kMax);
  EXPECT_EQ(broker_->subscribe_calls(kFilter), 1);
}

TEST_F(InflightGuardTest, SendsFewerAtATimeWhenSomeAreLost) {
  LoseBehind(6);
  Bursts(10, 20);
  EXPECT_THAT(told_, ElementsAre(20)) << "they may still come";
  scheduler_.Advance(absl::Seconds(6));
  Burst(20);
  EXPECT_THAT(told_, ElementsAre(20, 10));
  Bursts(10, 20);
  scheduler_.Advance(absl::Seconds(6));
  Burst(20);
  EXPECT_THAT(told_, ElementsAre(20, 10, 5));
}

TEST_F(InflightGuardTest, ALongFloodDoesNotHideWhatIsLost) {
  LoseBehind(6);
  Bursts(80, 20);
  scheduler_.Advance(absl::Seconds(6));
  EXPECT_THAT(told_, ElementsAre(20, 10));
  Bursts(80, 20);
  scheduler_.Advance(absl::Seconds(6));
  EXPECT_THAT(told_, ElementsAre(20, 10, 5));
  Bursts(1, 20);
  EXPECT_TRUE(looks());
}

TEST_F(InflightGuardTest, WhatHasComeIsNotTakenForAllBeforeTheRestHadItsTime) {
  LoseBehind(17);
  Bursts(100, 20);
  EXPECT_THAT(told_, ElementsAre(20));
  scheduler_.Advance(absl::Seconds(6));
  EXPECT_THAT(told_, ElementsAre(20, 10));
}

TEST_F(InflightGuardTest, BurstsWithSilenceBetweenThemTellToo) {
  LoseBehind(6);
  for (int i = 0; i < 20 && told_.size() < 2; ++i) {
    Burst(20);
    scheduler_.Advance(absl::Minutes(1));
  }
  EXPECT_THAT(told_, ElementsAre(20, 10));
}

TEST_F(InflightGuardTest, ALookEndsAlsoInSilence) {
  Burst(3);
  EXPECT_TRUE(looks());
  scheduler_.Advance(absl::Minutes(3));
  EXPECT_FALSE(looks());
  EXPECT_EQ(scheduler_.pending(), 0u);
  Burst(3);
  EXPECT_TRUE(looks()) << "nothing is known yet";
}

TEST_F(InflightGuardTest, ALookEndsWhenTheBrokerAnswersNothing) {
  Burst(5);
  broker_->HoldPublishes(true);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(guard_->Publish("requests/1", absl::StrCat("1 held ", i), 2, false, nullptr).ok());
  }
  scheduler_.Advance(absl::Minutes(3));
  EXPECT_FALSE(looks());
  EXPECT_THAT(told_, ElementsAre(20));
}

// As where the rules grant the subscription and not all topics of it.
TEST_F(InflightGuardTest, ATopicThatIsWithheldIsNoLoss) {
  withheld_ = "requests/2";
  for (int i = 0; i < 30; ++i) {
    Bursts(10, 20);
    scheduler_.Advance(absl::Seconds(6));
  }
  EXPECT_THAT(told_, ElementsAre(20));
  EXPECT_LE(broker_->subscribe_calls(kFilter), 2) << "it tells nothing, and is not asked at once";
}

TEST_F(InflightGuardTest, WhereATopicIsWithheldTheOthersTell) {
  withheld_ = "requests/2";
  LoseBehind(6);
  Bursts(20, 20);
  scheduler_.Advance(absl::Seconds(6));
  EXPECT_THAT(told_, ElementsAre(20, 10));
}

// Rights change: what has come back before may be withheld now.
TEST_F(InflightGuardTest, ATopicThatIsWithheldFromNowOnIsTakenForLossesOnce) {
  Bursts(2, 20);
  ASSERT_TRUE(looks());
  withheld_ = "requests/2";
  for (int i = 0; i < 60; ++i) {
    Bursts(10, 20);
    scheduler_.Advance(absl::Seconds(6));
  }
  EXPECT_THAT(told_, ElementsAre(20, 10));
}

// More than one burst writes to.
TEST_F(InflightGuardTest, ManyTopicsTellWhenTheyComeAgain) {
  topics_ = 301;
  LoseBehind(6);
  for (int i = 0; i < 10 && told_.size() < 2; ++i) {
    Bursts(50, 20);
    scheduler_.Advance(absl::Minutes(1));
  }
  EXPECT_THAT(told_, ElementsAre(20, 10));
}

TEST_F(InflightGuardTest, BrokerThatIsSlowIsGivenTime) {
  std::vector<std::pair<std::string, std::string>> late;
  broker_->set_on_publish([&](const FakeBroker::Published& published) {
    late.emplace_back(published.topic, published.payload);
  });
  for (int i = 0; i < 30; ++i) {
    Burst(20);
    scheduler_.Advance(absl::Seconds(i < 10 ? 60 : 20));
    for (const auto& [topic, payload] : std::exchange(late, {})) {
      broker_->Deliver(topic, payload);
    }
    broker_->Flush();
  }
  EXPECT_THAT(told_, ElementsAre(20));
}

// When a connection ends, what was under way is told of first: the rest counts still.
TEST_F(InflightGuardTest, WhatIsPublishedWhileAConnectionEndsAsksForNothing) {
  broker_->HoldGrants(true);
  broker_->HoldPublishes(true);
  const auto publish_again = [this](const absl::Status&) {
    EXPECT_TRUE(absl::IsUnavailable(guard_->Publish("requests/1", "1", 2, false, nullptr)));
  };
  ASSERT_TRUE(guard_->Publish("requests/1", "2", 2, false, publish_again).ok());
  // Not looked at: one by one they would go well.
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(guard_->Publish("other", "1", 1, false, nullptr).ok());
  }
  broker_->Disconnect();
  broker_->Flush();
  broker_->HoldPublishes(false);
  broker_->HoldGrants(false);
  broker_->Connect();
  broker_->Flush();
  Burst(5);
  EXPECT_TRUE(looks());
}

TEST_F(InflightGuardTest, OneOrTwoThatAreMissingDoNotTell) {
  Burst(20);  // asks
  comes_back_ = [](int place) { return place != 7; };
  Bursts(2, 20);
  comes_back_ = [](int) { return true; };
  for (int i = 0; i < 100; ++i) {
    scheduler_.Advance(absl::Seconds(6));
    Burst(20);
  }
  EXPECT_THAT(told_, ElementsAre(20));
  EXPECT_FALSE(looks());
}

TEST_F(InflightGuardTest, ANewConnectionMayDoBetter) {
  LoseBehind(2);
  for (int i = 0; i < 2; ++i) {
    Bursts(35, 20);
    scheduler_.Advance(absl::Seconds(6));
    Burst(20);
  }
  ASSERT_THAT(told_, ElementsAre(20, 10, 5));
  comes_back_ = [](int) { return true; };
  for (int i = 0; i < 3; ++i) {
    broker_->Disconnect();
    broker_->FailAttempt(DisconnectReason::kRefused);
    broker_->Connect();
    broker_->Flush();
    Bursts(5, 20);
    EXPECT_FALSE(looks());
  }
  EXPECT_THAT(told_, ElementsAre(20, 10, 5, 10, 20, 20));
}

TEST_F(InflightGuardTest, WhoSubscribesToThemGetsThem) {
  Burst(5);
  EXPECT_TRUE(looks());
  guard_->Subscribe(kFilter, 1);
  Bursts(20, 5);
  EXPECT_TRUE(looks());
  EXPECT_EQ(handler_.messages().size(), 100u);
  EXPECT_EQ(handler_.subscribed().size(), 1u);
  guard_->Unsubscribe(kFilter);
  broker_->Flush();
  EXPECT_FALSE(looks());
  EXPECT_FALSE(handler_.unsubscribed().empty());
}

TEST_F(InflightGuardTest, WithoutTheRightToSubscribeItDoesNotLook) {
  broker_->RefuseSubscription(kFilter, absl::PermissionDeniedError("by the rules"));
  LoseBehind(2);
  for (int i = 0; i < 5; ++i) {
    Bursts(10, 20);
    scheduler_.Advance(absl::Seconds(6));
  }
  EXPECT_EQ(broker_->subscribe_calls(kFilter), 1);
  EXPECT_THAT(told_, ElementsAre(20));
  EXPECT_THAT(handler_.subscribed(), IsEmpty());
}

}  // namespace
}  // namespace wirepas_grpc::core
