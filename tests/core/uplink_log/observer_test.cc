// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/observer.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

class UplinkObserverTest : public testing::Test, protected UplinkObserver::Handler {
 protected:
  UplinkObserverTest() : observer_({absl::Seconds(1), 4}, &log_, &executor_, &scheduler_, this) {}
  ~UplinkObserverTest() override {
    observer_.Stop();
    executor_.Stop();
  }

  void OnUplink(uint64_t sequence, const Uplink& uplink) override {
    EXPECT_EQ(sequence, uplink.event_id);
    seen_.push_back(sequence);
  }
  void OnGap(const Gap&) override { ++gaps_; }
  void OnTurn(uint64_t next) override { turns_.push_back(next); }

  // Event ids are the numbers in the log.
  void Append(int count) {
    for (int i = 0; i < count; ++i) {
      auto uplink = std::make_unique<Uplink>();
      uplink->gateway_id = "g";
      uplink->event_id = log_.next();
      log_.Append(std::move(uplink), "", "");
    }
  }
  void Settle() { Drain(&executor_, 20); }

  FakeScheduler scheduler_;
  Executor executor_{1};
  UplinkLog log_{{}, {}, &executor_, &scheduler_};
  UplinkObserver observer_;
  // The executor's, looked at when it has come to rest.
  std::vector<uint64_t> seen_;
  std::vector<uint64_t> turns_;
  int gaps_ = 0;
};

TEST_F(UplinkObserverTest, SeesEveryPacketInTurnsOfABoundedLength) {
  Append(10);
  observer_.Start(1);
  Settle();
  EXPECT_THAT(seen_, testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(turns_, testing::ElementsAre(5, 9, 11));
}

TEST_F(UplinkObserverTest, RestsBetweenLooksAndWaitsWithoutATimer) {
  observer_.Start(1);
  Settle();
  Append(1);
  Settle();
  EXPECT_TRUE(seen_.empty());
  scheduler_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_EQ(seen_.size(), 1u);
  scheduler_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_EQ(scheduler_.pending(), 0u);
  Append(1);
  Settle();
  EXPECT_EQ(seen_.size(), 2u);
}

TEST_F(UplinkObserverTest, TellsOfGaps) {
  log_.AppendGap({GapReason::kBrokerDisconnected, std::nullopt});
  Append(1);
  observer_.Start(1);
  Settle();
  EXPECT_EQ(gaps_, 1);
  EXPECT_EQ(seen_.size(), 1u);
}

TEST_F(UplinkObserverTest, CatchesUpOnTheSpot) {
  Append(10);
  const auto next = observer_.CatchUp(3);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(*next, 11u);
  EXPECT_EQ(seen_.size(), 8u);
}

TEST_F(UplinkObserverTest, NothingIsSeenAfterTheStop) {
  observer_.Start(1);
  Settle();
  observer_.Stop();
  Append(1);
  scheduler_.Advance(absl::Minutes(1));
  Settle();
  EXPECT_TRUE(seen_.empty());
}

// Looks at each packet for as long as the test wants.
class SlowHandler final : public UplinkObserver::Handler {
 public:
  void OnUplink(uint64_t sequence, const Uplink&) override {
    if (sequence != 2) return;
    entered.Notify();
    released.WaitForNotification();
  }
  void OnGap(const Gap&) override {}
  void OnTurn(uint64_t) override {}

  absl::Notification entered;
  absl::Notification released;
};

TEST_F(UplinkObserverTest, StopWaitsForATurnUnderWay) {
  Executor executor(2);
  SlowHandler handler;
  UplinkObserver observer({absl::Seconds(1), 1}, &log_, &executor, &scheduler_, &handler);
  Append(2);
  observer.Start(1);
  handler.entered.WaitForNotification();
  std::atomic<bool> stopped = false;
  std::thread stopper([&] {
    observer.Stop();
    stopped = true;
  });
  // Time in which it could end wrongly.
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_FALSE(stopped);
  handler.released.Notify();
  stopper.join();
  executor.Stop();
}

}  // namespace
}  // namespace wirepas_grpc::core
