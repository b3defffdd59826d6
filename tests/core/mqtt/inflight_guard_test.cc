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
      if (comes_back_(published.payload)) broker_->Deliver(published.topic, published.payload);
    });
    guard_ = std::make_unique<InflightGuard>(
        InflightGuard::Options{.prefix = "requests/", .max_inflight = kMax}, std::move(broker),
        [this](size_t inflight) { told_.push_back(inflight); }, &scheduler_);
    guard_->Start(&handler_);
    broker_->Connect();
    broker_->Flush();
  }
  ~InflightGuardTest() override { guard_->Stop(); }

  // So many under way at once, until the broker has taken them. Their payloads are their
  // places among them.
  void Burst(int count) {
    broker_->HoldPublishes(true);
    for (int i = 0; i < count; ++i) {
      // No two are the same.
      const std::string topic = absl::StrCat("requests/", next_topic_++);
      ASSERT_TRUE(guard_->Publish(topic, absl::StrCat(i), 2, false, [](const auto&) {}).ok());
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
    comes_back_ = [count](const std::string& payload) { return std::stoi(payload) < count; };
  }

  FakeScheduler scheduler_;
  RecordingHandler handler_;
  std::function<bool(const std::string&)> comes_back_ = [](const std::string&) { return true; };
  std::vector<size_t> told_;
  int next_topic_ = 0;
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

TEST_F(InflightGuardTest, BrokerThatIsSlowIsGivenTime) {
  std::vector<std::pair<std::string, std::string>> late;
  broker_->set_on_publish([&](const FakeBroker::Published& published) {
    late.emplace_back(published.topic, published.payload);
  });
  for (int i = 0; i < 10; ++i) {
    Burst(20);
    scheduler_.Advance(absl::Seconds(60));
    for (const auto& [topic, payload] : std::exchange(late, {})) {
      broker_->Deliver(topic, payload);
    }
    broker_->Flush();
  }
  EXPECT_THAT(told_, ElementsAre(20));
}

TEST_F(InflightGuardTest, OneOrTwoThatAreMissingDoNotTell) {
  Burst(20);  // asks
  comes_back_ = [](const std::string& payload) { return payload != "7"; };
  Bursts(2, 20);
  comes_back_ = [](const std::string&) { return true; };
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
  comes_back_ = [](const std::string&) { return true; };
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
