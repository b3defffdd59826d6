// SPDX-License-Identifier: Apache-2.0
//
// The end of the service by SIGTERM: what was sent ends with its answer or with what is
// known, what was not says so, and nothing is sent that comes too late.
#include <signal.h>

#include <set>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_rpcs.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/shutdown_fixture.h"
#include "tests/integration/stream_reader.h"

namespace wirepas_grpc::integration {
namespace {

using Stub = mesh::NetworkService::Stub;
using Uplinks = StreamReader<mesh::SubscribeUplinkResponse>;
using BrokerWatch = StreamReader<mesh::WatchBrokerResponse>;
namespace health = grpc::health::v1;

constexpr auto kUnknown = mesh::REQUEST_OUTCOME_UNKNOWN;

TEST_F(ShutdownTest, StreamsThatReadEndAndCallsFinish) {
  ASSERT_NO_FATAL_FAILURE(Start("30s"));
  Uplinks uplinks(stub(), &Stub::SubscribeUplink, mesh::SubscribeUplinkRequest());
  StreamReader<mesh::SubscribeDownlinkResponse> downlinks(stub(), &Stub::SubscribeDownlink,
                                                          mesh::SubscribeDownlinkRequest());
  StreamReader<mesh::WatchNetworkResponse> network(stub(), &Stub::WatchNetwork,
                                                   mesh::WatchNetworkRequest());
  BrokerWatch broker(stub(), &Stub::WatchBroker, mesh::WatchBrokerRequest());
  const auto healths = health::Health::NewStub(stack_->service().NewChannel());
  StreamReader<health::HealthCheckResponse> serving(healths.get(), &health::Health::Stub::Watch,
                                                    health::HealthCheckRequest());
  grpc::ClientContext context;
  const auto messages = stub()->SendMessages(&context);
  messages->WaitForInitialMetadata();
  ASSERT_TRUE(uplinks.Next().has_value());
  ASSERT_TRUE(downlinks.Next().has_value());
  ASSERT_TRUE(network.Next().has_value());
  ASSERT_TRUE(broker.Next().has_value());
  EXPECT_EQ(serving.Next()->status(), health::HealthCheckResponse::SERVING);
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 1500}}));
  AsyncCall<mesh::GetGatewayInfoResponse> call(stub(), &Stub::GetGatewayInfo,
                                               To<mesh::GetGatewayInfoRequest>(kGateway));
  ASSERT_TRUE(Seen(1));

  stack_->service().process().Signal(SIGTERM);
  for (const auto& status :
       {uplinks.WaitForEnd(), downlinks.WaitForEnd(), network.WaitForEnd(), broker.WaitForEnd()}) {
    ASSERT_TRUE(status.has_value());
    ExpectFailure(*status, StatusCode::UNAVAILABLE, {"shutting down"});
  }
  EXPECT_EQ(serving.Next()->status(), health::HealthCheckResponse::NOT_SERVING);
  ExpectFailure(messages->Finish(), StatusCode::UNAVAILABLE, {"shutting down"});
  EXPECT_TRUE(IsOk(call.Get().status));
  serving.Cancel();
  stack_->StopService();  // which ends with 0
}

TEST_F(ShutdownTest, WhatGatewaysHaveSeenAndDoNotAnswerIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Start("2s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  constexpr int kCalls = 500;
  ManySends sends(stub(), kCalls);
  ASSERT_TRUE(Seen(kCalls));
  stack_->service().process().Signal(SIGTERM);
  std::set<uint64_t> ids;
  for (const grpc::Status& status : sends.Finish()) {
    ExpectFailure(status, StatusCode::DEADLINE_EXCEEDED,
                  {"shut down", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true, kUnknown});
    const auto detail = GatewayErrorOf(status);
    if (detail.has_value()) ids.insert(detail->request_id());
  }
  EXPECT_EQ(ids.size(), kCalls);
  ExpectGoodEnd();
  EXPECT_EQ(peer_->messages().size(), kCalls);
}

TEST_F(ShutdownTest, WhatGatewaysAnswerWithinTheGraceSucceeds) {
  ASSERT_NO_FATAL_FAILURE(Start("30s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 1500}}));
  constexpr int kCalls = 500;
  ManySends sends(stub(), kCalls);
  ASSERT_TRUE(Seen(kCalls));
  stack_->service().process().Signal(SIGTERM);
  for (const grpc::Status& status : sends.Finish()) EXPECT_TRUE(IsOk(status));
}

TEST_F(ShutdownTest, SendMessagesAnswersWhatItHasRead) {
  ASSERT_NO_FATAL_FAILURE(Start("30s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 1000}}));
  constexpr int kMessages = 300;
  grpc::ClientContext context;
  const auto stream = stub()->SendMessages(&context);
  mesh::SendMessagesRequest request;
  *request.mutable_request() = SendRequest(kGateway, kSink);
  for (int i = 0; i < kMessages; ++i) {
    request.set_correlation_id(i);
    ASSERT_TRUE(stream->Write(request));
  }
  ASSERT_TRUE(Seen(kMessages));
  ASSERT_NO_FATAL_FAILURE(Terminate());
  for (int i = 0; i < 10; ++i) {
    request.set_correlation_id(kMessages + i);
    stream->Write(request);
  }
  std::set<uint64_t> sent;
  mesh::SendMessagesResponse response;
  while (stream->Read(&response)) {
    if (response.has_sent()) {
      sent.insert(response.correlation_id());
      continue;
    }
    // What the service was about to read.
    EXPECT_GE(response.correlation_id(), kMessages);
    ExpectFailure(response.error(), StatusCode::UNAVAILABLE, {"shutting down", kGateway, kSink});
  }
  EXPECT_EQ(sent.size(), kMessages);
  // Nothing is to repeat the whole stream by itself.
  ExpectFailure(stream->Finish(), StatusCode::DEADLINE_EXCEEDED,
                {"what has no response was not sent", "", "", mesh::RESULT_CODE_UNSPECIFIED, false,
                 kUnknown});
  EXPECT_EQ(peer_->messages().size(), kMessages);
}

TEST_F(ShutdownTest, NothingThatComesLaterIsSent) {
  ASSERT_NO_FATAL_FAILURE(Start("60s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"answer_delay_ms", 5000}}));
  AsyncCall<mesh::GetGatewayInfoResponse> call(stub(), &Stub::GetGatewayInfo,
                                               To<mesh::GetGatewayInfoRequest>(kGateway));
  ASSERT_TRUE(Seen(1));
  ASSERT_NO_FATAL_FAILURE(Terminate());
  // On the connection that is there.
  for (const GatewayRpc& rpc : GatewayRpcs()) {
    SCOPED_TRACE(rpc.name);
    Says says = {"shutting down", kGateway, rpc.names_sink ? kSink : ""};
    if (rpc.name == "UploadScratchpad") says = {"shutting down"};  // as all streams
    ExpectFailure(rpc.Run(stub(), kGateway, kSink, kBound), StatusCode::UNAVAILABLE, says);
  }
  EXPECT_TRUE(IsOk(call.Get().status));
  ExpectGoodEnd();
  EXPECT_EQ(peer_->messages().size(), 1u);
}

TEST_F(ShutdownTest, WithoutAGraceWhatWasSentIsUnknownAllTheSame) {
  ASSERT_NO_FATAL_FAILURE(Start("0s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"no_answer", "all"}}));
  constexpr int kCalls = 20;
  ManySends sends(stub(), kCalls);
  ASSERT_TRUE(Seen(kCalls));
  stack_->service().process().Signal(SIGTERM);
  for (const grpc::Status& status : sends.Finish()) {
    ExpectFailure(status, StatusCode::DEADLINE_EXCEEDED,
                  {"shut down", kGateway, kSink, mesh::RESULT_CODE_UNSPECIFIED, true, kUnknown});
  }
  ExpectGoodEnd();
}

// The second message waits behind one for which the sink has no room.
TEST_F(ShutdownTest, WhatWaitsUnsentAtTheEndOfTheGraceIsNotSent) {
  ASSERT_NO_FATAL_FAILURE(Start("3s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"error_codes", {{"all", "SINK_OUT_OF_MEMORY"}}}}));
  AsyncCall<mesh::SendMessageResponse> first(stub(), &Stub::SendMessage,
                                             SendRequest(kGateway, kSink), absl::Hours(1));
  ASSERT_TRUE(Seen(2));  // tried again: those that come later wait behind it
  AsyncCall<mesh::SendMessageResponse> second(
      stub(), &Stub::SendMessage, SendRequest(kGateway, kSink, "second"), absl::Hours(1));
  ASSERT_TRUE(
      Eventually([&] { return stack_->service().Metric("wirepas_grpc_messages_waiting") == 2; }));
  stack_->service().process().Signal(SIGTERM);
  ExpectFailure(second.Get().status, StatusCode::UNAVAILABLE, {"shut", kGateway, kSink});
  const grpc::Status refused = first.Get().status;
  EXPECT_FALSE(refused.ok());
  ExpectGoodEnd();
  for (const MqttPeer::Message& message : peer_->messages()) {
    EXPECT_NE(Decoded(message.payload).send_packet_req().payload(), "second");
  }
}

// While a call is waited for, whoever comes is told in words.
TEST_F(ShutdownTest, WhileAMessageWaitsForRoomNewCallsAreToldWhy) {
  ASSERT_NO_FATAL_FAILURE(Start("60s"));
  ASSERT_NO_FATAL_FAILURE(SetFaults({{"error_codes", {{"all", "SINK_OUT_OF_MEMORY"}}}}));
  AsyncCall<mesh::SendMessageResponse> first(stub(), &Stub::SendMessage,
                                             SendRequest(kGateway, kSink), absl::Hours(1));
  ASSERT_TRUE(Seen(4));  // by now the pauses between two tries are long
  ASSERT_NO_FATAL_FAILURE(Terminate());
  for (int i = 0; i < 20; ++i) {
    ExpectFailure(Call(stub(), &Stub::SendMessage, SendRequest(kOtherGateway, kSink)).status,
                  StatusCode::UNAVAILABLE, {"shutting down", kOtherGateway, kSink});
    absl::SleepFor(absl::Milliseconds(50));
  }
  ASSERT_TRUE(IsOk(stack_->ClearFaults()));
  EXPECT_TRUE(IsOk(first.Get().status));
  ExpectGoodEnd();
}

}  // namespace
}  // namespace wirepas_grpc::integration
