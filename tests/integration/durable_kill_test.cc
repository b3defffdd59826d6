// SPDX-License-Identifier: Apache-2.0
//
// The durable uplink log against ends of the service, of the broker and of the
// connection between them, while packets come: each reaches a subscriber who resumes
// exactly once, in order for each gateway.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/resuming_reader.h"
#include "tests/integration/tcp_relay.h"
#include "tests/integration/test_length.h"

namespace wirepas_grpc::integration {
namespace {

constexpr int kGateways = 5;
constexpr int kRate = 5000;  // packets a second, of all gateways together

// The broker shall not be the one who loses packets.
Mosquitto::Options KeepingBroker() {
  Mosquitto::Options options;
  options.max_queued_messages = 10'000'000;
  options.max_inflight = 20;
  options.persistence = true;
  return options;
}

class DurableKillTest : public testing::Test {
 protected:
  // Traffic of `count` packets, none of which has come yet.
  void Start(uint64_t count, const std::vector<std::string>& service = {}) {
    count_ = count;
    address_ = absl::StrCat("127.0.0.1:", FreePort());
    Stack::Options options;
    options.broker = KeepingBroker();
    options.simulator = {"--gateways", absl::StrCat(kGateways), "--rate",         "0",
                         "--count",    absl::StrCat(count),     "--payload_size", "100",
                         "--resend"};
    options.service = {"--state_dir",
                       state_.path() + "/state",
                       "--listen",
                       address_,
                       "--mqtt_reconnect_min_delay",
                       "100ms",
                       "--mqtt_reconnect_max_delay",
                       "500ms"};
    options.service.insert(options.service.end(), service.begin(), service.end());
    stack_ = std::make_unique<Stack>(std::move(options));
  }

  void StartTraffic() {
    ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "rate"}, {"packets_per_second", kRate}})));
  }

  void KillService() {
    EXPECT_EQ(stack_->service().process().Kill(), 128 + SIGKILL);
    ASSERT_TRUE(IsOk(stack_->StartService()));
  }

  // A moment of the traffic.
  absl::Duration RandomTime(absl::Duration longest) {
    return longest * std::uniform_real_distribution<double>(0.1, 1)(random_);
  }

  // All has been sent by the gateways and taken by the broker.
  void AwaitSent() {
    EXPECT_TRUE(IsOk(stack_->simulator()
                         .process()
                         .WaitForLine("sent: ", kBound + absl::Seconds(count_ / kRate))
                         .status()));
  }

  TemporaryDirectory state_;
  std::string address_;
  uint64_t count_ = 0;
  std::minstd_rand random_{4711};
  std::unique_ptr<Stack> stack_;
};

TEST_F(DurableKillTest, ServiceKilledAtRandomMoments) {
  const int kills = 20;
  Start(TestLength(60'000, 600'000));
  ASSERT_TRUE(IsOk(stack_->Start()));
  ResumingReader reader(address_);
  ResumingReader breaking(address_);  // whose stream ends at other moments too
  StartTraffic();
  for (int i = 0; i < kills && !HasFailure(); ++i) {
    absl::SleepFor(RandomTime(absl::Seconds(count_ / kRate) / kills));
    KillService();
    breaking.BreakStream();
  }
  AwaitSent();
  for (ResumingReader* one : {&reader, &breaking}) {
    one->AwaitCount(count_);
    ExpectExactlyOnce(*one, count_);
    EXPECT_GT(one->seen().streams, static_cast<uint64_t>(kills) / 2);
  }
}

TEST_F(DurableKillTest, ServiceKilledWhileNobodyReads) {
  Start(TestLength(20'000, 200'000));
  ASSERT_TRUE(IsOk(stack_->Start()));
  mesh::SubscribeUplinkRequest resume;
  {
    ResumingReader reader(address_);
    resume.set_after_cursor(reader.cursor());
  }
  StartTraffic();
  for (int i = 0; i < 3 && !HasFailure(); ++i) {
    absl::SleepFor(RandomTime(absl::Seconds(1)));
    KillService();
  }
  AwaitSent();
  ResumingReader reader(address_, resume);
  reader.AwaitCount(count_);
  ExpectExactlyOnce(reader, count_);
}

TEST_F(DurableKillTest, BrokerRestartedAtRandomMoments) {
  Start(TestLength(40'000, 400'000));
  ASSERT_TRUE(IsOk(stack_->Start()));
  ResumingReader reader(address_);
  StartTraffic();
  for (int i = 0; i < 4 && !HasFailure(); ++i) {
    absl::SleepFor(RandomTime(absl::Seconds(2)));
    stack_->broker().Stop();
    absl::SleepFor(RandomTime(absl::Seconds(1)));
    ASSERT_TRUE(IsOk(stack_->broker().Restart()));
  }
  AwaitSent();
  reader.AwaitCount(count_);
  ExpectExactlyOnceInDoubt(reader, count_);  // it may end with a CONNECT that it has not read
}

// mosquitto acknowledges before it writes to disk: killed, it loses what it has queued,
// and the session. What is lost there is told to the subscriber, and nothing more is lost.
TEST_F(DurableKillTest, BrokerKilledWithItsSessions) {
  Start(TestLength(40'000, 400'000));
  ASSERT_TRUE(IsOk(stack_->Start()));
  ResumingReader reader(address_);
  StartTraffic();
  constexpr int kKills = 4;
  for (int i = 0; i < kKills && !HasFailure(); ++i) {
    absl::SleepFor(RandomTime(absl::Seconds(2)));
    stack_->broker().Kill();
    absl::SleepFor(RandomTime(absl::Seconds(1)));
    ASSERT_TRUE(IsOk(stack_->broker().Restart()));
    ASSERT_TRUE(IsOk(stack_->ReconnectControl()));
    const auto told = [&] { return reader.seen().gaps.size() == static_cast<size_t>(i) + 1; };
    ASSERT_TRUE(Eventually(told));
    EXPECT_EQ(reader.seen().gaps.back().reason(), mesh::GAP_REASON_BROKER_DISCONNECTED);
  }
  AwaitSent();
  // One more each, by which the reader notices that the last before them are missing.
  ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "burst"}, {"count", 1}})));
  const uint64_t all = count_ + kGateways;
  reader.AwaitCount(all);
  const ResumingReader::Seen seen = reader.seen();
  EXPECT_EQ(seen.count + seen.missing, all);
  EXPECT_EQ(seen.repeated, 0u);
  EXPECT_EQ(seen.gaps.size(), static_cast<size_t>(kKills));
}

// With and without a word, and for long enough that both sides give up.
TEST_F(DurableKillTest, NetworkThatBreaksAndStalls) {
  Start(TestLength(50'000, 500'000), {"--mqtt_keepalive", "2s"});
  ASSERT_TRUE(IsOk(stack_->StartBroker()));
  auto relay = TcpRelay::Start(stack_->broker().port());
  ASSERT_TRUE(IsOk(relay.status()));
  stack_->SetBrokerPort((*relay)->port());
  ASSERT_TRUE(IsOk(stack_->StartSimulator()));
  ASSERT_TRUE(IsOk(stack_->StartService()));
  ASSERT_TRUE(IsOk(stack_->WaitForGateways(kGateways)));
  ResumingReader reader(address_);
  StartTraffic();
  for (int i = 0; i < 3 && !HasFailure(); ++i) {
    absl::SleepFor(RandomTime(absl::Seconds(1)));
    (*relay)->BreakConnections();
    absl::SleepFor(RandomTime(absl::Seconds(1)));
    (*relay)->SetDown(true);
    absl::SleepFor(RandomTime(absl::Seconds(1)));
    (*relay)->SetDown(false);
  }
  (*relay)->SetStalled(true);
  EXPECT_TRUE(
      Eventually([&] { return stack_->service().Metric("wirepas_grpc_broker_connected") == 0; }));
  (*relay)->SetStalled(false);
  AwaitSent();
  reader.AwaitCount(count_);
  ExpectExactlyOnceInDoubt(reader, count_);  // the relay takes connections while it is down
}

TEST_F(DurableKillTest, ClientThatStopsReading) {
  Start(TestLength(100'000, 300'000), {"--uplink_log_bytes", "1MiB"});
  ASSERT_TRUE(IsOk(stack_->Start()));
  ResumingReader reader(address_);
  ResumingReader other(address_);
  StartTraffic();
  ASSERT_TRUE(reader.AwaitCount(1000));
  reader.SetPaused(true);
  AwaitSent();
  other.AwaitCount(count_);
  // By now all but the last few thousand are no longer in memory.
  EXPECT_LE(stack_->service().Metric("wirepas_grpc_uplink_log_bytes"), (1 << 20) + (256 << 10));
  EXPECT_LT(reader.seen().count, count_ / 2);
  reader.SetPaused(false);
  reader.AwaitCount(count_);
  ExpectExactlyOnce(reader, count_);
  ExpectExactlyOnce(other, count_);
  EXPECT_EQ(reader.seen().streams, 1u);
}

}  // namespace
}  // namespace wirepas_grpc::integration
