// SPDX-License-Identifier: Apache-2.0
//
// What was sent, or may have been, the rows of docs/errors.md say so: see outcome_fixture.h.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/otap_calls.h"
#include "tests/integration/outcome_fixture.h"
#include "tests/integration/tcp_relay.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;
using SendCall = AsyncCall<mesh::SendMessageResponse>;

constexpr auto kRefused = mesh::REQUEST_OUTCOME_REFUSED;
constexpr auto kUnknown = mesh::REQUEST_OUTCOME_UNKNOWN;
constexpr auto kNoAnswer = mesh::RESULT_CODE_UNSPECIFIED;

// INVALID_ARGUMENT: yes, and refused
TEST_F(OutcomeTest, AValueThatTheGatewayRefusesIsRefused) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Refuse("INVALID_DATA_PAYLOAD"));
  ExpectFailure(Send(), StatusCode::INVALID_ARGUMENT,
                {"", kGateway, kSink, mesh::RESULT_CODE_INVALID_DATA_PAYLOAD, true, kRefused});
  ExpectSeen({"send_data"});
}

// NOT_FOUND: yes, and refused
TEST_F(OutcomeTest, AnUnknownSinkIsRefused) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ExpectFailure(Send(kGateway, "nosuch"), StatusCode::NOT_FOUND,
                {"", kGateway, "nosuch", mesh::RESULT_CODE_INVALID_SINK_ID, true, kRefused});
  ExpectSeen({"send_data"});
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
