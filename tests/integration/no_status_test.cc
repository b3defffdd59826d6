// SPDX-License-Identifier: Apache-2.0
//
// Gateways whose status the broker does not have: cleared by somebody, never retained, or
// such that no client can read it.
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
using Stub = mesh::NetworkService::Stub;

class NoStatusTest : public SharedStack<NoStatusTest> {
 protected:
  static bool Clear(const std::string& gateway) {
    const auto cleared =
        Call(stub(), &Stub::ClearGatewayStatus, To<mesh::ClearGatewayStatusRequest>(gateway));
    EXPECT_TRUE(IsOk(cleared.status));
    return cleared.response.was_known();
  }

  static std::vector<mesh::Gateway> Gateways() {
    const auto listed = Call(stub(), &Stub::ListGateways, mesh::ListGatewaysRequest());
    EXPECT_TRUE(IsOk(listed.status));
    return {listed.response.gateways().begin(), listed.response.gateways().end()};
  }
  static bool IsListed(const std::string& id) {
    for (const mesh::Gateway& gateway : Gateways()) {
      if (gateway.gateway_id() == id) return true;
    }
    return false;
  }

  static void BringBack(const std::string& gateway) {
    ASSERT_TRUE(IsOk(stack().Control(gateway, {{"command", "stop"}})));
    ASSERT_TRUE(IsOk(stack().Control(gateway, {{"command", "start"}})));
    ASSERT_TRUE(Eventually([] {
      for (const mesh::Gateway& gateway : Gateways()) {
        if (!gateway.online()) return false;
      }
      return Gateways().size() == 2;
    }));
  }
};

TEST_F(NoStatusTest, AClearedGatewayThatGoesOnIsReachable) {
  EXPECT_TRUE(Clear(kGateway));
  ASSERT_TRUE(Eventually([] { return !IsListed(kGateway); }));
  ExpectFailure(FindGatewayRpc("SendMessage").Run(stub(), kGateway, kSink, kBound),
                StatusCode::NOT_FOUND, {"not known", kGateway, kSink});

  UplinkStream stream(stub());
  ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "burst"}, {"count", 1}})));
  ASSERT_EQ(stream.Take(1).size(), 1u);
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    EXPECT_TRUE(IsOk(rpc.Run(stub(), kGateway, kSink, kBound))) << rpc.name;
  }
  // It was asked for its sinks, and has answered.
  ASSERT_TRUE(Eventually([] { return IsListed(kGateway) && Gateways()[0].sink_ids_size() == 2; }));
  const mesh::Gateway gateway = Gateways()[0];
  EXPECT_EQ(gateway.gateway_id(), kGateway);
  EXPECT_FALSE(gateway.has_online());
  EXPECT_THAT(gateway.sink_ids(), ElementsAre(kSink, kOtherSink));
  EXPECT_FALSE(gateway.model().empty()) << "as it answered to GetGatewayInfo";
  BringBack(kGateway);
}

TEST_F(NoStatusTest, AGatewayThatAnswersOthersIsReachableToo) {
  mesh::SubscribeDownlinkRequest request;
  StreamReader<mesh::SubscribeDownlinkResponse> downlinks(stub(), &Stub::SubscribeDownlink,
                                                          request);
  ASSERT_TRUE(downlinks.Next().has_value());
  EXPECT_TRUE(Clear(kGateway));
  ASSERT_TRUE(Eventually([] { return !IsListed(kGateway); }));
  const auto peer = stack().NewPeer();
  ASSERT_TRUE(IsOk(
      peer->Publish(SendDataTopic(kGateway, kSink), Encoded(SendData(0xabcdef0123, kSink)), 2)));
  EXPECT_TRUE(Eventually([] { return IsListed(kGateway); }));
  EXPECT_TRUE(IsOk(FindGatewayRpc("SendMessage").Run(stub(), kGateway, kSink, kBound)));
  BringBack(kGateway);
}

TEST_F(NoStatusTest, AGatewayThatWasNotHeardIsReachableOnDemand) {
  EXPECT_TRUE(Clear(kGateway));
  ASSERT_TRUE(Eventually([] { return !IsListed(kGateway); }));
  mesh::SendMessageRequest request = SendRequest(kGateway, kSink);
  request.set_allow_unknown_gateway(true);
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, request).status));
  request.mutable_sink()->set_gateway_id("nobody");
  ExpectFailure(Call(stub(), &Stub::SendMessage, request, kNoDeadline).status,
                StatusCode::DEADLINE_EXCEEDED,
                {"no answer", "nobody", kSink, mesh::RESULT_CODE_UNSPECIFIED, true});
  BringBack(kGateway);
}

TEST_F(NoStatusTest, AStatusThatNobodyCanReadIsCleared) {
  const auto peer = stack().NewPeer();
  ASSERT_TRUE(IsOk(peer->Publish(StatusTopic("odd"), "garbage", 1, true)));
  EXPECT_FALSE(Clear("odd"));
  const auto hears = stack().NewPeer({"gw-event/status/#"});
  const std::string marker = StatusTopic("zz-marker");
  ASSERT_TRUE(IsOk(hears->Publish(marker, "")));
  const auto heard = hears->TakeUpTo(OnTopic(marker));
  ASSERT_TRUE(heard.ok()) << heard.status();
  for (const MqttPeer::Message& message : *heard) EXPECT_NE(message.topic, StatusTopic("odd"));
}

}  // namespace
}  // namespace wirepas_grpc::integration
