// SPDX-License-Identifier: Apache-2.0
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Ids(const mesh::ListGatewaysResponse& response) {
  std::vector<std::string> ids;
  for (const auto& gateway : response.gateways()) ids.push_back(gateway.gateway_id());
  return ids;
}

TEST_F(ServiceTest, ListGatewaysListsOnlineOnesUnlessAsked) {
  AddGateway("gw2", {"sink"});
  Retain("gw1", Status("gw1", {}, /*online=*/false));
  ConnectAndSync();
  Call online(stub_.get(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  ASSERT_TRUE(online.Finish().ok());
  EXPECT_THAT(Ids(online.response()), ElementsAre("gw2"));
  EXPECT_THAT(online.response().gateways(0).sink_ids(), ElementsAre("sink"));
  mesh::ListGatewaysRequest request;
  request.set_include_offline(true);
  Call all(stub_.get(), &Stub::ListGateways, request);
  ASSERT_TRUE(all.Finish().ok());
  EXPECT_THAT(Ids(all.response()), ElementsAre("gw1", "gw2"));
}

TEST_F(ServiceTest, ListGatewaysWaitsForTheStatusesThatTheBrokerKeeps) {
  AddGateway("gw1", {"a"});
  Call call(stub_.get(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  Await([&] { return scheduler_.pending() > 0; });
  ConnectAndSync();
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Ids(call.response()), ElementsAre("gw1"));
}

TEST_F(ServiceTest, ListGatewaysWithoutABrokerIsUnavailable) {
  broker_.FailAttempt(core::DisconnectReason::kRefused);
  broker_.Flush();
  Call call(stub_.get(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  Await([&] { return scheduler_.pending() > 0; });
  Advance(absl::Seconds(2));
  ExpectStatus(call.Finish(), grpc::StatusCode::UNAVAILABLE, {"broker.test:1883", "refused"});
}

TEST_F(ServiceTest, ListGatewaysGoesOnWithWhatIsKnownWhenTheBrokerIsLost) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  broker_.Disconnect();
  broker_.Flush();
  Call call(stub_.get(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Ids(call.response()), ElementsAre("gw1"));
}

TEST_F(ServiceTest, ListGatewaysComesInPages) {
  for (const char* id : {"a", "b", "c"}) AddGateway(id, {"a"});
  ConnectAndSync();
  mesh::ListGatewaysRequest request;
  request.set_page_size(2);
  Call first(stub_.get(), &Stub::ListGateways, request);
  ASSERT_TRUE(first.Finish().ok());
  EXPECT_THAT(Ids(first.response()), ElementsAre("a", "b"));
  request.set_page_token(first.response().next_page_token());
  request.set_page_size(1);
  Call second(stub_.get(), &Stub::ListGateways, request);
  ASSERT_TRUE(second.Finish().ok());
  EXPECT_THAT(Ids(second.response()), ElementsAre("c"));
  EXPECT_EQ(second.response().next_page_token(), "");
  request.set_include_offline(true);
  Call other(stub_.get(), &Stub::ListGateways, request);
  ExpectStatus(other.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"page_token"});
}

TEST_F(ServiceTest, GetGatewayInfoAsksTheGateway) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::GetGatewayInfoRequest request;
  request.set_gateway_id("gw1");
  Call call(stub_.get(), &Stub::GetGatewayInfo, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/get_gw_info/gw1");
  gw::WirepasMessage answer;
  answer.mutable_get_gateway_info_resp()->mutable_info()->set_current_time_s_epoch(1700000000);
  Answer(incoming, answer);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_EQ(call.response().info().gateway_id(), "gw1");
  EXPECT_EQ(call.response().info().current_time().seconds(), 1700000000);
}

TEST_F(ServiceTest, GetGatewayInfoOfAnUnknownOrOfflineGateway) {
  Retain("off", Status("off", {}, /*online=*/false));
  ConnectAndSync();
  mesh::GetGatewayInfoRequest request;
  request.set_gateway_id("none");
  Call unknown(stub_.get(), &Stub::GetGatewayInfo, request);
  ExpectStatus(unknown.Finish(), grpc::StatusCode::NOT_FOUND, {"'none'"});
  EXPECT_EQ(DetailOf(unknown.Finish()).gateway_id(), "none");
  request.set_gateway_id("off");
  Call offline(stub_.get(), &Stub::GetGatewayInfo, request);
  ExpectStatus(offline.Finish(), grpc::StatusCode::UNAVAILABLE, {"'off'", "offline"});
  EXPECT_EQ(DetailOf(offline.Finish()).request_id(), 0u);
}

TEST_F(ServiceTest, AnIdThatIsNoneIsRefusedAndNotPublished) {
  ConnectAndSync();
  for (const std::string& id :
       {std::string(), std::string("a/b"), std::string("+"), std::string(257, 'x')}) {
    mesh::GetGatewayInfoRequest request;
    request.set_gateway_id(id);
    Call call(stub_.get(), &Stub::GetGatewayInfo, request);
    ExpectStatus(call.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"gateway_id:"});
    EXPECT_EQ(DetailOf(call.Finish()).gateway_id(), "");
    EXPECT_EQ(DetailOf(call.Finish()).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  }
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ServiceTest, ADefaultLimitEndsACallWithoutADeadline) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::GetGatewayInfoRequest request;
  request.set_gateway_id("gw1");
  Call call(stub_.get(), &Stub::GetGatewayInfo, request);
  const Incoming incoming = NextRequest();
  Advance(absl::Milliseconds(1999));
  EXPECT_EQ(network_.tracker().pending(), 1u);
  Advance(absl::Milliseconds(1));
  ExpectStatus(call.Finish(), grpc::StatusCode::DEADLINE_EXCEEDED, {"'gw1'"});
  EXPECT_EQ(DetailOf(call.Finish()).request_id(), incoming.id);
}

TEST_F(ServiceTest, TheClientsDeadlineIsTheLimitLessAMargin) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::GetGatewayInfoRequest request;
  request.set_gateway_id("gw1");
  Call call(stub_.get(), &Stub::GetGatewayInfo, request, absl::Seconds(1000));
  NextRequest();
  Advance(absl::Seconds(900));
  EXPECT_EQ(network_.tracker().pending(), 1u);
  // Up to the deadline, not past it. When exactly it ended within the margin hangs on
  // how gRPC rounds a deadline.
  Advance(absl::Seconds(100));
  ExpectStatus(call.Finish(), grpc::StatusCode::DEADLINE_EXCEEDED, {"'gw1'"});
}

TEST_F(ServiceTest, ACancelledCallLeavesNothingPending) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::GetGatewayInfoRequest request;
  request.set_gateway_id("gw1");
  Call call(stub_.get(), &Stub::GetGatewayInfo, request);
  NextRequest();
  EXPECT_EQ(network_.tracker().pending(), 1u);
  call.Cancel();
  ExpectStatus(call.Finish(), grpc::StatusCode::CANCELLED);
  Await([&] { return network_.tracker().pending() == 0; });
}

TEST_F(ServiceTest, ACallCancelledWhileItWaitsForTheDirectoryEnds) {
  Call call(stub_.get(), &Stub::ListGateways, mesh::ListGatewaysRequest());
  Await([&] { return scheduler_.pending() > 0; });
  call.Cancel();
  ExpectStatus(call.Finish(), grpc::StatusCode::CANCELLED);
  Await([&] { return scheduler_.pending() == 0; });
}

TEST_F(ServiceTest, TheLossOfTheBrokerEndsARequestThatWasSent) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::GetGatewayInfoRequest request;
  request.set_gateway_id("gw1");
  Call call(stub_.get(), &Stub::GetGatewayInfo, request);
  NextRequest();
  broker_.Disconnect();
  ExpectStatus(call.Finish(), grpc::StatusCode::DEADLINE_EXCEEDED, {"'gw1'"});
}

TEST_F(ServiceTest, ClearGatewayStatusRemovesTheGateway) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  mesh::ClearGatewayStatusRequest request;
  request.set_gateway_id("gw1");
  Call call(stub_.get(), &Stub::ClearGatewayStatus, request);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_TRUE(call.response().was_known());
  broker_.Flush();
  EXPECT_EQ(network_.directory().Find("gw1"), nullptr);
}

// Its status may be malformed: no client can read it, and still the broker has it.
TEST_F(ServiceTest, ClearGatewayStatusRemovesTheStatusOfAnUnknownGatewayToo) {
  broker_.Retain("gw-event/status/odd", "garbage");
  ConnectAndSync();
  mesh::ClearGatewayStatusRequest request;
  request.set_gateway_id("odd");
  Call call(stub_.get(), &Stub::ClearGatewayStatus, request);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_FALSE(call.response().was_known());
  const auto published = broker_.NextPublished();
  ASSERT_TRUE(published.has_value());
  EXPECT_EQ(published->topic, "gw-event/status/odd");
  EXPECT_EQ(published->payload, "");
  EXPECT_TRUE(published->retain);
}

TEST_F(ServiceTest, ClearGatewayStatusThatTheBrokerDoesNotConfirm) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  broker_.HoldPublishes(true);
  mesh::ClearGatewayStatusRequest request;
  request.set_gateway_id("gw1");
  Call call(stub_.get(), &Stub::ClearGatewayStatus, request);
  broker_.NextPublished();
  Advance(absl::Seconds(2));
  ExpectStatus(call.Finish(), grpc::StatusCode::DEADLINE_EXCEEDED, {"'gw1'"});
  EXPECT_EQ(DetailOf(call.Finish()).gateway_id(), "gw1");
}

TEST_F(ServiceTest, TheEndWaitsForUnaryCallsAndStreams) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  EXPECT_TRUE(service_.AwaitIdle(absl::ZeroDuration()));
  mesh::GetGatewayInfoRequest request;
  request.set_gateway_id("gw1");
  Call call(stub_.get(), &Stub::GetGatewayInfo, request);
  const Incoming incoming = NextRequest();
  service_.Drain();
  EXPECT_FALSE(service_.AwaitIdle(absl::Milliseconds(1)));
  gw::WirepasMessage answer;
  answer.mutable_get_gateway_info_resp()->mutable_info()->set_current_time_s_epoch(1);
  Answer(incoming, answer);
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_TRUE(service_.AwaitIdle(absl::Minutes(1)));
}

TEST_F(ServiceTest, AStatusThatMayHaveBeenRemovedIsUnknown) {
  ConnectAndSync();
  broker_.HoldPublishes(true);
  mesh::ClearGatewayStatusRequest request;
  request.set_gateway_id("gw1");
  Call call(stub_.get(), &Stub::ClearGatewayStatus, request);
  broker_.NextPublished();
  service_.Drain();
  service_.EndCalls();
  ExpectStatus(call.Finish(), grpc::StatusCode::DEADLINE_EXCEEDED, {"'gw1'", "shut down"});
  EXPECT_EQ(DetailOf(call.Finish()).outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
}

}  // namespace
}  // namespace wirepas_grpc::api
