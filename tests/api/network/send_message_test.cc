// SPDX-License-Identifier: Apache-2.0
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;
using testing::SizeIs;

class SendMessageTest : public ServiceTest {
 protected:
  void SetUp() override {
    AddGateway("gw1", {"a", "b"});
    AddGateway("gw2", {"c"});
    ConnectAndSync();
  }

  static mesh::SendMessageRequest Request() {
    mesh::SendMessageRequest request;
    request.mutable_sink()->set_gateway_id("gw1");
    request.mutable_sink()->set_sink_id("a");
    request.mutable_message()->set_destination_address(5);
    request.mutable_message()->set_payload("hello");
    return request;
  }
  void AnswerSend(const Incoming& incoming, gw::ErrorCode result = gw::OK) {
    gw::WirepasMessage answer;
    answer.mutable_send_packet_resp();
    Answer(incoming, answer, result);
  }
};

TEST_F(SendMessageTest, TellsIdAndTime) {
  Call call(stub_.get(), &Stub::SendMessage, Request());
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/send_data/gw1/a");
  EXPECT_EQ(incoming.message.send_packet_req().payload(), "hello");
  Advance(absl::Milliseconds(120));
  AnswerSend(incoming);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_EQ(call.response().sent().request_id(), incoming.id);
  EXPECT_EQ(call.response().sent().gateway_time().nanos(), 120000000);
}

TEST_F(SendMessageTest, ARepeatedIdSendsOnceAndGivesTheFirstResult) {
  mesh::SendMessageRequest request = Request();
  request.set_request_id(0x123456789abcdef0);
  Call first(stub_.get(), &Stub::SendMessage, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.id, request.request_id());
  first.Cancel();
  Call second(stub_.get(), &Stub::SendMessage, request);
  AnswerSend(incoming, gw::ACCESS_DENIED);
  ExpectStatus(second.Finish(), grpc::StatusCode::PERMISSION_DENIED, {"'gw1'", "'a'"});
  EXPECT_EQ(DetailOf(second.Finish()).request_id(), request.request_id());
  EXPECT_EQ(broker_.published_count(), 0u);
  request.mutable_message()->set_payload("other");
  Call other(stub_.get(), &Stub::SendMessage, request);
  ExpectStatus(other.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"request_id"});
}

TEST_F(SendMessageTest, NamesTheFieldThatIsWrong) {
  mesh::SendMessageRequest request = Request();
  request.set_request_id(0);
  Call id(stub_.get(), &Stub::SendMessage, request);
  ExpectStatus(id.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"request_id:"});
  request = Request();
  request.clear_message();
  Call message(stub_.get(), &Stub::SendMessage, request);
  ExpectStatus(message.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"message:"});
  request = Request();
  request.mutable_sink()->set_sink_id("");
  Call sink(stub_.get(), &Stub::SendMessage, request);
  ExpectStatus(sink.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"sink_id: missing"});
  EXPECT_EQ(DetailOf(sink.Finish()).gateway_id(), "gw1");
}

TEST_F(SendMessageTest, ManyCancelledWhilePendingLeaveNothing) {
  for (int i = 0; i < 50; ++i) {
    Call call(stub_.get(), &Stub::SendMessage, Request());
    if (i % 2 == 0) NextRequest();
    call.Cancel();
  }
  Await([&] { return network_.tracker().pending() == 0; });
}

class BroadcastMessageTest : public SendMessageTest {
 protected:
  static mesh::BroadcastMessageRequest Broadcast() {
    mesh::BroadcastMessageRequest request;
    request.mutable_scope()->set_network_address(12);
    *request.mutable_message() = Request().message();
    return request;
  }
};

TEST_F(BroadcastMessageTest, HasAResultPerSinkInOrder) {
  Call call(stub_.get(), &Stub::BroadcastMessage, Broadcast());
  for (int i = 0; i < 3; ++i) {
    const Incoming incoming = NextRequest();
    if (incoming.topic == "gw-request/send_data/gw1/b") {
      AnswerSend(incoming, gw::INTERNAL_ERROR);
    } else if (incoming.topic == "gw-request/send_data/gw2/c") {
      AnswerSend(incoming);
    }
  }
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(2));
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_THAT(call.response().results(), SizeIs(3));
  EXPECT_EQ(call.response().results(0).sink().sink_id(), "a");
  EXPECT_EQ(call.response().results(0).error().code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(call.response().results(1).error().gateway_error().result(),
            mesh::RESULT_CODE_INTERNAL_ERROR);
  EXPECT_EQ(call.response().results(2).sink().gateway_id(), "gw2");
  EXPECT_TRUE(call.response().results(2).has_sent());
}

TEST_F(BroadcastMessageTest, WithoutASinkOrWithAnUnknownGatewayItIsNotFound) {
  mesh::BroadcastMessageRequest request = Broadcast();
  request.mutable_scope()->set_network_address(13);
  Call network(stub_.get(), &Stub::BroadcastMessage, request);
  ExpectStatus(network.Finish(), grpc::StatusCode::NOT_FOUND, {"network 13"});
  request = Broadcast();
  request.mutable_scope()->add_gateway_ids("none");
  Call gateway(stub_.get(), &Stub::BroadcastMessage, request);
  ExpectStatus(gateway.Finish(), grpc::StatusCode::NOT_FOUND, {"'none'"});
  EXPECT_EQ(DetailOf(gateway.Finish()).gateway_id(), "none");
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(BroadcastMessageTest, GoesThroughTheListedGatewaysOnly) {
  mesh::BroadcastMessageRequest request = Broadcast();
  request.mutable_scope()->add_gateway_ids("gw2");
  Call call(stub_.get(), &Stub::BroadcastMessage, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/send_data/gw2/c");
  AnswerSend(incoming);
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_THAT(call.response().results(), SizeIs(1));
}

TEST_F(BroadcastMessageTest, CancelledItLeavesNothing) {
  Call call(stub_.get(), &Stub::BroadcastMessage, Broadcast());
  for (int i = 0; i < 3; ++i) NextRequest();
  call.Cancel();
  Await([&] { return network_.tracker().pending() == 0; });
}

}  // namespace
}  // namespace wirepas_grpc::api
