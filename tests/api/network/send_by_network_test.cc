// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include "google/rpc/error_details.pb.h"
#include "tests/api/network/network_sending_fixture.h"

namespace wirepas_grpc::api {
namespace {

using Stub = mesh::NetworkService::Stub;
using testing::SizeIs;

class SendByNetworkTest : public NetworkSendingTest {};

TEST_F(SendByNetworkTest, GoesThroughTheSinkThatHeardTheNodeLast) {
  Listen();
  for (const auto& [gateway, sink] : {std::pair("gw1", "b"), std::pair("gw2", "c"),
                                      std::pair("gw1", "b"), std::pair("gw1", "a")}) {
    Hear(gateway, sink);
    Call call(stub_.get(), &Stub::SendMessage, ByNetwork());
    const Incoming incoming = NextRequest();
    EXPECT_EQ(incoming.topic, absl::StrCat("gw-request/send_data/", gateway, "/", sink));
    AnswerSend(incoming);
    ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
    EXPECT_EQ(call.response().sink().gateway_id(), gateway);
    EXPECT_EQ(call.response().sink().sink_id(), sink);
    EXPECT_EQ(call.response().sent().request_id(), incoming.id);
    ASSERT_THAT(call.response().results(), SizeIs(1));
    EXPECT_EQ(call.response().results(0).sink().sink_id(), sink);
    EXPECT_EQ(call.response().results(0).sent().request_id(), incoming.id);
  }
}

TEST_F(SendByNetworkTest, PassesOverSinksOfOfflineGateways) {
  Listen();
  Hear("gw1", "b");
  Hear("gw2", "c");
  SetOffline("gw2", {"c"});
  Call call(stub_.get(), &Stub::SendMessage, ByNetwork());
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/send_data/gw1/b");
  AnswerSend(incoming);
  EXPECT_TRUE(call.Finish().ok()) << call.Finish().error_message();
}

TEST_F(SendByNetworkTest, AnUnheardNodeIsNotFoundAndSaysSinceWhenTheServiceListens) {
  Call first(stub_.get(), &Stub::SendMessage, ByNetwork());
  ExpectStatus(first.Finish(), grpc::StatusCode::NOT_FOUND,
               {"network 12", "node 7", "begins to listen", "nothing was sent"});
  EXPECT_EQ(DetailOf(first.Finish()).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  const std::string filter = core::NetworkListening::TopicFilter(kNetwork);
  ASSERT_TRUE(broker_.WaitForWanted(filter, true)) << "the first call lets the service listen";
  broker_.Flush();
  Await([&] { return nodes_.observed_since(kNetwork).has_value(); });
  mesh::SendMessageRequest request = ByNetwork();
  request.set_if_unheard(mesh::IF_UNHEARD_FAIL);
  Call second(stub_.get(), &Stub::SendMessage, request);
  ExpectStatus(second.Finish(), grpc::StatusCode::NOT_FOUND, {"since the service listens, "});
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(SendByNetworkTest, AnUnheardNodeCanBeReachedThroughAllSinks) {
  mesh::SendMessageRequest request = ByNetwork();
  request.set_if_unheard(mesh::IF_UNHEARD_ALL_SINKS);
  Call call(stub_.get(), &Stub::SendMessage, request);
  std::map<std::string, Incoming> incoming;
  for (int i = 0; i < 3; ++i) {
    const Incoming next = NextRequest();
    incoming[next.topic] = next;
  }
  AnswerSend(incoming.at("gw-request/send_data/gw1/a"), gw::INTERNAL_ERROR);
  AnswerSend(incoming.at("gw-request/send_data/gw2/c"));
  Await([&] { return network_.tracker().pending() == 1; });
  core::Drain(&executor_, 2);
  AnswerSend(incoming.at("gw-request/send_data/gw1/b"));
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_THAT(call.response().results(), SizeIs(3));
  EXPECT_EQ(call.response().results(0).error().code(), grpc::StatusCode::INTERNAL);
  EXPECT_TRUE(call.response().results(1).has_sent());
  EXPECT_TRUE(call.response().results(2).has_sent());
  EXPECT_EQ(call.response().sink().sink_id(), "c") << "the first that took it";
}

TEST_F(SendByNetworkTest, MulticastAndBroadcastGoThroughAllSinksThatAreNotOffline) {
  SetOffline("gw2", {"c"});
  for (const uint32_t destination : {0x80000000u, 0x80FFFFFFu, 0xFFFFFFFEu, 0xFFFFFFFFu}) {
    Call call(stub_.get(), &Stub::SendMessage, ByNetwork(destination));
    AnswerSend(NextRequest());
    AnswerSend(NextRequest());
    ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
    EXPECT_THAT(call.response().results(), SizeIs(2));
  }
}

TEST_F(SendByNetworkTest, WhenNoSinkTookItTheLeastCertainOneDecides) {
  Call call(stub_.get(), &Stub::SendMessage, ByNetwork(0xFFFFFFFF));
  for (int i = 0; i < 3; ++i) {
    const Incoming incoming = NextRequest();
    if (incoming.topic == "gw-request/send_data/gw1/a") AnswerSend(incoming, gw::ACCESS_DENIED);
    if (incoming.topic == "gw-request/send_data/gw2/c") AnswerSend(incoming, gw::INVALID_ROLE);
  }
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(2));
  ExpectStatus(call.Finish(), grpc::StatusCode::DEADLINE_EXCEEDED,
               {"'gw1'", "'b'", "no other sink took it", "'c' (FAILED_PRECONDITION)"});
  EXPECT_EQ(DetailOf(call.Finish()).sink_id(), "b");
  EXPECT_EQ(DetailOf(call.Finish()).outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
}

TEST_F(SendByNetworkTest, ANetworkWithoutSinksIsNotFoundAndOneThatIsOfflineUnavailable) {
  mesh::SendMessageRequest request = ByNetwork(0xFFFFFFFF);
  request.set_network_address(13);
  Call none(stub_.get(), &Stub::SendMessage, request);
  ExpectStatus(none.Finish(), grpc::StatusCode::NOT_FOUND, {"network 13", "no sink"});
  SetOffline("gw1", {"a", "b"});
  SetOffline("gw2", {"c"});
  Call offline(stub_.get(), &Stub::SendMessage, ByNetwork(0xFFFFFFFF));
  ExpectStatus(offline.Finish(), grpc::StatusCode::UNAVAILABLE, {"network 12", "offline"});
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(SendByNetworkTest, ARepeatedIdGoesThroughTheFirstSinksAndIsNotSentAgain) {
  Listen();
  Hear("gw1", "a");
  mesh::SendMessageRequest request = ByNetwork();
  request.set_request_id(0x123456789abcdef0);
  Call first(stub_.get(), &Stub::SendMessage, request);
  const Incoming incoming = NextRequest();
  EXPECT_NE(incoming.id, request.request_id());
  AnswerSend(incoming);
  ASSERT_TRUE(first.Finish().ok()) << first.Finish().error_message();
  Hear("gw2", "c");
  Call again(stub_.get(), &Stub::SendMessage, request);
  ASSERT_TRUE(again.Finish().ok()) << again.Finish().error_message();
  EXPECT_EQ(again.response().ShortDebugString(), first.response().ShortDebugString());
  EXPECT_EQ(broker_.published_count(), 0u);
  // Not another message, network or sink.
  mesh::SendMessageRequest payload = request;
  payload.mutable_message()->set_payload("other");
  mesh::SendMessageRequest network = request;
  network.set_network_address(13);
  mesh::SendMessageRequest sink = request;
  *sink.mutable_sink() = Request().sink();
  for (const mesh::SendMessageRequest& other : {payload, network, sink}) {
    Call call(stub_.get(), &Stub::SendMessage, other);
    ExpectStatus(call.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"request_id"});
  }
  // What is known is told without a broker, too.
  broker_.Disconnect();
  broker_.Flush();
  service_.Drain();
  Call late(stub_.get(), &Stub::SendMessage, request);
  ASSERT_TRUE(late.Finish().ok()) << late.Finish().error_message();
  EXPECT_EQ(late.response().ShortDebugString(), first.response().ShortDebugString());
}

TEST_F(SendByNetworkTest, AnIdThatWasUsedWithASinkIsNotOneByNetwork) {
  mesh::SendMessageRequest request = Request();
  request.set_request_id(99);
  Call first(stub_.get(), &Stub::SendMessage, request);
  AnswerSend(NextRequest());
  ASSERT_TRUE(first.Finish().ok()) << first.Finish().error_message();
  mesh::SendMessageRequest by_network = ByNetwork(0xFFFFFFFF);
  by_network.set_request_id(99);
  Call second(stub_.get(), &Stub::SendMessage, by_network);
  ExpectStatus(second.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"request_id"});
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(SendByNetworkTest, AFirstOneThatHadNoEffectDoesNotCount) {
  Listen();
  Hear("gw1", "a");
  mesh::SendMessageRequest request = ByNetwork();
  request.set_request_id(100);
  SetOffline("gw2", {"c"});
  SetOffline("gw1", {"a", "b"});
  Call first(stub_.get(), &Stub::SendMessage, request);
  ExpectStatus(first.Finish(), grpc::StatusCode::UNAVAILABLE, {"offline"});
  AddGateway("gw2", {"c"});
  Await([&] { return network_.directory().Find("gw2")->reachable(); });
  Hear("gw2", "c");
  request.mutable_message()->set_payload("even another");
  Call second(stub_.get(), &Stub::SendMessage, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.topic, "gw-request/send_data/gw2/c");
  AnswerSend(incoming);
  EXPECT_TRUE(second.Finish().ok()) << second.Finish().error_message();
}

TEST_F(SendByNetworkTest, HoldsAnInterestInTheNetworkForTheLinger) {
  const std::string filter = core::NetworkListening::TopicFilter(kNetwork);
  EXPECT_FALSE(Subscribed(filter));
  Call call(stub_.get(), &Stub::SendMessage, ByNetwork());
  call.Finish();
  ASSERT_TRUE(broker_.WaitForWanted(filter, true));
  broker_.Flush();
  Advance(core::NodeCollector::Options().linger - absl::Seconds(1));
  EXPECT_TRUE(Subscribed(filter));
  Advance(absl::Seconds(1));
  EXPECT_TRUE(broker_.WaitForWanted(filter, false));
}

TEST_F(SendByNetworkTest, TellsHowOftenItWasSentAgain) {
  Listen();
  Hear("gw1", "a");
  Call call(stub_.get(), &Stub::SendMessage, ByNetwork());
  AnswerSend(NextRequest(), gw::SINK_OUT_OF_MEMORY);
  Await([&] {
    Advance(absl::Milliseconds(50));
    return broker_.published_count() > 0;
  });
  AnswerSend(NextRequest());
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_EQ(call.response().sent().retry_count(), 1u);
  EXPECT_EQ(call.response().results(0).sent().retry_count(), 1u);
}

TEST_F(SendByNetworkTest, CancelledItLeavesNothing) {
  Call call(stub_.get(), &Stub::SendMessage, ByNetwork(0xFFFFFFFF));
  for (int i = 0; i < 3; ++i) NextRequest();
  call.Cancel();
  Await([&] { return network_.tracker().pending() == 0; });
}

}  // namespace
}  // namespace wirepas_grpc::api
