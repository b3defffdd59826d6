// SPDX-License-Identifier: Apache-2.0
//
// Messages to nodes by network, through the sinks that heard them, and broadcasts over a scope.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Stub = mesh::NetworkService::Stub;

constexpr char kSendData[] = "gw-request/send_data/";

// By network, to a node.
mesh::SendMessageRequest ByNetwork(uint32_t destination, const std::string& payload = "hello") {
  mesh::SendMessageRequest request = SendRequest(kGateway, kSink, payload);
  request.set_network_address(kNetwork);
  request.mutable_message()->set_destination_address(destination);
  return request;
}

std::string NameOf(const mesh::SinkRef& sink) {
  return absl::StrCat(sink.gateway_id(), "/", sink.sink_id());
}

// Two gateways with two sinks each. Each test has a node of its own.
class SendByNetworkTest : public SharedStack<SendByNetworkTest> {
 protected:
  static constexpr uint32_t kNode = 70000;

  // Through which sink a message to the node goes, "gateway/sink", or why not.
  static std::string SinkFor(uint32_t node) {
    const auto result = Call(stub(), &Stub::SendMessage, ByNetwork(node));
    return result.ok() ? NameOf(result.response.sink()) : result.status.error_message();
  }
  // Until the broker has granted what the service asks for while somebody sends by network.
  static void Listen() {
    ASSERT_TRUE(Eventually(
        [] { return absl::StrContains(SinkFor(kNode + 999), "since the service listens"); }));
  }
  // One packet of the node, which moves it to that sink.
  static void Hear(uint32_t node, const std::string& gateway, const std::string& sink) {
    ASSERT_TRUE(IsOk(stack().Control(
        gateway, {{"command", "uplink"}, {"sink", sink}, {"source_address", node}})));
    EXPECT_TRUE(Eventually([&] { return SinkFor(node) == absl::StrCat(gateway, "/", sink); }))
        << SinkFor(node);
  }
  // The sinks that got a message with this payload until one comes with the next; sorted.
  static std::vector<std::string> SinksThatGot(MqttPeer* spy, const std::string& payload) {
    const std::string end = payload + " end";
    EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink, end)).status));
    const auto heard = spy->TakeUpTo([&](const MqttPeer::Message& message) {
      return Decoded(message.payload).send_packet_req().payload() == end;
    });
    EXPECT_TRUE(heard.ok()) << heard.status();
    std::multiset<std::string> sinks;
    if (!heard.ok()) return {};
    for (const MqttPeer::Message& message : *heard) {
      if (Decoded(message.payload).send_packet_req().payload() != payload) continue;
      sinks.insert(message.topic.substr(sizeof(kSendData) - 1));
    }
    return {sinks.begin(), sinks.end()};
  }
  static std::unique_ptr<MqttPeer> NewSpy() {
    return stack().NewPeer({absl::StrCat(kSendData, "#")});
  }
};

TEST_F(SendByNetworkTest, GoesThroughTheSinkThatHeardTheNodeLast) {
  ASSERT_NO_FATAL_FAILURE(Listen());
  for (const auto& [gateway, sink] :
       {std::pair(kGateway, kSink), std::pair(kOtherGateway, kOtherSink),
        std::pair(kOtherGateway, kSink), std::pair(kGateway, kSink)}) {
    Hear(kNode, gateway, sink);
  }
  const auto spy = NewSpy();
  const auto sent = Call(stub(), &Stub::SendMessage, ByNetwork(kNode, "to the node"));
  ASSERT_TRUE(IsOk(sent.status));
  EXPECT_EQ(NameOf(sent.response.sink()), "sim-gw-0/sink0");
  EXPECT_NE(sent.response.sent().request_id(), 0u);
  ASSERT_EQ(sent.response.results_size(), 1);
  EXPECT_EQ(NameOf(sent.response.results(0).sink()), "sim-gw-0/sink0");
  EXPECT_THAT(SinksThatGot(spy.get(), "to the node"), ElementsAre("sim-gw-0/sink0"));
}

TEST_F(SendByNetworkTest, WhenItsGatewayIsOfflineTheNextOnesTurnItIs) {
  ASSERT_NO_FATAL_FAILURE(Listen());
  Hear(kNode + 1, kGateway, kOtherSink);
  Hear(kNode + 1, kOtherGateway, kSink);
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "stop"}})));
  EXPECT_TRUE(Eventually([&] { return SinkFor(kNode + 1) == "sim-gw-0/sink1"; }));
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "start"}})));
  EXPECT_TRUE(Eventually([&] { return SinkFor(kNode + 1) == "sim-gw-1/sink0"; }));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(2)));
}

TEST_F(SendByNetworkTest, AnUnheardNodeIsNotFoundOrSentToThroughAllSinks) {
  ASSERT_NO_FATAL_FAILURE(Listen());
  const auto spy = NewSpy();
  mesh::SendMessageRequest request = ByNetwork(kNode + 2, "unheard");
  const grpc::Status unheard = Call(stub(), &Stub::SendMessage, request).status;
  ExpectFailure(unheard, StatusCode::NOT_FOUND, {absl::StrCat("node ", kNode + 2)});
  EXPECT_THAT(unheard.error_details(), HasSubstr("NODE_NOT_HEARD"));
  EXPECT_THAT(SinksThatGot(spy.get(), "unheard"), ElementsAre());
  request.set_if_unheard(mesh::IF_UNHEARD_ALL_SINKS);
  const auto sent = Call(stub(), &Stub::SendMessage, request);
  ASSERT_TRUE(IsOk(sent.status));
  EXPECT_EQ(sent.response.results_size(), 4);
  EXPECT_THAT(SinksThatGot(spy.get(), "unheard"),
              ElementsAre("sim-gw-0/sink0", "sim-gw-0/sink1", "sim-gw-1/sink0", "sim-gw-1/sink1"));
  request.set_network_address(4711);
  const grpc::Status none = Call(stub(), &Stub::SendMessage, request).status;
  ExpectFailure(none, StatusCode::NOT_FOUND, {"network 4711"});
  EXPECT_THAT(none.error_details(), HasSubstr("NO_SINKS"));
}

TEST_F(SendByNetworkTest, OneToAMulticastGroupGoesThroughAllSinksAndIsOkWhenOneTookIt) {
  ASSERT_TRUE(
      IsOk(stack().SetFaults(kGateway, {{"error_codes", {{"send_data", "ACCESS_DENIED"}}}})));
  const auto sent = Call(stub(), &Stub::SendMessage, ByNetwork(0x80000123));
  ASSERT_TRUE(IsOk(sent.status));
  ASSERT_EQ(sent.response.results_size(), 4);
  EXPECT_EQ(sent.response.sink().gateway_id(), kOtherGateway);
  for (int i = 0; i < 4; ++i) {
    const mesh::SinkSendResult& each = sent.response.results(i);
    EXPECT_EQ(NameOf(each.sink()), absl::StrCat("sim-gw-", i / 2, "/sink", i % 2));
    if (i < 2) {
      ExpectFailure(each.error(), StatusCode::PERMISSION_DENIED,
                    {"ACCESS_DENIED", kGateway, each.sink().sink_id(),
                     mesh::RESULT_CODE_ACCESS_DENIED, true});
    } else {
      EXPECT_NE(each.sent().request_id(), 0u);
    }
  }
  ASSERT_TRUE(
      IsOk(stack().SetFaults(kOtherGateway, {{"error_codes", {{"send_data", "ACCESS_DENIED"}}}})));
  ExpectFailure(Call(stub(), &Stub::SendMessage, ByNetwork(0x80000123)).status,
                StatusCode::PERMISSION_DENIED,
                {"no other sink took it", kGateway, kSink, mesh::RESULT_CODE_ACCESS_DENIED, true});
}

TEST_F(SendByNetworkTest, ARepeatedIdSendsNothingAlsoWhenTheNodeWasHeardElsewhereMeanwhile) {
  ASSERT_NO_FATAL_FAILURE(Listen());
  const auto spy = NewSpy();
  Hear(kNode + 3, kGateway, kSink);
  mesh::SendMessageRequest request = ByNetwork(kNode + 3, "once");
  request.set_request_id(0x7101020304050607);
  const auto first = Call(stub(), &Stub::SendMessage, request);
  ASSERT_TRUE(IsOk(first.status));
  Hear(kNode + 3, kOtherGateway, kSink);
  const auto again = Call(stub(), &Stub::SendMessage, request);
  ASSERT_TRUE(IsOk(again.status));
  EXPECT_EQ(again.response.ShortDebugString(), first.response.ShortDebugString());
  EXPECT_THAT(SinksThatGot(spy.get(), "once"), ElementsAre("sim-gw-0/sink0"));
  request.mutable_message()->set_payload("another");
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::INVALID_ARGUMENT,
                {"request_id"});
}

TEST_F(SendByNetworkTest, StreamsOfMessagesFindTheirSinksToo) {
  ASSERT_NO_FATAL_FAILURE(Listen());
  Hear(kNode + 4, kOtherGateway, kOtherSink);
  grpc::ClientContext context;
  SetDeadline(&context, kBound);
  const auto stream = stub()->SendMessages(&context);
  const std::vector<uint32_t> destinations = {kNode + 4, kNode + 5, 0xFFFFFFFF};
  for (size_t i = 0; i < destinations.size(); ++i) {
    mesh::SendMessagesRequest request;
    request.set_correlation_id(i + 1);
    *request.mutable_request() = ByNetwork(destinations[i]);
    ASSERT_TRUE(stream->Write(request));
  }
  stream->WritesDone();
  std::vector<mesh::SendMessagesResponse> responses(destinations.size() + 1);
  mesh::SendMessagesResponse response;
  while (stream->Read(&response)) responses.at(response.correlation_id()) = response;
  ASSERT_TRUE(IsOk(stream->Finish()));
  EXPECT_EQ(NameOf(responses[1].sent().sink()), "sim-gw-1/sink1");
  EXPECT_EQ(responses[2].error().reason(), mesh::ERROR_REASON_NODE_NOT_HEARD);
  EXPECT_EQ(responses[3].sent().results_size(), 4) << responses[3].ShortDebugString();
}

TEST_F(SendByNetworkTest, ABroadcastThatIsRepeatedGoesToTheSinksThatHaveNotHadIt) {
  const auto spy = NewSpy();
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(kNetwork);
  request.mutable_scope()->add_gateway_ids(kOtherGateway);
  *request.mutable_message() = SendRequest("", "", "to all").message();
  request.set_request_id(0x7201020304050607);
  const auto first = Call(stub(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(IsOk(first.status));
  EXPECT_EQ(first.response.results_size(), 2);
  ASSERT_EQ(first.response.skipped_size(), 2);
  EXPECT_EQ(NameOf(first.response.skipped(0).sink()), "sim-gw-0/sink0");
  EXPECT_EQ(first.response.skipped(0).reason(), mesh::SKIP_REASON_NOT_IN_SCOPE);
  request.mutable_scope()->clear_gateway_ids();
  const auto again = Call(stub(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(IsOk(again.status));
  ASSERT_EQ(again.response.results_size(), 4);
  EXPECT_EQ(again.response.skipped_size(), 0);
  EXPECT_EQ(again.response.results(2).ShortDebugString(),
            first.response.results(0).ShortDebugString());
  EXPECT_THAT(SinksThatGot(spy.get(), "to all"),
              ElementsAre("sim-gw-0/sink0", "sim-gw-0/sink1", "sim-gw-1/sink0", "sim-gw-1/sink1"));
}

TEST_F(SendByNetworkTest, ABroadcastTellsOfOfflineSinksThatItSkips) {
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(kNetwork);
  *request.mutable_message() = SendRequest("", "").message();
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "stop"}})));
  mesh::BroadcastMessageResponse response;
  EXPECT_TRUE(Eventually([&] {
    response = Call(stub(), &Stub::BroadcastMessage, request).response;
    return response.results_size() == 4 &&
           response.results(3).error().code() == StatusCode::UNAVAILABLE;
  })) << response.ShortDebugString();
  EXPECT_EQ(response.results(3).error().gateway_error().outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  request.mutable_scope()->set_skip_offline(true);
  const auto skipping = Call(stub(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(IsOk(skipping.status));
  EXPECT_EQ(skipping.response.results_size(), 2);
  ASSERT_EQ(skipping.response.skipped_size(), 2);
  EXPECT_EQ(NameOf(skipping.response.skipped(1).sink()), "sim-gw-1/sink1");
  EXPECT_EQ(skipping.response.skipped(1).reason(), mesh::SKIP_REASON_GATEWAY_OFFLINE);
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "start"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(2)));
}

// The service asks the broker for the packets of the network, of no other, and no longer than for
// the linger.
TEST(SendByNetworkInterestTest, IsHeldWhileSomebodySendsAndForTheLinger) {
  constexpr char kClient[] = "the-service";
  const std::string topics = absl::StrCat("gw-event/received_data/+/+/", kNetwork, "/#");
  Stack::Options options;
  options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0"};
  options.service = {"--mqtt_client_id", kClient, "--collect_linger", "1s"};
  Stack stack(std::move(options));
  ASSERT_TRUE(IsOk(stack.Start()));
  EXPECT_FALSE(absl::StrContains(stack.broker().log(), "gw-event/received_data/"));
  ExpectFailure(Call(stack.stub(), &Stub::SendMessage, ByNetwork(70000)).status,
                StatusCode::NOT_FOUND, {"begins to listen"});
  ASSERT_TRUE(IsOk(stack.broker().WaitForLog(absl::StrCat(kClient, " 1 ", topics), kBound)));
  ASSERT_TRUE(IsOk(stack.broker().WaitForLog(absl::StrCat(kClient, " ", topics), kBound)));
}

}  // namespace
}  // namespace wirepas_grpc::integration
