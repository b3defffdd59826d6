// SPDX-License-Identifier: Apache-2.0
//
// A gateway made with wpc_proto of c-mesh-api, whose event ids are the same after every
// start.
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using testing::IsEmpty;
using Stub = mesh::NetworkService::Stub;

class EmbeddedGatewayTest : public SharedStack<EmbeddedGatewayTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--profile", "embedded", "--gateways", "1", "--sinks", "1", "--rate", "0"};
    return options;
  }

 protected:
  // So many packets as fast as they go, all acknowledged by the broker when it returns.
  static void Burst(int count) {
    ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "burst"}, {"count", count}})));
  }
};

TEST_F(EmbeddedGatewayTest, IsListedWithItsSizeAndWithoutFeatures) {
  const auto gateways = Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  ASSERT_TRUE(IsOk(gateways.status));
  ASSERT_EQ(gateways.response.gateways_size(), 1);
  EXPECT_THAT(gateways.response.gateways(0).features(), IsEmpty());
  EXPECT_EQ(gateways.response.gateways(0).max_scratchpad_size(), 1024u);
}

TEST_F(EmbeddedGatewayTest, PacketsAfterARestartAreNoDuplicates) {
  constexpr int kCount = 200;
  UplinkStream stream(stub());
  ASSERT_NO_FATAL_FAILURE(Burst(kCount));
  const std::vector<mesh::Uplink> first = stream.Take(kCount);
  ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "stop"}})));
  ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "start"}})));
  ASSERT_NO_FATAL_FAILURE(Burst(kCount));
  const std::vector<mesh::Uplink> second = stream.Take(kCount);
  ASSERT_EQ(second.size(), first.size());
  SequenceCheck sequence;
  sequence.Add(first);
  sequence.Add(second);
  std::set<uint64_t> packet_ids;
  for (int i = 0; i < kCount; ++i) {
    EXPECT_EQ(first[i].event_id(), second[i].event_id());
    packet_ids.insert({first[i].packet_id(), second[i].packet_id()});
  }
  EXPECT_EQ(packet_ids.size(), 2u * kCount);
  EXPECT_THAT(stream.gaps(), IsEmpty());
}

// Two lives of the gateway in which the same node sends the same: only the times differ.
TEST_F(EmbeddedGatewayTest, EqualPacketsOfTwoLivesAreTwo) {
  UplinkStream stream(stub());
  const nlohmann::json uplink = {{"command", "uplink"}, {"payload", "0102"}};
  std::vector<mesh::Uplink> uplinks;
  for (int life = 0; life < 2; ++life) {
    ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "stop"}})));
    ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "start"}})));
    ASSERT_TRUE(IsOk(stack().Control(kGateway, uplink)));
    for (const mesh::Uplink& taken : stream.Take(1)) uplinks.push_back(taken);
  }
  ASSERT_EQ(uplinks.size(), 2u);
  EXPECT_EQ(uplinks[0].event_id(), uplinks[1].event_id());
  EXPECT_EQ(uplinks[0].payload(), uplinks[1].payload());
  EXPECT_NE(uplinks[0].packet_id(), uplinks[1].packet_id());
}

// Its clock is in milliseconds where seconds belong: no time at all rather than a wrong one.
TEST_F(EmbeddedGatewayTest, TimeThatCannotBeIsLeftOut) {
  const auto info = Call(stub(), &Stub::GetGatewayInfo, To<mesh::GetGatewayInfoRequest>(kGateway));
  ASSERT_TRUE(IsOk(info.status));
  EXPECT_FALSE(info.response.info().has_current_time());
  EXPECT_EQ(info.response.info().implemented_api_version(), 2u);
}

// A configuration that is refused in part is done in part.
TEST_F(EmbeddedGatewayTest, TellsOfAConfigurationThatIsDoneInPart) {
  auto request = To<mesh::SetSinkConfigRequest>(kGateway, kSink);
  request.mutable_update()->set_node_address(4712);
  request.mutable_update()->set_network_channel(41);
  const auto set = Call(stub(), &Stub::SetSinkConfig, request);
  ExpectFailure(set.status, StatusCode::INVALID_ARGUMENT,
                {"", kGateway, kSink, mesh::RESULT_CODE_INVALID_PARAM, true});
  EXPECT_TRUE(Eventually([] {
    const auto sinks = Call(stub(), &Stub::ListSinks, mesh::ListSinksRequest());
    return sinks.response.sinks_size() == 1 &&
           sinks.response.sinks(0).config().node_address() == 4712;
  }));
}

}  // namespace
}  // namespace wirepas_grpc::integration
