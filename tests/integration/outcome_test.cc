// SPDX-License-Identifier: Apache-2.0
//
// "Was anything sent?": for each row of the table in docs/errors.md what it says of that, by what
// somebody at the broker has heard go out to gateways. The comment above a test is the row's:
// status and answer (tests/docs/errors_test.py compares). That of a shutdown is in
// shutdown_test.cc.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/otap_calls.h"
#include "tests/integration/tcp_relay.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;
using SendCall = AsyncCall<mesh::SendMessageResponse>;

constexpr auto kRefused = mesh::REQUEST_OUTCOME_REFUSED;
constexpr auto kUnknown = mesh::REQUEST_OUTCOME_UNKNOWN;
constexpr auto kNoAnswer = mesh::RESULT_CODE_UNSPECIFIED;

class OutcomeTest : public testing::Test {
 protected:
  void Start(Stack::Options options = {}) {
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->StartBroker()));
    auto relay = TcpRelay::Start(stack_->broker().port());
    ASSERT_TRUE(IsOk(relay.status()));
    to_broker_ = *std::move(relay);
    stack_->SetBrokerPort(to_broker_->port());
    ASSERT_TRUE(IsOk(stack_->StartSimulator()));
    ASSERT_TRUE(IsOk(stack_->StartService()));
    ASSERT_TRUE(IsOk(stack_->WaitForGateways(2)));
    peer_ = stack_->NewPeer({"gw-request/#"});
  }
  Stub* stub() { return stack_->stub(); }
  void SetFaults(const nlohmann::json& faults) {
    ASSERT_TRUE(IsOk(stack_->SetFaults("all", faults)));
  }
  void Refuse(const std::string& code) { SetFaults({{"error_codes", {{"all", code}}}}); }
  grpc::Status Send(const std::string& gateway = kGateway, const std::string& sink = kSink,
                    absl::Duration deadline = kBound) {
    return Call(stub(), &Stub::SendMessage, SendRequest(gateway, sink), deadline).status;
  }

  // What has gone out to gateways since the last call: the requests' names. What is published
  // later arrives later, so a message of this test's own marks the end.
  std::vector<std::string> Seen() {
    std::vector<std::string> names;
    const std::string end = absl::StrCat("gw-request/end/", ++ends_);
    auto other = stack_->NewPeer();
    if (!IsOk(other->Publish(end, ""))) return names;
    const auto heard = peer_->TakeUpTo(OnTopic(end));
    EXPECT_TRUE(IsOk(heard.status()));
    if (!heard.ok()) return names;
    for (const MqttPeer::Message& message : *heard) {
      if (message.topic == end) continue;
      const size_t begin = message.topic.find('/') + 1;
      names.push_back(message.topic.substr(begin, message.topic.find('/', begin) - begin));
    }
    return names;
  }
  void ExpectSeen(const std::vector<std::string>& names) { EXPECT_EQ(Seen(), names); }
  // Waits until a request has gone out.
  bool Out(const std::string& name) {
    return Eventually([&] {
      for (const MqttPeer::Message& message : peer_->messages()) {
        if (absl::StartsWith(message.topic, absl::StrCat("gw-request/", name, "/"))) return true;
      }
      return false;
    });
  }
  double Metric(const std::string& name) { return stack_->service().Metric(name); }
  bool AwaitBroker(bool connected) {
    return Eventually(
        [&] { return Metric("wirepas_grpc_broker_connected") == (connected ? 1 : 0); });
  }

  std::unique_ptr<Stack> stack_;
  std::unique_ptr<TcpRelay> to_broker_;
  std::unique_ptr<MqttPeer> peer_;
  int ends_ = 0;
};

// INVALID_ARGUMENT: no
TEST_F(OutcomeTest, AFieldThatIsWrongIsNotSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  auto request = SendRequest(kGateway, kSink);
  request.mutable_message()->set_qos(9);
  ExpectFailure(Call(stub(), &Stub::SendMessage, request).status, StatusCode::INVALID_ARGUMENT,
                {"qos", kGateway, kSink});
  ExpectSeen({});
}

// INVALID_ARGUMENT: yes, and refused
TEST_F(OutcomeTest, AValueThatTheGatewayRefusesIsRefused) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Refuse("INVALID_DATA_PAYLOAD"));
  ExpectFailure(Send(), StatusCode::INVALID_ARGUMENT,
                {"", kGateway, kSink, mesh::RESULT_CODE_INVALID_DATA_PAYLOAD, true, kRefused});
  ExpectSeen({"send_data"});
}

// NOT_FOUND: no
TEST_F(OutcomeTest, ToAnUnknownGatewayNothingIsSent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ExpectFailure(Send("nobody"), StatusCode::NOT_FOUND, {"not known", "nobody", kSink});
  ExpectSeen({});
}

// NOT_FOUND: yes, and refused
TEST_F(OutcomeTest, AnUnknownSinkIsRefused) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ExpectFailure(Send(kGateway, "nosuch"), StatusCode::NOT_FOUND,
                {"", kGateway, "nosuch", mesh::RESULT_CODE_INVALID_SINK_ID, true, kRefused});
  ExpectSeen({"send_data"});
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

// UNAVAILABLE, without a GatewayError: not known
TEST_F(OutcomeTest, AConnectionToTheServiceThatBreaksTellsNothing) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  const std::string& address = stack_->service().address();
  auto relay = TcpRelay::Start(atoi(address.substr(address.rfind(':') + 1).c_str()));
  ASSERT_TRUE(IsOk(relay.status()));
  const auto far = Stub(stack_->service().NewChannel(absl::StrCat("127.0.0.1:", (*relay)->port())));
  auto* stub = const_cast<Stub*>(&far);
  // One that has gone out, and one that could not.
  SendCall sent(stub, &Stub::SendMessage, SendRequest(kGateway, kSink));
  ASSERT_TRUE(Out("send_data"));
  (*relay)->SetDown(true);
  const grpc::Status broken = sent.Get().status;
  EXPECT_EQ(broken.error_code(), StatusCode::UNAVAILABLE) << broken.error_message();
  EXPECT_FALSE(GatewayErrorOf(broken).has_value());
  ExpectSeen({"send_data"});
  const grpc::Status refused = Call(stub, &Stub::SendMessage, SendRequest(kGateway, kSink)).status;
  EXPECT_EQ(refused.error_code(), StatusCode::UNAVAILABLE) << refused.error_message();
  EXPECT_FALSE(GatewayErrorOf(refused).has_value());
  ExpectSeen({});
}

// DEADLINE_EXCEEDED: yes: it may have been carried out
TEST_F(OutcomeTest, WithoutAnAnswerItIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  ExpectFailure(Send(kGateway, kSink, kNoDeadline), StatusCode::DEADLINE_EXCEEDED,
                {"no answer", kGateway, kSink, kNoAnswer, true, kUnknown});
  ExpectSeen({"send_data"});
}

TEST_F(OutcomeTest, TheGatewaysOwnTimeOutIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Refuse("SINK_TIMEOUT"));
  ExpectFailure(Send(), StatusCode::DEADLINE_EXCEEDED,
                {"", kGateway, kSink, mesh::RESULT_CODE_SINK_TIMEOUT, true, kUnknown});
  ExpectSeen({"send_data"});
}

TEST_F(OutcomeTest, WhatTheBrokersLossCatchesOnceItIsOutIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  SendCall call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink), absl::Hours(1));
  ASSERT_TRUE(Out("send_data"));
  to_broker_->SetDown(true);
  ExpectFailure(call.Get().status, StatusCode::DEADLINE_EXCEEDED,
                {"", kGateway, kSink, kNoAnswer, true, kUnknown});
  ExpectSeen({"send_data"});
}

TEST_F(OutcomeTest, AnUploadThatIsCutIsUnknown) {
  Stack::Options options;
  options.simulator = {"--gateways", "2", "--sinks", "2", "--rate", "0", "--max_scratchpad_size",
                       "10"};
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 300}}));
  auto request = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
  request.set_sequence(7);
  request.set_scratchpad(std::string(10000, 'x'));
  StreamReader<mesh::UploadScratchpadResponse> upload(stub(), &Stub::UploadScratchpad, request);
  ASSERT_TRUE(upload.Next().has_value());
  to_broker_->SetDown(true);
  const auto status = upload.WaitForEnd();
  ASSERT_TRUE(status.has_value());
  ExpectFailure(*status, StatusCode::DEADLINE_EXCEEDED,
                {"", kGateway, kSink, kNoAnswer, true, kUnknown});
  EXPECT_THAT(Seen(), testing::Contains("otap_load_scratchpad"));
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

// FAILED_PRECONDITION: yes, and refused
TEST_F(OutcomeTest, WhatIsNotPossibleAsTheSinkIsIsRefused) {
  ASSERT_NO_FATAL_FAILURE(Start());
  for (const std::string code : {"INVALID_ROLE", "INVALID_SINK_STATE", "NO_SCRATCHPAD_PRESENT"}) {
    ASSERT_NO_FATAL_FAILURE(Refuse(code));
    mesh::ResultCode result = kNoAnswer;
    ASSERT_TRUE(mesh::ResultCode_Parse(absl::StrCat("RESULT_CODE_", code), &result));
    ExpectFailure(Send(), StatusCode::FAILED_PRECONDITION,
                  {"", kGateway, kSink, result, true, kRefused});
    ExpectSeen({"send_data"});
  }
}

// PERMISSION_DENIED: yes, and refused
TEST_F(OutcomeTest, DeniedIsRefused) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Refuse("ACCESS_DENIED"));
  ExpectFailure(Send(), StatusCode::PERMISSION_DENIED,
                {"", kGateway, kSink, mesh::RESULT_CODE_ACCESS_DENIED, true, kRefused});
  ExpectSeen({"send_data"});
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

// RESOURCE_EXHAUSTED, without a GatewayError: not known
TEST_F(OutcomeTest, WhatGrpcFindsTooLargeTellsNothing) {
  Stack::Options options;
  options.service = {"--max_message_bytes", "4MiB"};
  ASSERT_NO_FATAL_FAILURE(Start(std::move(options)));
  auto large = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
  large.set_sequence(7);
  large.set_scratchpad(std::string(5 << 20, 'x'));
  StreamReader<mesh::UploadScratchpadResponse> upload(stub(), &Stub::UploadScratchpad, large);
  const auto status = upload.WaitForEnd();
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->error_code(), StatusCode::RESOURCE_EXHAUSTED) << status->error_message();
  EXPECT_FALSE(GatewayErrorOf(*status).has_value());
  ExpectSeen({});
  // And a response that the client's own library finds too large, of a request that was sent.
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(1);
  const auto narrow = mesh::NetworkService::NewStub(grpc::CreateCustomChannel(
      stack_->service().address(), grpc::InsecureChannelCredentials(), arguments));
  const grpc::Status sent =
      Call(narrow.get(), &Stub::SendMessage, SendRequest(kGateway, kSink)).status;
  EXPECT_EQ(sent.error_code(), StatusCode::RESOURCE_EXHAUSTED) << sent.error_message();
  EXPECT_FALSE(GatewayErrorOf(sent).has_value());
  ExpectSeen({"send_data"});
}

// RESOURCE_EXHAUSTED: yes, and refused each time; no, if the GatewayError has no request id
TEST_F(OutcomeTest, ASinkWithoutRoomRefusesAndOthersWaitUnsent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Refuse("SINK_OUT_OF_MEMORY"));
  grpc::Status refused;
  grpc::Status waited;
  // On a busy machine the client's own clock may run out first, which tells nothing.
  const auto told = [&] { return GatewayErrorOf(refused) && GatewayErrorOf(waited); };
  for (int i = 0; i < 5 && !told(); ++i) {
    const size_t before = peer_->messages().size();
    SendCall first(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink), absl::Seconds(8));
    // Tried again: those that come later wait behind it.
    ASSERT_TRUE(Eventually([&] { return peer_->messages().size() >= before + 2; }));
    SendCall second(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink, "second"),
                    absl::Seconds(3));
    waited = second.Get().status;
    refused = first.Get().status;
  }
  ExpectFailure(waited, StatusCode::RESOURCE_EXHAUSTED,
                {"nothing was sent", kGateway, kSink, mesh::RESULT_CODE_SINK_OUT_OF_MEMORY});
  ExpectFailure(refused, StatusCode::RESOURCE_EXHAUSTED,
                {"", kGateway, kSink, mesh::RESULT_CODE_SINK_OUT_OF_MEMORY, true, kRefused});
  for (const MqttPeer::Message& message : peer_->messages()) {
    EXPECT_NE(Decoded(message.payload).send_packet_req().payload(), "second");
  }
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

// CANCELLED: not known
TEST_F(OutcomeTest, WhatTheClientCancelsTellsNothing) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  SendCall call(stub(), &Stub::SendMessage, SendRequest(kGateway, kSink), absl::Hours(1));
  ASSERT_TRUE(Out("send_data"));
  call.Cancel();
  const grpc::Status status = call.Get().status;
  EXPECT_EQ(status.error_code(), StatusCode::CANCELLED);
  EXPECT_FALSE(GatewayErrorOf(status).has_value());
  ExpectSeen({"send_data"});
}

// Request ids are remembered by one run of the service.
TEST_F(OutcomeTest, ARepetitionIsSafeUntilTheServiceIsRestarted) {
  ASSERT_NO_FATAL_FAILURE(Start());
  auto request = SendRequest(kGateway, kSink);
  request.set_request_id(0xABCDEF0123456789);
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, request).status));
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, request).status));
  ExpectSeen({"send_data"});
  stack_->StopService();
  ASSERT_TRUE(IsOk(stack_->StartService()));
  ASSERT_TRUE(IsOk(stack_->WaitForGateways(2)));
  EXPECT_TRUE(IsOk(Call(stub(), &Stub::SendMessage, request).status));
  EXPECT_THAT(Seen(), testing::Contains("send_data"));
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

// DATA_LOSS: yes: it may have been carried out
TEST_F(OutcomeTest, AScratchpadThatTheSinkReportsOtherwiseIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"wrong_scratchpad", true}}));
  mesh::LoadScratchpadRequest request;
  mesh::SinkRef* sink = request.mutable_scope()->add_sinks();
  sink->set_gateway_id(kGateway);
  sink->set_sink_id(kSink);
  request.set_scratchpad(OtapFile(200));
  request.set_sequence(7);
  const Loaded loaded = Load(stack_->service().otap_stub(), request);
  ASSERT_EQ(loaded.summary.sinks_size(), 1);
  ExpectFailure(loaded.summary.sinks(0).error(), StatusCode::DATA_LOSS,
                {"all is sent", kGateway, kSink, kNoAnswer, true, kUnknown});
  ExpectSeen({"otap_load_scratchpad", "otap_status"});
}

// INTERNAL: yes: it may have been carried out
TEST_F(OutcomeTest, AFailureOfTheGatewayIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Refuse("INTERNAL_ERROR"));
  ExpectFailure(Send(), StatusCode::INTERNAL,
                {"", kGateway, kSink, mesh::RESULT_CODE_INTERNAL_ERROR, true, kUnknown});
  ExpectSeen({"send_data"});
}

// UNKNOWN: yes: it may have been carried out
TEST_F(OutcomeTest, ACodeThatIsNotKnownIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Refuse("UNKNOWN_ERROR_CODE"));
  ExpectFailure(Send(), StatusCode::UNKNOWN,
                {"", kGateway, kSink, mesh::RESULT_CODE_UNKNOWN, true, kUnknown});
  ExpectSeen({"send_data"});
}

}  // namespace
}  // namespace wirepas_grpc::integration
