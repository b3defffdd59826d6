// SPDX-License-Identifier: Apache-2.0
// What gateways of the world do at the broker that a polite one does not.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/simulator/gateway_fixture.h"

namespace wirepas_grpc::sim {
namespace {

constexpr char kUplinks[] = "gw-event/received_data/";

std::string AskForInfo(uint64_t id) {
  pb::GenericMessage message;
  message.mutable_wirepas()->mutable_get_gateway_info_req()->mutable_header()->set_req_id(id);
  return message.SerializeAsString();
}

class ProfileTest : public GatewayTest {
 protected:
  void SendUplinks(int count) {
    pb::GenericMessage scratch;
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(gateway_->CanSendUplink());
      gateway_->SendUplink(std::nullopt, &scratch, [this](bool ok) { acknowledged_ += ok; });
    }
  }

  // The numbers in the payloads of the uplinks that have come, in the order of their coming.
  std::vector<int> Sequences() const {
    std::vector<int> sequences;
    for (const auto& received : broker_.Published(kUplinks)) {
      // Lower than 256.
      sequences.push_back(
          static_cast<uint8_t>(Decode(received.payload).packet_received_event().payload()[0]));
    }
    return sequences;
  }

  std::vector<uint64_t> UplinkIds() const {
    std::vector<uint64_t> ids;
    for (const auto& received : broker_.Published(kUplinks)) {
      ids.push_back(Decode(received.payload).packet_received_event().header().event_id());
    }
    return ids;
  }

  void StopAndStart() {
    gateway_->GoOffline(nullptr);
    gateway_->GoOnline(nullptr);
    ASSERT_TRUE(RunUntil([&] { return gateway_->online(); }));
  }

  int acknowledged_ = 0;
};

// From `last` down to `first`.
std::vector<int> Down(int last, int first) {
  std::vector<int> numbers;
  for (int i = last; i >= first; --i) numbers.push_back(i);
  return numbers;
}

std::vector<int> Joined(const std::vector<std::vector<int>>& lists) {
  std::vector<int> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

// ---- linux ----

TEST_F(ProfileTest, LinuxKeepsPacketsWhileAwayAndSendsTheLastFirst) {
  Start({.profile = Profile::kLinux});
  gateway_->Drop(absl::Milliseconds(5), nullptr);
  SendUplinks(60);
  ASSERT_TRUE(RunUntil([&] { return acknowledged_ == 60; }));
  EXPECT_EQ(Sequences(), Down(59, 0));
  // The new status comes later.
  EXPECT_EQ(Statuses().size(), 1U);
  EXPECT_FALSE(gateway_->online());
  ASSERT_TRUE(RunUntil([&] { return gateway_->online(); }));
  EXPECT_EQ(Statuses().size(), 2U);
}

TEST_F(ProfileTest, LinuxSendsWhatIsUnacknowledgedAgainBeforeAllElse) {
  Start({.profile = Profile::kLinux});
  broker_.Acknowledge(false);
  SendUplinks(25);
  ASSERT_TRUE(RunUntil([&] { return Sequences().size() == 20; }));
  broker_.Acknowledge(true);
  gateway_->Drop(absl::Milliseconds(5), nullptr);
  ASSERT_TRUE(RunUntil([&] { return acknowledged_ == 25; }));
  EXPECT_EQ(Sequences(), Joined({Down(24, 5), Down(24, 5), Down(4, 0)}));
}

TEST_F(ProfileTest, LinuxGivesTheLastAnswerFirstUnderLoad) {
  Start({.profile = Profile::kLinux});
  broker_.Acknowledge(false);
  SendUplinks(20);
  ASSERT_TRUE(RunUntil([&] { return Sequences().size() == 20; }));
  for (uint16_t id = 1; id <= 3; ++id) {
    broker_.Publish("gw-request/get_gw_info/gw", AskForInfo(id), 1, id);
  }
  ASSERT_TRUE(RunUntil([&] { return broker_.Count(PacketType::kPuback) == 3; }));
  EXPECT_EQ(Responses("get_gw_info").size(), 0U);
  broker_.Acknowledge(true);
  gateway_->Drop(absl::Milliseconds(5), nullptr);
  ASSERT_TRUE(RunUntil([&] { return Responses("get_gw_info").size() == 3; }));
  for (uint64_t i = 0; i < 3; ++i) {
    const pb::WirepasMessage answer = Decode(Responses("get_gw_info")[i].payload);
    EXPECT_EQ(answer.get_gateway_info_resp().header().req_id(), 3 - i);
  }
}

TEST_F(ProfileTest, LinuxTellsEachSinkOnConnecting) {
  Start({.profile = Profile::kLinux});
  ASSERT_TRUE(RunUntil([&] { return Responses("set_config").size() == 1; }));
  const pb::WirepasMessage response = Decode(Responses("set_config")[0].payload);
  EXPECT_EQ(response.set_config_resp().header().req_id(), 0U);
  EXPECT_EQ(response.set_config_resp().config().sink_id(), "sink0");
  gateway_->Drop(absl::Milliseconds(5), nullptr);
  ASSERT_TRUE(RunUntil([&] { return Responses("set_config").size() == 2; }));
}

TEST_F(ProfileTest, LinuxTellsItsStatusOnlyOnAChange) {
  Start({.profile = Profile::kLinux});
  ASSERT_TRUE(RunUntil([&] { return Responses("set_config").size() == 1; }));
  broker_.Publish("gw-request/set_config/gw/sink0", SetChannel(5), 2, 1);  // as it is
  ASSERT_TRUE(RunUntil([&] { return Responses("set_config").size() == 2; }));
  bool gathered = false;
  loop_.RunAfter(absl::Milliseconds(600), [&] { gathered = true; });
  ASSERT_TRUE(RunUntil([&] { return gathered; }));
  EXPECT_EQ(Statuses().size(), 1U);
  broker_.Publish("gw-request/set_config/gw/sink0", SetChannel(6), 2, 2);
  ASSERT_TRUE(RunUntil([&] { return Statuses().size() == 2; }));
  const pb::WirepasMessage status = Decode(Statuses()[1].payload);
  EXPECT_EQ(status.status_event().configs(0).network_channel(), 6U);
}

TEST_F(ProfileTest, LinuxMakesItsLastWillWhenItStarts) {
  Start({.profile = Profile::kLinux});
  const std::string will = gateway_->MakeWill().payload;
  gateway_->Drop(absl::Milliseconds(5), nullptr);
  ASSERT_TRUE(RunUntil([&] { return gateway_->online(); }));
  EXPECT_EQ(gateway_->MakeWill().payload, will);
  StopAndStart();
  EXPECT_NE(gateway_->MakeWill().payload, will);
}

TEST_F(ProfileTest, LinuxStopsWithoutAWordAndForgetsWhatItKept) {
  Start({.profile = Profile::kLinux});
  gateway_->Drop(absl::Milliseconds(5), nullptr);
  SendUplinks(3);
  StopAndStart();
  EXPECT_EQ(acknowledged_, 0);
  EXPECT_EQ(Sequences().size(), 0U);
  EXPECT_EQ(broker_.Count(PacketType::kDisconnect), 0U);
  for (const auto& status : Statuses()) {
    EXPECT_EQ(Decode(status.payload).status_event().state(), pb::ON);
  }
}

TEST_F(ProfileTest, LinuxCanCountItsPacketsFromZeroAtEachStart) {
  Start({.profile = Profile::kLinux, .counts_event_ids = true});
  SendUplinks(2);
  ASSERT_TRUE(RunUntil([&] { return acknowledged_ == 2; }));
  gateway_->Drop(absl::Milliseconds(5), nullptr);  // The process goes on.
  SendUplinks(1);
  ASSERT_TRUE(RunUntil([&] { return acknowledged_ == 3; }));
  StopAndStart();
  SendUplinks(1);
  ASSERT_TRUE(RunUntil([&] { return acknowledged_ == 4; }));
  // The two of the first batch left in the wrong order.
  EXPECT_EQ(UplinkIds(), (std::vector<uint64_t>{1, 0, 2, 0}));
}

TEST_F(ProfileTest, LinuxHasNoAnswerForAnItemOfAnUnknownSink) {
  Start({.profile = Profile::kLinux});
  pb::GenericMessage message;
  pb::GetConfigurationDataItemReq* request =
      message.mutable_wirepas()->mutable_get_configuration_data_item_req();
  request->mutable_header()->set_req_id(1);
  request->set_endpoint(1);
  broker_.Publish("gw-request/get_configuration_data_item/gw/nowhere", message.SerializeAsString(),
                  1, 1);
  ASSERT_TRUE(RunUntil([&] { return broker_.Count(PacketType::kPuback) == 1; }));
  broker_.Publish("gw-request/get_gw_info/gw", AskForInfo(2), 1, 2);
  ASSERT_TRUE(RunUntil([&] { return Responses("get_gw_info").size() == 1; }));
  EXPECT_EQ(Responses("get_configuration_data_item").size(), 0U);
}

// ---- embedded ----

TEST_F(ProfileTest, EmbeddedHasTheSameEventIdsAfterEachStart) {
  Start({.profile = Profile::kEmbedded});
  SendUplinks(5);
  ASSERT_TRUE(RunUntil([&] { return acknowledged_ == 5; }));
  gateway_->Drop(absl::Milliseconds(5), nullptr);
  ASSERT_TRUE(RunUntil([&] { return gateway_->online(); }));
  StopAndStart();
  SendUplinks(5);
  ASSERT_TRUE(RunUntil([&] { return acknowledged_ == 10; }));
  const std::vector<uint64_t> ids = UplinkIds();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ids[i], ids[i + 5]);
  EXPECT_NE(ids[1], ids[0] + 1);
  const auto statuses = Statuses();
  ASSERT_EQ(statuses.size(), 3U);
  const auto id = [](const FakeBroker::Received& status) {
    return Decode(status.payload).status_event().header().event_id();
  };
  EXPECT_EQ(id(statuses[0]), id(statuses[2]));
  EXPECT_NE(id(statuses[0]), id(statuses[1]));
}

TEST_F(ProfileTest, EmbeddedTellsChangesInItsStatusAlone) {
  Start({.profile = Profile::kEmbedded});
  broker_.Publish("gw-request/set_config/gw/sink0", SetChannel(6), 2, 1);
  ASSERT_TRUE(RunUntil([&] { return Statuses().size() == 2; }));
  EXPECT_EQ(Responses("get_configs").size(), 0U);
  EXPECT_EQ(Responses("set_config").size(), 1U);  // the answer
}

}  // namespace
}  // namespace wirepas_grpc::sim
