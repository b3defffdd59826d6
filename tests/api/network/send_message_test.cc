// SPDX-License-Identifier: Apache-2.0
#include "tests/api/network/sending_fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;

class SendMessageTest : public SendingTest {};

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

}  // namespace
}  // namespace wirepas_grpc::api
