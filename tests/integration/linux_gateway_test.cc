// SPDX-License-Identifier: Apache-2.0
//
// A gateway like the reference gateway for Linux, which keeps what it cannot send and
// sends the last of it first.
#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Stub = mesh::NetworkService::Stub;

std::vector<uint64_t> Sequences(const std::vector<mesh::Uplink>& uplinks) {
  std::vector<uint64_t> sequences;
  for (const mesh::Uplink& uplink : uplinks) sequences.push_back(SequenceOf(uplink));
  return sequences;
}

// From `first` up, so many.
std::vector<uint64_t> Numbers(uint64_t first, size_t count) {
  std::vector<uint64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

// How many numbers follow each other downwards, at most.
int LongestCountdown(const std::vector<uint64_t>& numbers) {
  int longest = 0;
  int length = 0;
  for (size_t i = 1; i < numbers.size(); ++i) {
    length = numbers[i] + 1 == numbers[i - 1] ? length + 1 : 0;
    longest = std::max(longest, length);
  }
  return longest;
}

class LinuxGatewayTest : public testing::Test {
 protected:
  void Start(const std::vector<std::string>& more) {
    Stack::Options options;
    options.broker.persistence = true;
    options.simulator = {"--profile", "linux", "--gateways", "1", "--sinks", "1"};
    options.simulator.insert(options.simulator.end(), more.begin(), more.end());
    // The broker keeps the session: what gateways send before the service is back waits.
    options.service = {"--mqtt_persist_session",
                       "--mqtt_client_id",
                       "the-service",
                       "--mqtt_reconnect_min_delay",
                       "100ms",
                       "--mqtt_reconnect_max_delay",
                       "500ms"};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
  }
  Stub* stub() { return stack_->stub(); }

  // Tells the gateway to send, and does not wait until it has.
  void StartBurst(MqttPeer* peer, int count) {
    const nlohmann::json command = {{"command", "burst"}, {"count", count}};
    ASSERT_TRUE(IsOk(peer->Publish(std::string("sim-control/") + kGateway, command.dump())));
  }

  std::unique_ptr<Stack> stack_;
};

TEST_F(LinuxGatewayTest, BacklogComesLastInFirstOut) {
  constexpr size_t kBacklog = 100;
  ASSERT_NO_FATAL_FAILURE(Start({"--rate", "0"}));
  UplinkStream stream(stub());
  const auto peer = stack_->NewPeer();
  ASSERT_TRUE(IsOk(stack_->Control(kGateway, {{"command", "disconnect"}})));
  ASSERT_NO_FATAL_FAILURE(StartBurst(peer.get(), kBacklog));
  ASSERT_TRUE(IsOk(stack_->Control(kGateway, {{"command", "start"}})));
  std::vector<uint64_t> expected = Numbers(0, kBacklog);
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(Sequences(stream.Take(kBacklog)), expected);
  EXPECT_THAT(stream.gaps(), IsEmpty());
  EXPECT_TRUE(IsOk(stack_->WaitForGateways(1)));
}

TEST_F(LinuxGatewayTest, EveryPacketComesOnceOverAnOutageOfTheBroker) {
  constexpr size_t kCount = 400;
  ASSERT_NO_FATAL_FAILURE(Start({"--rate", "0", "--count", std::to_string(kCount)}));
  UplinkStream stream(stub());
  ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "rate"}, {"packets_per_second", 200}})));
  std::vector<mesh::Uplink> uplinks = stream.Take(20);
  stack_->broker().Stop();
  // Sessions and what is queued for them outlive the broker; nodes go on.
  ASSERT_TRUE(
      Eventually([&] { return stack_->service().Metric("wirepas_grpc_broker_connected") == 0; }));
  ASSERT_TRUE(IsOk(stack_->broker().Restart()));
  for (const mesh::Uplink& uplink : stream.Take(kCount - uplinks.size())) {
    uplinks.push_back(uplink);
  }
  std::vector<uint64_t> sequences = Sequences(uplinks);
  EXPECT_GT(LongestCountdown(sequences), 10);
  std::sort(sequences.begin(), sequences.end());
  EXPECT_EQ(sequences, Numbers(0, kCount));
  ASSERT_TRUE(stack_->simulator().process().WaitForLine("sent: 400 uplinks", kBound).ok());
  // None comes twice: what was sent again is found out.
  ASSERT_TRUE(IsOk(stack_->ReconnectControl()));
  ASSERT_TRUE(IsOk(stack_->Control(kGateway, {{"command", "uplink"}, {"payload", "ff"}})));
  const auto last = stream.TakeOne();
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->payload(), "\xFF");
}

TEST_F(LinuxGatewayTest, PacketsOfAnUnreadableNetworkHaveNone) {
  ASSERT_NO_FATAL_FAILURE(Start({"--rate", "0"}));
  UplinkStream stream(stub());
  ASSERT_TRUE(IsOk(stack_->SetFaults(kGateway, {{"unreadable_network", true}})));
  const nlohmann::json uplink = {{"command", "uplink"}, {"payload", "01"}, {"hop_count", 0}};
  ASSERT_TRUE(IsOk(stack_->Control(kGateway, uplink)));
  ASSERT_TRUE(IsOk(stack_->SetFaults(kGateway, {{"unreadable_network", false}})));
  ASSERT_TRUE(IsOk(stack_->Control(kGateway, uplink)));
  const std::vector<mesh::Uplink> uplinks = stream.Take(2);
  ASSERT_EQ(uplinks.size(), 2u);
  EXPECT_FALSE(uplinks[0].has_network_address()) << uplinks[0].ShortDebugString();
  EXPECT_FALSE(uplinks[0].has_hop_count());
  EXPECT_EQ(uplinks[0].sink_id(), kSink);
  EXPECT_EQ(uplinks[0].payload(), "\x01");
  EXPECT_EQ(uplinks[1].network_address(), kNetwork);
}

// Ids that are counted from 0 at each start, as with --debug_incr_data_event_id.
TEST_F(LinuxGatewayTest, PacketsWithCountedIdsAreNoDuplicatesAfterARestart) {
  constexpr size_t kCount = 100;
  ASSERT_NO_FATAL_FAILURE(Start({"--rate", "0", "--count_event_ids"}));
  UplinkStream stream(stub());
  std::vector<uint64_t> sequences;
  std::vector<uint64_t> ids;
  for (int life = 0; life < 2; ++life) {
    ASSERT_TRUE(IsOk(stack_->Control(kGateway, {{"command", "burst"}, {"count", kCount}})));
    for (const mesh::Uplink& uplink : stream.Take(kCount)) {
      sequences.push_back(SequenceOf(uplink));
      ids.push_back(uplink.event_id());
    }
    ASSERT_TRUE(IsOk(stack_->Control(kGateway, {{"command", "stop"}})));
    ASSERT_TRUE(IsOk(stack_->Control(kGateway, {{"command", "start"}})));
  }
  std::sort(sequences.begin(), sequences.end());
  EXPECT_EQ(sequences, Numbers(0, 2 * kCount));
  ASSERT_EQ(ids.size(), 2 * kCount);
  EXPECT_TRUE(std::is_permutation(ids.begin(), ids.begin() + kCount, ids.begin() + kCount));
}

// Its last will has no sinks, and it answers while its status is not there yet.
TEST_F(LinuxGatewayTest, SinksStayKnownOverAnOutage) {
  ASSERT_NO_FATAL_FAILURE(Start({"--rate", "0"}));
  ASSERT_TRUE(IsOk(stack_->Control(kGateway, {{"command", "stop"}})));
  mesh::ListGatewaysRequest request;
  request.set_include_offline(true);
  ASSERT_TRUE(Eventually([&] {
    const auto gateways = Call(stub(), &Stub::ListGateways, request);
    return gateways.response.gateways_size() == 1 && !gateways.response.gateways(0).online();
  }));
  const auto gateways = Call(stub(), &Stub::ListGateways, request);
  EXPECT_THAT(gateways.response.gateways(0).sink_ids(), ElementsAre(kSink));
  ASSERT_TRUE(IsOk(stack_->Control(kGateway, {{"command", "start"}})));
  EXPECT_TRUE(IsOk(stack_->WaitForGateways(1)));
}

}  // namespace
}  // namespace wirepas_grpc::integration
