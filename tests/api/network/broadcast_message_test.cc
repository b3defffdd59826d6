// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "tests/api/network/sending_fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;
using testing::SizeIs;

class BroadcastMessageTest : public SendingTest {
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

TEST_F(BroadcastMessageTest, OfAnOfflineGatewayASinkHasAResultUnlessTheScopeSkipsIt) {
  Retain("gw2", Status("gw2", {"c"}, /*online=*/false));
  Await([&] { return !network_.directory().Find("gw2")->reachable(); });
  mesh::BroadcastMessageRequest request = Broadcast();
  Call call(stub_.get(), &Stub::BroadcastMessage, request);
  AnswerSend(NextRequest());
  AnswerSend(NextRequest());
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_THAT(call.response().results(), SizeIs(3));
  EXPECT_EQ(call.response().results(2).error().code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(call.response().results(2).error().gateway_error().outcome(),
            mesh::REQUEST_OUTCOME_NOT_SENT);
  EXPECT_THAT(call.response().skipped(), SizeIs(0));
  request.mutable_scope()->set_skip_offline(true);
  Call skipping(stub_.get(), &Stub::BroadcastMessage, request);
  AnswerSend(NextRequest());
  AnswerSend(NextRequest());
  ASSERT_TRUE(skipping.Finish().ok()) << skipping.Finish().error_message();
  EXPECT_THAT(skipping.response().results(), SizeIs(2));
  ASSERT_THAT(skipping.response().skipped(), SizeIs(1));
  EXPECT_EQ(skipping.response().skipped(0).sink().gateway_id(), "gw2");
  EXPECT_EQ(skipping.response().skipped(0).sink().sink_id(), "c");
  EXPECT_EQ(skipping.response().skipped(0).reason(), mesh::SKIP_REASON_GATEWAY_OFFLINE);
}

TEST_F(BroadcastMessageTest, GoesThroughNamedSinksAndTellsOfTheOthersOfTheNetwork) {
  mesh::BroadcastMessageRequest request = Broadcast();
  mesh::SinkRef& named = *request.mutable_scope()->add_sinks();
  named.set_gateway_id("gw1");
  named.set_sink_id("b");
  Call call(stub_.get(), &Stub::BroadcastMessage, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/send_data/gw1/b");
  AnswerSend(incoming);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_THAT(call.response().skipped(), SizeIs(2));
  EXPECT_EQ(call.response().skipped(0).sink().sink_id(), "a");
  EXPECT_EQ(call.response().skipped(1).sink().sink_id(), "c");
  EXPECT_EQ(call.response().skipped(1).reason(), mesh::SKIP_REASON_NOT_IN_SCOPE);
  // Without a network there are no others.
  request.mutable_scope()->clear_network_address();
  Call of_sinks(stub_.get(), &Stub::BroadcastMessage, request);
  AnswerSend(NextRequest());
  ASSERT_TRUE(of_sinks.Finish().ok()) << of_sinks.Finish().error_message();
  EXPECT_THAT(of_sinks.response().results(), SizeIs(1));
  EXPECT_THAT(of_sinks.response().skipped(), SizeIs(0));
}

TEST_F(BroadcastMessageTest, ARepeatedIdIsSentToThoseThatHaveNotHadIt) {
  mesh::BroadcastMessageRequest request = Broadcast();
  request.set_request_id(0x123456789abcdef0);
  request.mutable_scope()->add_gateway_ids("gw1");
  Call first(stub_.get(), &Stub::BroadcastMessage, request);
  std::set<uint64_t> ids;
  for (int i = 0; i < 2; ++i) {
    const Incoming incoming = NextRequest();
    ids.insert(incoming.id);
    AnswerSend(incoming);
  }
  ASSERT_TRUE(first.Finish().ok()) << first.Finish().error_message();
  ids.insert(request.request_id());
  EXPECT_THAT(ids, SizeIs(3)) << "each sink has one of its own";
  request.mutable_scope()->clear_gateway_ids();
  Call again(stub_.get(), &Stub::BroadcastMessage, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/send_data/gw2/c");
  AnswerSend(incoming);
  ASSERT_TRUE(again.Finish().ok()) << again.Finish().error_message();
  ASSERT_THAT(again.response().results(), SizeIs(3));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(again.response().results(i).sent().request_id(),
              first.response().results(i).sent().request_id());
  }
  EXPECT_EQ(broker_.published_count(), 0u);
  // Another message is one for no sink that has had it.
  request.mutable_message()->set_payload("other");
  Call other(stub_.get(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(other.Finish().ok()) << other.Finish().error_message();
  ASSERT_THAT(other.response().results(), SizeIs(3));
  for (const mesh::SinkSendResult& result : other.response().results()) {
    EXPECT_EQ(result.error().code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(result.error().reason(), mesh::ERROR_REASON_INVALID_FIELD);
    EXPECT_EQ(result.error().field(), "request_id");
  }
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(BroadcastMessageTest, ARepeatedIdIsToldWithoutABrokerAndDuringAShutdown) {
  mesh::BroadcastMessageRequest request = Broadcast();
  request.set_request_id(77);
  Call first(stub_.get(), &Stub::BroadcastMessage, request);
  for (int i = 0; i < 3; ++i) AnswerSend(NextRequest());
  ASSERT_TRUE(first.Finish().ok()) << first.Finish().error_message();
  broker_.Disconnect();
  broker_.Flush();
  Call unconnected(stub_.get(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(unconnected.Finish().ok()) << unconnected.Finish().error_message();
  EXPECT_EQ(unconnected.response().ShortDebugString(), first.response().ShortDebugString());
  service_.Drain();
  Call draining(stub_.get(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(draining.Finish().ok()) << draining.Finish().error_message();
  EXPECT_EQ(draining.response().ShortDebugString(), first.response().ShortDebugString());
  // What is new is refused.
  request.set_request_id(78);
  Call refused(stub_.get(), &Stub::BroadcastMessage, request);
  ASSERT_TRUE(refused.Finish().ok()) << refused.Finish().error_message();
  for (const mesh::SinkSendResult& result : refused.response().results()) {
    EXPECT_EQ(result.error().code(), grpc::StatusCode::UNAVAILABLE);
  }
}

TEST_F(BroadcastMessageTest, WithoutABrokerItIsUnavailable) {
  broker_.Disconnect();
  broker_.Flush();
  mesh::BroadcastMessageRequest request = Broadcast();
  Call call(stub_.get(), &Stub::BroadcastMessage, request);
  ExpectStatus(call.Finish(), grpc::StatusCode::UNAVAILABLE, {"not connected"});
  request.set_request_id(77);
  request.mutable_scope()->set_network_address(13);
  service_.Drain();
  Call unknown(stub_.get(), &Stub::BroadcastMessage, request);
  ExpectStatus(unknown.Finish(), grpc::StatusCode::UNAVAILABLE, {"shutting down"});
}

TEST_F(BroadcastMessageTest, NamesTheFieldThatIsWrong) {
  mesh::BroadcastMessageRequest request = Broadcast();
  request.clear_scope();
  Call scope(stub_.get(), &Stub::BroadcastMessage, request);
  ExpectStatus(scope.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"scope: missing"});
  request = Broadcast();
  request.set_request_id(0);
  Call id(stub_.get(), &Stub::BroadcastMessage, request);
  ExpectStatus(id.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"request_id:"});
}

}  // namespace
}  // namespace wirepas_grpc::api
