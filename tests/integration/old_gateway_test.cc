// SPDX-License-Identifier: Apache-2.0
//
// Gateways that leave the sinks out of their status and the network out of their
// uplinks.
#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Stub = mesh::NetworkService::Stub;

class OldGatewayTest : public SharedStack<OldGatewayTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways", "3",   "--sinks",       "2",
                         "--rate",     "0",   "--old_gateway", "--network_address",
                         "1001",       "1002"};
    return options;
  }
};

TEST_F(OldGatewayTest, IsAskedForItsSinks) {
  const auto gateways = Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  ASSERT_TRUE(IsOk(gateways.status));
  for (const mesh::Gateway& gateway : gateways.response.gateways()) {
    EXPECT_THAT(gateway.features(), IsEmpty());
    EXPECT_THAT(gateway.sink_ids(), ElementsAre(kSink, kOtherSink));
  }
  const auto sinks = Call(stub(), &Stub::ListSinks, mesh::ListSinksRequest());
  ASSERT_TRUE(IsOk(sinks.status));
  ASSERT_EQ(sinks.response.sinks_size(), 6);
  EXPECT_EQ(sinks.response.sinks(5).config().network_address(), 1002u);
}

TEST_F(OldGatewayTest, UplinksHaveTheNetworkOfTheirTopic) {
  UplinkStream stream(stub());
  ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "burst"}, {"count", 10}})));
  for (const mesh::Uplink& uplink : stream.Take(10)) {
    EXPECT_EQ(uplink.network_address(), uplink.sink_id() == kSink ? 1001u : 1002u);
  }
}

TEST_F(OldGatewayTest, TakesMessagesAndBroadcasts) {
  EXPECT_TRUE(IsOk(FindGatewayRpc("SendMessage").Run(stub(), kGateway, kSink, kBound)));
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(1002);
  *request.mutable_message() = SendRequest("", "").message();
  const auto result = Call(stub(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(IsOk(result.status));
  EXPECT_EQ(result.response.results_size(), 3);
}

// One that says nothing of its sinks when asked, either.
TEST_F(OldGatewayTest, SilentOneIsNamedByListSinks) {
  const auto peer = stack().NewPeer();
  gw::WirepasMessage status = OnlineStatus("silent", "");
  status.mutable_status_event()->clear_configs();
  ASSERT_TRUE(IsOk(peer->Publish(StatusTopic("silent"), Encoded(status))));
  Result<mesh::ListSinksResponse> sinks;
  ASSERT_TRUE(Eventually([&] {
    sinks = Call(stub(), &Stub::ListSinks, mesh::ListSinksRequest(), kNoDeadline);
    return sinks.response.silent_gateway_ids_size() > 0;
  }));
  EXPECT_THAT(sinks.response.silent_gateway_ids(), ElementsAre("silent"));
  EXPECT_EQ(sinks.response.sinks_size(), 6);
  ASSERT_TRUE(IsOk(peer->Publish(StatusTopic("silent"), "", 1, true)));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(3)));
}

// What it answers later is a change like any other.
TEST_F(OldGatewayTest, SinksThatAreToldLaterAreEvents) {
  const auto peer = stack().NewPeer({"gw-request/get_configs/late"});
  mesh::WatchNetworkRequest request;
  request.add_gateway_ids("late");
  StreamReader<mesh::WatchNetworkResponse> watch(stub(), &Stub::WatchNetwork, request);
  ASSERT_TRUE(watch.Next().has_value());  // the snapshot
  gw::WirepasMessage status = OnlineStatus("late", "");
  status.mutable_status_event()->clear_configs();
  ASSERT_TRUE(IsOk(peer->Publish(StatusTopic("late"), Encoded(status))));
  const auto online = watch.Next();
  ASSERT_TRUE(online.has_value());
  ASSERT_EQ(online->events_size(), 1);
  EXPECT_THAT(online->events(0).gateway().sink_ids(), IsEmpty());

  const auto asked = peer->Take(OnTopic("gw-request/get_configs/late"));
  ASSERT_TRUE(asked.ok()) << asked.status();
  gw::WirepasMessage answer;
  gw::GetConfigsResp& configs = *answer.mutable_get_configs_resp();
  configs.mutable_header()->set_req_id(Decoded(asked->payload).get_configs_req().header().req_id());
  configs.mutable_header()->set_gw_id("late");
  configs.mutable_header()->set_res(gw::OK);
  configs.add_configs()->set_sink_id("s1");
  ASSERT_TRUE(IsOk(peer->Publish("gw-response/get_configs/late", Encoded(answer), 2)));
  const auto told = watch.Next();
  ASSERT_TRUE(told.has_value());
  ASSERT_EQ(told->events_size(), 2) << told->ShortDebugString();
  EXPECT_EQ(told->events(0).type(), mesh::NETWORK_EVENT_TYPE_GATEWAY_UPDATED);
  EXPECT_THAT(told->events(0).gateway().sink_ids(), ElementsAre("s1"));
  EXPECT_EQ(told->events(1).type(), mesh::NETWORK_EVENT_TYPE_SINK_ADDED);
  EXPECT_EQ(told->events(1).sink().sink_id(), "s1");

  // A second answer, with another sink: the gateway's sink ids changed, and no more.
  configs.add_configs()->set_sink_id("s2");
  configs.mutable_header()->set_req_id(0);
  ASSERT_TRUE(IsOk(peer->Publish("gw-response/get_configs/late", Encoded(answer), 2)));
  const auto more = watch.Next();
  ASSERT_TRUE(more.has_value());
  ASSERT_EQ(more->events_size(), 2) << more->ShortDebugString();
  EXPECT_EQ(more->events(0).type(), mesh::NETWORK_EVENT_TYPE_GATEWAY_UPDATED);
  EXPECT_THAT(more->events(0).gateway().sink_ids(), ElementsAre("s1", "s2"));
  EXPECT_EQ(more->events(1).type(), mesh::NETWORK_EVENT_TYPE_SINK_ADDED);
  ASSERT_TRUE(IsOk(peer->Publish(StatusTopic("late"), "", 1, true)));
}

}  // namespace
}  // namespace wirepas_grpc::integration
