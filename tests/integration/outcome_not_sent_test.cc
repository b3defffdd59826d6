// SPDX-License-Identifier: Apache-2.0
//
// What was not sent, the rows of docs/errors.md say so: see outcome_fixture.h.
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/otap_calls.h"
#include "tests/integration/outcome_fixture.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;
using SendCall = AsyncCall<mesh::SendMessageResponse>;

// INVALID_ARGUMENT: no
TEST_F(OutcomeTest, AFieldThatIsWrongIsNotSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  auto request = SendRequest(kGateway, kSink);
  request.mutable_message()->set_qos(9);
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::INVALID_ARGUMENT,
                {"qos", kGateway, kSink});
  ExpectSeen({});
}

// NOT_FOUND: no
TEST_F(OutcomeTest, ToAnUnknownGatewayNothingIsSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ExpectFailure(Send("nobody"), StatusCode::NOT_FOUND, {"not known", "nobody", kSink});
  ExpectSeen({});
}

// NOT_FOUND: no
TEST_F(OutcomeTest, ByNetworkWithoutASinkOrAHeardNodeNothingIsSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  auto request = SendRequest(kGateway, kSink);
  request.set_network_address(kNetwork);
  request.mutable_message()->set_destination_address(123456);
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::NOT_FOUND,
                {.reason = mesh::ERROR_REASON_NODE_NOT_HEARD});
  request.set_network_address(kNetwork + 1);
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::NOT_FOUND,
                {.reason = mesh::ERROR_REASON_NO_SINKS});
  ExpectSeen({});
}

// UNAVAILABLE, with a GatewayError: no: safe to retry
TEST_F(OutcomeTest, WithoutTheBrokerNothingIsSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  to_broker_->SetDown(true);
  ASSERT_TRUE(AwaitBroker(false));
  ExpectFailure(Send(), StatusCode::UNAVAILABLE, {"not connected", kGateway, kSink});
  to_broker_->SetDown(false);
  ASSERT_TRUE(AwaitBroker(true));
  ExpectSeen({});
  // Nor later.
  EXPECT_TRUE(IsOk(Send()));
  ExpectSeen({"send_data"});
}

TEST_F(OutcomeTest, WhatTheBrokersLossCatchesBeforeItIsOutIsNotSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  // It waits for the broker's word that its answer will be heard.
  to_broker_->SetStalled(true);
  SendCall call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink));
  ASSERT_TRUE(Eventually([&] { return Metric("wirepas_grpc_pending_requests") == 1; }));
  to_broker_->SetDown(true);
  to_broker_->SetStalled(false);
  ExpectFailure(call.Get().status, StatusCode::UNAVAILABLE, {"", kGateway, kSink});
  to_broker_->SetDown(false);
  ASSERT_TRUE(AwaitBroker(true));
  EXPECT_TRUE(IsOk(Send()));
  ExpectSeen({"send_data"});
}

TEST_F(OutcomeTest, ToAnOfflineGatewayNothingIsSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_TRUE(IsOk(stack_->Control(kOtherGateway, {{"command", "stop"}})));
  ASSERT_TRUE(IsOk(stack_->WaitForGateways(1)));
  ExpectFailure(Send(kOtherGateway), StatusCode::UNAVAILABLE, {"offline", kOtherGateway, kSink});
  ExpectSeen({});
}

// DEADLINE_EXCEEDED: no
TEST_F(OutcomeTest, WhoDoesNotTellItsSinksIsNotAskedFurther) {
  ASSERT_NO_FATAL_FAILURE(Start());
  // A gateway of which nothing but a packet is known.
  const auto gateway = stack_->NewPeer();
  StreamReader<mesh::SubscribeUplinkResponse> uplinks(stub(), &Stub::SubscribeUplink,
                                                      mesh::SubscribeUplinkRequest());
  ASSERT_TRUE(uplinks.Next().has_value());
  ASSERT_TRUE(
      IsOk(gateway->Publish(UplinkTopic("mute", "s"), Encoded(UplinkEvent("mute", "s", 1)))));
  ASSERT_TRUE(uplinks.Next().has_value());
  mesh::SetTargetRequest request;
  mesh::SinkRef* sink = request.mutable_scope()->add_sinks();
  sink->set_gateway_id("mute");
  sink->set_sink_id("s");
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_NO_OTAP);
  const auto result = Call(stack_->service().otap_stub(), &OtapStub::SetTarget, request);
  ASSERT_TRUE(IsOk(result.status));
  ASSERT_EQ(result.response.results_size(), 1);
  ExpectFailure(result.response.results(0).error(), StatusCode::DEADLINE_EXCEEDED,
                {"did not answer", "mute", "s"});
  EXPECT_THAT(Seen(), testing::Each(testing::StrEq("get_configs")));
}

// FAILED_PRECONDITION: no
TEST_F(OutcomeTest, WithoutTheFeatureNothingIsSent) {
  Stack::Options options;
  options.simulator = {"--gateways", "2", "--sinks", "1", "--rate", "0", "--features", "none"};
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  ExpectFailure(FindGatewayRpc("SetConfigurationDataItem").Run(stub(), kGateway, kSink, kBound),
                StatusCode::FAILED_PRECONDITION, {"CONFIGURATION_DATA_V1", kGateway, kSink});
  ExpectSeen({});
}

// PERMISSION_DENIED: no
TEST_F(OutcomeTest, WhatTheBrokerDoesNotPermitIsNotPassedOn) {
  Stack::Options options;
  options.broker.acl = "topic readwrite #\ntopic deny gw-request/send_data/#\n";
  options.service = {"--mqtt_version", "5"};  // only MQTT 5 tells
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  ExpectFailure(Send(), StatusCode::PERMISSION_DENIED, {"broker", kGateway, kSink});
  ExpectSeen({});
}

// RESOURCE_EXHAUSTED: no
TEST_F(OutcomeTest, BeyondABoundOfTheServiceNothingIsSent) {
  Stack::Options options;
  options.service = {"--max_pending_requests", "1"};
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  SendCall first(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink), absl::Hours(1));
  ASSERT_TRUE(Out("send_data"));
  ExpectFailure(Send(), StatusCode::RESOURCE_EXHAUSTED, {"bound", kGateway, kSink});
  ExpectSeen({"send_data"});
  first.Cancel();
}

TEST_F(OutcomeTest, BeyondTheBoundOfStreamsNothingIsSent) {
  Stack::Options options;
  options.service = {"--max_streams", "1"};
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  StreamReader<mesh::WatchBrokerResponse> watch(stub(), &Stub::WatchBroker,
                                                mesh::WatchBrokerRequest());
  ASSERT_TRUE(watch.Next().has_value());
  grpc::ClientContext context;
  const auto messages = stub()->SendMessages(&context);
  mesh::SendMessagesRequest request;
  *request.mutable_request() = SendRequest(kGateway, kSink);
  messages->Write(request);
  ExpectFailure(messages->Finish(), StatusCode::RESOURCE_EXHAUSTED, {"streams"});
  ExpectSeen({});
}

// ABORTED: no
TEST_F(OutcomeTest, ASecondUploadToTheSinkIsNotSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  auto request = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
  request.set_sequence(7);
  request.set_scratchpad("a scratchpad");
  StreamReader<mesh::UploadScratchpadResponse> upload(stub(), &Stub::UploadScratchpad, request);
  ASSERT_TRUE(Out("otap_load_scratchpad"));
  ExpectFailure(FindGatewayRpc("UploadScratchpad").Run(stub(), kGateway, kSink, kBound),
                StatusCode::ABORTED, {"under way", kGateway, kSink});
  ExpectSeen({"otap_load_scratchpad"});
}

TEST_F(OutcomeTest, AfterASinkThatFailedTheOthersAreNotAsked) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Refuse("NO_SCRATCHPAD_PRESENT"));
  auto request = OfNetwork<mesh::ProcessScratchpadsRequest>();
  request.set_max_concurrent(1);
  request.set_stop_at_first_failure(true);
  StreamReader<mesh::ProcessScratchpadsResponse> process(stack_->service().otap_stub(),
                                                         &OtapStub::ProcessScratchpads, request);
  std::vector<mesh::SinkResult> results;
  while (const auto response = process.Next()) {
    results.insert(results.end(), response->results().begin(), response->results().end());
  }
  ASSERT_EQ(results.size(), 4u);
  for (size_t i = 1; i < results.size(); ++i) {
    const mesh::SinkRef& sink = results[i].sink();
    ExpectFailure(results[i].error(), StatusCode::ABORTED,
                  {"another sink failed", sink.gateway_id(), sink.sink_id()});
  }
  ExpectSeen({"otap_process_scratchpad"});
}

// ALREADY_EXISTS: no
TEST_F(OutcomeTest, ARequestIdOfAnotherRequestIsNotSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  SendCall first(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink), absl::Hours(1));
  ASSERT_TRUE(Out("send_data"));
  auto request = SendRequest(kGateway, kSink, "another");
  request.set_request_id(
      Decoded(peer_->messages().front().payload).send_packet_req().header().req_id());
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::ALREADY_EXISTS,
                {"pending", kGateway, kSink});
  ExpectSeen({"send_data"});
  first.Cancel();
}

// OUT_OF_RANGE: no
TEST_F(OutcomeTest, ReadingSendsNothing) {
  ASSERT_NO_FATAL_FAILURE(Start());
  mesh::SubscribeUplinkRequest request;
  request.mutable_from_time()->set_seconds(1);
  StreamReader<mesh::SubscribeUplinkResponse> uplinks(stub(), &Stub::SubscribeUplink, request);
  const auto status = uplinks.WaitForEnd();
  ASSERT_TRUE(status.has_value());
  ExpectFailure(*status, StatusCode::OUT_OF_RANGE, {"from_time"});
  ExpectSeen({});
}

}  // namespace
}  // namespace wirepas_grpc::integration
