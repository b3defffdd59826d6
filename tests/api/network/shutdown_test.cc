// SPDX-License-Identifier: Apache-2.0
//
// For what a shutdown waits, and for what it does not.
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;

constexpr absl::Duration kAtOnce = absl::ZeroDuration();
constexpr absl::Duration kPatience = absl::Seconds(30);

class ApiShutdownTest : public ServiceTest {
 protected:
  void SetUp() override {
    AddGateway("gw1", {"a"});
    ConnectAndSync();
  }
  static mesh::SendMessageRequest Request() {
    mesh::SendMessageRequest request;
    request.mutable_sink()->set_gateway_id("gw1");
    request.mutable_sink()->set_sink_id("a");
    request.mutable_message()->set_destination_address(5);
    return request;
  }
  bool IsIdle() { return service_.AwaitIdle(kAtOnce); }
};

TEST_F(ApiShutdownTest, ACallThatWaitsForItsAnswerIsWaitedFor) {
  EXPECT_TRUE(IsIdle());
  Call call(stub_.get(), &Stub::SendMessage, Request());
  const Incoming incoming = NextRequest();
  EXPECT_FALSE(IsIdle());
  service_.Drain();
  EXPECT_FALSE(IsIdle());
  gw::WirepasMessage answer;
  answer.mutable_send_packet_resp();
  Answer(incoming, answer);
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_TRUE(service_.AwaitIdle(kPatience));
}

// An answer is listened for as long as the id is remembered.
TEST_F(ApiShutdownTest, AnAnswerThatNoCallWaitsForIsNotWaitedFor) {
  auto request = Request();
  request.set_request_id(0xABCDEF0123456789);
  Call call(stub_.get(), &Stub::SendMessage, request);
  NextRequest();
  Advance(absl::Seconds(2));
  ExpectStatus(call.Finish(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(network_.tracker().pending(), 1u);
  service_.Drain();
  EXPECT_TRUE(service_.AwaitIdle(kPatience));
}

TEST_F(ApiShutdownTest, TheServicesOwnQuestionsAreNotWaitedFor) {
  AddGateway("gw2", {});
  EXPECT_EQ(NextRequest().topic, "gw-request/get_configs/gw2");
  EXPECT_EQ(network_.tracker().pending(), 1u);
  service_.Drain();
  EXPECT_TRUE(service_.AwaitIdle(kPatience));
}

TEST_F(ApiShutdownTest, ACallBetweenTwoTriesIsWaitedFor) {
  Call call(stub_.get(), &Stub::SendMessage, Request());
  gw::WirepasMessage answer;
  answer.mutable_send_packet_resp();
  Answer(NextRequest(), answer, gw::SINK_OUT_OF_MEMORY);
  Await([&] { return service_.engine()->sender.queues().waiting() == 1; });
  EXPECT_EQ(network_.tracker().pending(), 0u);
  service_.Drain();
  EXPECT_FALSE(IsIdle());
  Advance(absl::Seconds(1));
  Answer(NextRequest(), answer);
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_TRUE(service_.AwaitIdle(kPatience));
}

TEST_F(ApiShutdownTest, AStreamThatActsIsWaitedForAndOneThatReadsIsNot) {
  grpc::ClientContext reading;
  const auto watch = stub_->WatchBroker(&reading, mesh::WatchBrokerRequest());
  mesh::WatchBrokerResponse state;
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_TRUE(IsIdle());
  grpc::ClientContext acting;
  const auto messages = stub_->SendMessages(&acting);
  mesh::SendMessagesRequest request;
  *request.mutable_request() = Request();
  ASSERT_TRUE(messages->Write(request));
  const Incoming incoming = NextRequest();
  service_.Drain();
  EXPECT_FALSE(IsIdle());
  gw::WirepasMessage answer;
  answer.mutable_send_packet_resp();
  Answer(incoming, answer);
  mesh::SendMessagesResponse response;
  EXPECT_TRUE(messages->Read(&response));
  EXPECT_FALSE(messages->Read(&response));
  messages->Finish();
  EXPECT_TRUE(service_.AwaitIdle(kPatience));
  watch->Finish();
}

TEST_F(ApiShutdownTest, ABroadcastThatHasSentNothingIsUnavailable) {
  AddGateway("gw2", {});
  EXPECT_EQ(NextRequest().topic, "gw-request/get_configs/gw2");
  mesh::BroadcastMessageRequest request;
  request.mutable_scope()->set_network_address(12);
  request.mutable_scope()->add_gateway_ids("gw2");
  request.mutable_message()->set_destination_address(5);
  Call call(stub_.get(), &Stub::BroadcastMessage, request);
  EXPECT_EQ(NextRequest().topic, "gw-request/get_configs/gw2");
  service_.Drain();
  Advance(absl::Seconds(1));
  ExpectStatus(call.Finish(), grpc::StatusCode::UNAVAILABLE, {"shutting down"});
}

}  // namespace
}  // namespace wirepas_grpc::api
