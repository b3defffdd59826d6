// SPDX-License-Identifier: Apache-2.0
//
// Two services on one broker: a client changes from the one to the other.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/uplink_stream.h"
#include "tests/support/process.h"

namespace wirepas_grpc::integration {
namespace {

constexpr int kBurst = 50;  // of each of the two gateways

class ReplicasTest : public SharedStack<ReplicasTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.broker.max_queued_messages = 100'000;
    options.simulator = {"--gateways", "2", "--sinks", "1", "--rate", "0"};
    options.service = {"--uplink_linger", "10m"};
    return options;
  }

 protected:
  void SetUp() override { StartOther(); }
  void TearDown() override {
    if (other_ != nullptr) {
      EXPECT_EQ(other_->Stop(), 0);
    }
  }

  // The other service, with a state of its own.
  void StartOther() {
    std::vector<std::string> arguments = stack().BrokerArguments();
    for (const std::string& argument : {std::string("--uplink_linger"), std::string("10m"),
                                        std::string("--state_dir"), folder_.File("state")}) {
      arguments.push_back(argument);
    }
    auto other = ServiceProcess::Start(arguments);
    ASSERT_TRUE(IsOk(other.status()));
    other_ = *std::move(other);
  }

  void Burst() {
    ASSERT_TRUE(IsOk(stack().Control("all", {{"command", "burst"}, {"count", kBurst}})));
  }

  // The last few that were had of each gateway.
  static mesh::SubscribeUplinkRequest After(const std::vector<mesh::Uplink>& had) {
    std::map<std::string, std::vector<uint64_t>> ids;
    for (const mesh::Uplink& uplink : had) ids[uplink.gateway_id()].push_back(uplink.packet_id());
    mesh::SubscribeUplinkRequest request;
    for (const auto& [gateway_id, all] : ids) {
      mesh::GatewayPackets* packets = request.mutable_after_packets()->add_gateways();
      packets->set_gateway_id(gateway_id);
      for (size_t i = all.size() - std::min<size_t>(all.size(), 3); i < all.size(); ++i) {
        packets->add_packet_ids(all[i]);
      }
    }
    return request;
  }

  const TemporaryDirectory folder_;
  std::unique_ptr<ServiceProcess> other_;
};

TEST_F(ReplicasTest, AClientGoesOnAtTheOtherWithoutLossOrDoubles) {
  SequenceCheck check;
  std::vector<mesh::Uplink> had;
  {
    UplinkStream keeps_other(other_->stub());  // so that it takes the packets too
    UplinkStream stream(stub());
    Burst();
    had = stream.Take(2 * kBurst - 20);  // and ends within the burst
    check.Add(had);
    keeps_other.Take(2 * kBurst);
  }
  {
    UplinkStream stream(other_->stub(), After(had));
    EXPECT_TRUE(stream.gaps().empty());
    Burst();
    const std::vector<mesh::Uplink> more = stream.Take(2 * kBurst + 20);
    check.Add(more);
    had.insert(had.end(), more.begin(), more.end());
  }
  // And back.
  {
    UplinkStream stream(stub(), After(had));
    EXPECT_TRUE(stream.gaps().empty());
    Burst();
    check.Add(stream.Take(2 * kBurst));
    EXPECT_FALSE(stream.HasUntaken());
  }
}

TEST_F(ReplicasTest, WhatIsOnDiskIsFoundAfterARestart) {
  std::vector<mesh::Uplink> had;
  {
    UplinkStream keeps_other(other_->stub());
    UplinkStream stream(stub());
    Burst();
    had = stream.Take(2 * kBurst);
    EXPECT_EQ(keeps_other.Take(2 * kBurst).size(), size_t{2 * kBurst});
  }
  EXPECT_EQ(other_->Stop(), 0);
  other_ = nullptr;
  ASSERT_NO_FATAL_FAILURE(StartOther());
  const std::vector<mesh::Uplink> first_half(had.begin(), had.begin() + kBurst);
  UplinkStream stream(other_->stub(), After(first_half));
  SequenceCheck check;
  check.Add(first_half);
  const std::vector<mesh::Uplink> rest = stream.Take(kBurst);
  check.Add(rest);
  ASSERT_EQ(rest.size(), size_t{kBurst});
  EXPECT_TRUE(rest.back().has_arrival_time());
}

TEST_F(ReplicasTest, PacketsThatTheOtherNeverHadAreOutOfRange) {
  std::vector<mesh::Uplink> had;
  {
    UplinkStream stream(stub());
    Burst();
    had = stream.Take(2 * kBurst);
  }
  mesh::SubscribeUplinkRequest request = After(had);
  const auto refusal = RefusalOf(other_->stub(), request);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->error_code(), grpc::StatusCode::OUT_OF_RANGE) << refusal->error_message();
  request.set_allow_gap(true);
  UplinkStream stream(other_->stub(), request);
  ASSERT_EQ(stream.gaps().size(), 1u);
  EXPECT_EQ(stream.gaps()[0].reason(), mesh::GAP_REASON_CURSOR_EXPIRED);
  Burst();
  EXPECT_EQ(stream.Take(2 * kBurst).size(), size_t{2 * kBurst});
}

}  // namespace
}  // namespace wirepas_grpc::integration
