// SPDX-License-Identifier: Apache-2.0
//
// A real broker that takes fewer messages at a time than it is sent.
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/scheduler.h"
#include "core/mqtt/inflight_guard.h"
#include "gtest/gtest.h"
#include "tests/core/mqtt/broker_fixture.h"

namespace wirepas_grpc::core {
namespace {

constexpr int kBurst = 40;

class InflightBrokerTest : public BrokerTest {
 protected:
  void Start(int broker_takes) {
    Mosquitto::Options broker;
    broker.max_inflight = broker_takes;
    broker.max_queued_messages = 100'000;
    StartBroker(broker);
    // Who is to get the messages.
    BrokerOptions receiver = LocalOptions(broker_->port());
    receiver.client_id = "receiver";
    StartConnected(receiver);
    SubscribeAndWait("requests/#", 1);

    auto client = std::make_unique<PahoBrokerClient>(LocalOptions(broker_->port()));
    auto* const paho = client.get();
    guard_ = std::make_unique<InflightGuard>(
        InflightGuard::Options{.prefix = "requests/", .patience = absl::Milliseconds(100)},
        std::move(client), [paho](size_t inflight) { paho->SetMaxInflight(inflight); },
        &scheduler_);
    guard_->Start(&sender_);
    ASSERT_TRUE(sender_.WaitForConnected());
  }
  ~InflightBrokerTest() override {
    if (guard_ != nullptr) guard_->Stop();
  }

  // Publishes so many at once and waits until the broker has taken them.
  void Burst() {
    PublishResults results;
    for (int i = 0; i < kBurst; ++i) {
      ASSERT_TRUE(guard_
                      ->Publish(absl::StrCat("requests/", i % 7), absl::StrCat(published_++), 2,
                                false, results.Done())
                      .ok());
    }
    ASSERT_TRUE(results.WaitFor(kBurst));
    for (const absl::Status& status : results.statuses()) ASSERT_EQ(status, absl::OkStatus());
  }
  // Whether all of a burst arrive. The last message that is published by itself, which the
  // broker does not lose, says that they had their time.
  bool BurstArrives() {
    const size_t before = handler_.messages().size();
    Burst();
    EXPECT_EQ(PublishAndWait("requests/end", absl::StrCat("end ", ends_++), 1), absl::OkStatus());
    const std::string end = absl::StrCat("end ", ends_ - 1);
    size_t count = before;
    while (handler_.WaitForMessages(count + 1)) {
      if (handler_.messages()[count++].payload == end) break;
    }
    return count - before == kBurst + 1;
  }

  ThreadScheduler scheduler_;
  RecordingHandler sender_;
  std::unique_ptr<InflightGuard> guard_;
  int published_ = 0;
  int ends_ = 0;
};

TEST_F(InflightBrokerTest, ComesDownToWhatTheBrokerTakes) {
  ASSERT_NO_FATAL_FAILURE(Start(/*broker_takes=*/4));
  const absl::Time end = absl::Now() + absl::Seconds(60);
  int lost = 0;
  int in_a_row = 0;
  while (in_a_row < 5 && absl::Now() < end) {
    const bool arrives = BurstArrives();
    lost += arrives ? 0 : 1;
    in_a_row = arrives ? in_a_row + 1 : 0;
  }
  EXPECT_GT(lost, 0) << "the broker takes more than it says";
  EXPECT_EQ(in_a_row, 5);
}

TEST_F(InflightBrokerTest, LeavesABrokerAloneThatTakesThem) {
  ASSERT_NO_FATAL_FAILURE(Start(/*broker_takes=*/20));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(BurstArrives());
  ASSERT_TRUE(broker_->WaitForLog("Sending UNSUBACK to test-client").ok());
}

}  // namespace
}  // namespace wirepas_grpc::core
