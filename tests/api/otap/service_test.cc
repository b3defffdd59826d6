// SPDX-License-Identifier: Apache-2.0
//
// The unary RPCs of OtapService.
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/api/fixture.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using Stub = mesh::OtapService::Stub;

// Where the answers of nodes come.
constexpr char kReports[] = "gw-event/received_data/+/+/+/240/255";

class OtapTest : public ServiceTest {
 protected:
  template <typename Request>
  static Request OfNetwork(uint32_t network_address = 12) {
    Request request;
    request.mutable_scope()->set_network_address(network_address);
    return request;
  }

  static gw::WirepasMessage Stored(uint32_t sequence, uint32_t crc) {
    gw::WirepasMessage message;
    auto* status = message.mutable_get_scratchpad_status_resp();
    status->mutable_stored_scratchpad()->set_seq(sequence);
    status->mutable_stored_scratchpad()->set_crc(crc);
    status->mutable_stored_scratchpad()->set_len(sequence == 0 ? 0 : 100);
    status->set_stored_type(sequence == 0 ? gw::BLANK : gw::PRESENT);
    return message;
  }
  static gw::WirepasMessage TargetSet() {
    gw::WirepasMessage message;
    message.mutable_set_scratchpad_target_and_action_resp();
    return message;
  }
  static gw::WirepasMessage Sent() {
    gw::WirepasMessage message;
    message.mutable_send_packet_resp();
    return message;
  }

  // "gw1/a 0", with the code.
  template <typename Response>
  static std::vector<std::string> Results(const Response& response) {
    std::vector<std::string> texts;
    for (const mesh::SinkResult& result : response.results()) {
      texts.push_back(absl::StrCat(result.sink().gateway_id(), "/", result.sink().sink_id(), " ",
                                   result.error().code()));
    }
    return texts;
  }
};

// ---- ListScratchpads ----

TEST_F(OtapTest, ListsWhatSinksReport) {
  AddGateway("gw1", {"a", "b", "c"});
  Retain("off", Status("off", {"c"}, /*online=*/false));
  ConnectAndSync();
  Call call(otap_stub_.get(), &Stub::ListScratchpads, OfNetwork<mesh::ListScratchpadsRequest>());
  std::map<std::string, Incoming> requests;
  for (int i = 0; i < 3; ++i) {
    const Incoming incoming = NextRequest();
    requests[incoming.topic.substr(incoming.topic.size() - 1)] = incoming;
  }
  gw::WirepasMessage answer = Stored(9, 1);
  answer.mutable_get_scratchpad_status_resp()->mutable_target_and_action()->set_action(
      gw::PROPAGATE_ONLY);
  answer.mutable_get_scratchpad_status_resp()->mutable_target_and_action()->set_target_sequence(8);
  Answer(requests["a"], answer);
  Answer(requests["b"], Stored(0, 0));
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(2));
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  const mesh::ListScratchpadsResponse& response = call.response();
  ASSERT_EQ(response.sinks_size(), 4);
  EXPECT_EQ(response.sinks(0).status().stored().sequence(), 9u);
  EXPECT_EQ(response.sinks(0).status().target().sequence(), 8u);
  EXPECT_EQ(response.sinks(1).status().stored_type(), mesh::SCRATCHPAD_TYPE_BLANK);
  EXPECT_EQ(response.sinks(2).sink().sink_id(), "c");
  EXPECT_EQ(response.sinks(2).error().code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(response.sinks(3).error().code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(response.stored_sequences(), ElementsAre(9));
  EXPECT_THAT(response.target_sequences(), ElementsAre(8));
}

TEST_F(OtapTest, ListsPagesAndAsksTheirSinksOnly) {
  AddGateway("gw1", {"a", "b"});
  AddGateway("gw2", {"a"});
  ConnectAndSync();
  auto request = OfNetwork<mesh::ListScratchpadsRequest>();
  request.set_page_size(2);
  Call first(otap_stub_.get(), &Stub::ListScratchpads, request);
  for (int i = 0; i < 2; ++i) {
    const Incoming asked = NextRequest();
    EXPECT_THAT(asked.topic, testing::HasSubstr("/gw1/"));
    Answer(asked, Stored(7, 1));
  }
  ASSERT_TRUE(first.Finish().ok()) << first.Finish().error_message();
  ASSERT_EQ(first.response().sinks_size(), 2);
  EXPECT_THAT(first.response().stored_sequences(), ElementsAre(7));
  ASSERT_NE(first.response().next_page_token(), "");
  request.set_page_token(first.response().next_page_token());
  request.set_page_size(0);  // may change
  Call last(otap_stub_.get(), &Stub::ListScratchpads, request);
  const Incoming asked = NextRequest();
  EXPECT_THAT(asked.topic, testing::HasSubstr("/gw2/a"));
  Answer(asked, Stored(9, 1));
  ASSERT_TRUE(last.Finish().ok()) << last.Finish().error_message();
  ASSERT_EQ(last.response().sinks_size(), 1);
  EXPECT_EQ(last.response().sinks(0).sink().gateway_id(), "gw2");
  EXPECT_THAT(last.response().stored_sequences(), ElementsAre(9));
  EXPECT_EQ(last.response().next_page_token(), "");
  EXPECT_EQ(broker_.published_count(), 0u) << "only the sinks of a page are asked";
  request.set_page_token("no token");
  Call wrong(otap_stub_.get(), &Stub::ListScratchpads, request);
  ExpectInvalidField(wrong.Finish(), "page_token");
}

TEST_F(OtapTest, ACancelledListingLeavesNothing) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  Call call(otap_stub_.get(), &Stub::ListScratchpads, OfNetwork<mesh::ListScratchpadsRequest>());
  NextRequest();
  call.Cancel();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::CANCELLED);
  Await([&] { return network_.tracker().pending() == 0; });
}

TEST_F(OtapTest, ScopesAreCheckedAndFound) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  Call missing(otap_stub_.get(), &Stub::ListScratchpads, mesh::ListScratchpadsRequest());
  ExpectStatus(missing.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"scope: missing"});
  Call other(otap_stub_.get(), &Stub::SetTarget, mesh::SetTargetRequest());
  ExpectStatus(other.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"scope: missing"});
  Call third(otap_stub_.get(), &Stub::RequestNodeStatus, mesh::RequestNodeStatusRequest());
  ExpectStatus(third.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"scope: missing"});
  Call none(otap_stub_.get(), &Stub::ListScratchpads, OfNetwork<mesh::ListScratchpadsRequest>(13));
  ExpectStatus(none.Finish(), grpc::StatusCode::NOT_FOUND, {"network 13"});
}

// ---- SetTarget ----

TEST_F(OtapTest, SetsATargetThatIsGiven) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfNetwork<mesh::SetTargetRequest>();
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY);
  request.mutable_target()->set_sequence(5);
  request.mutable_target()->set_crc(0xbeef);
  request.mutable_target()->set_delay(mesh::SCRATCHPAD_DELAY_ONE_DAY);
  Call call(otap_stub_.get(), &Stub::SetTarget, request);
  const Incoming incoming = NextRequest();
  const auto& target = incoming.message.set_scratchpad_target_and_action_req().target_and_action();
  EXPECT_EQ(target.action(), gw::PROPAGATE_AND_PROCESS_WITH_DELAY);
  EXPECT_EQ(target.target_sequence(), 5u);
  EXPECT_EQ(target.target_crc(), 0xbeefu);
  EXPECT_EQ(target.delay(), gw::ONE_DAY);
  Answer(incoming, TargetSet());
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Results(call.response()), ElementsAre("gw1/a 0"));
  EXPECT_FALSE(call.response().results(0).has_error());
}

TEST_F(OtapTest, ActionsWithoutScratchpadNeedNone) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  for (const auto action : {mesh::SCRATCHPAD_ACTION_NO_OTAP, mesh::SCRATCHPAD_ACTION_LEGACY_OTAP}) {
    auto request = OfNetwork<mesh::SetTargetRequest>();
    request.mutable_target()->set_action(action);
    Call call(otap_stub_.get(), &Stub::SetTarget, request);
    const Incoming incoming = NextRequest();
    ASSERT_TRUE(incoming.message.has_set_scratchpad_target_and_action_req());
    Answer(incoming, TargetSet(), gw::ACCESS_DENIED);
    ASSERT_TRUE(call.Finish().ok());
    EXPECT_THAT(Results(call.response()), ElementsAre("gw1/a 7"));
  }
}

TEST_F(OtapTest, AnUnsetTargetIsWhatTheSinkStores) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfNetwork<mesh::SetTargetRequest>();
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY);
  request.mutable_target()->set_raw(3);
  Call call(otap_stub_.get(), &Stub::SetTarget, request);
  const Incoming question = NextRequest();
  EXPECT_EQ(question.topic, "gw-request/otap_status/gw1/a");
  Answer(question, Stored(6, 77));
  const Incoming incoming = NextRequest();
  const auto& target = incoming.message.set_scratchpad_target_and_action_req().target_and_action();
  EXPECT_EQ(target.target_sequence(), 6u);
  EXPECT_EQ(target.target_crc(), 77u);
  EXPECT_EQ(target.raw(), 3u);
  Answer(incoming, TargetSet());
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Results(call.response()), ElementsAre("gw1/a 0"));
}

TEST_F(OtapTest, WithoutAFittingScratchpadThereIsNoTarget) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfNetwork<mesh::SetTargetRequest>();
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS);
  Call blank(otap_stub_.get(), &Stub::SetTarget, request);
  Answer(NextRequest(), Stored(0, 0));
  ASSERT_TRUE(blank.Finish().ok());
  EXPECT_THAT(Results(blank.response()), ElementsAre("gw1/a 9"));
  request.mutable_target()->set_sequence(5);
  Call another(otap_stub_.get(), &Stub::SetTarget, request);
  Answer(NextRequest(), Stored(6, 77));
  ASSERT_TRUE(another.Finish().ok());
  EXPECT_THAT(Results(another.response()), ElementsAre("gw1/a 9"));
  Call silent(otap_stub_.get(), &Stub::SetTarget, request);
  NextRequest();
  Advance(absl::Seconds(2));
  ASSERT_TRUE(silent.Finish().ok());
  EXPECT_THAT(Results(silent.response()), ElementsAre("gw1/a 4"));
  EXPECT_EQ(broker_.published_count(), 0u);
}

// The question changes nothing.
TEST_F(OtapTest, WhenASinkDoesNotTellWhatItStoresNoTargetWasSent) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfNetwork<mesh::SetTargetRequest>();
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY);
  Call silent(otap_stub_.get(), &Stub::SetTarget, request);
  NextRequest();
  Advance(absl::Seconds(2));
  ASSERT_TRUE(silent.Finish().ok());
  const mesh::CallError untold = silent.response().results(0).error();
  EXPECT_EQ(untold.code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(untold.message(), testing::HasSubstr("no target was sent"));
  EXPECT_EQ(untold.gateway_error().outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  EXPECT_EQ(untold.gateway_error().request_id(), 0u);
  Call refused(otap_stub_.get(), &Stub::SetTarget, request);
  Answer(NextRequest(), Stored(0, 0), gw::SINK_TIMEOUT);
  ASSERT_TRUE(refused.Finish().ok());
  const mesh::CallError error = refused.response().results(0).error();
  EXPECT_EQ(error.code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(error.gateway_error().result(), mesh::RESULT_CODE_SINK_TIMEOUT);
  EXPECT_EQ(error.gateway_error().outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
}

TEST_F(OtapTest, TargetsAreChecked) {
  auto request = OfNetwork<mesh::SetTargetRequest>();
  Call missing(otap_stub_.get(), &Stub::SetTarget, request);
  ExpectStatus(missing.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"target: missing"});
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY);
  Call delay(otap_stub_.get(), &Stub::SetTarget, request);
  ExpectStatus(delay.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"target.delay: missing"});
  request.mutable_target()->set_raw(256);
  Call raw(otap_stub_.get(), &Stub::SetTarget, request);
  ExpectStatus(raw.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"target.raw: 256"});
  request.mutable_target()->set_raw(1);
  request.mutable_target()->set_sequence(255);
  Call sequence(otap_stub_.get(), &Stub::SetTarget, request);
  ExpectStatus(sequence.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"target.sequence: 255"});
}

// ---- RequestNodeStatus ----

TEST_F(OtapTest, AsksAllNodesThroughEverySink) {
  gw::WirepasMessage status = Status("gw1", {"a"});
  status.mutable_status_event()->mutable_configs(0)->set_node_address(55);
  Retain("gw1", status);
  ConnectAndSync();
  Call call(otap_stub_.get(), &Stub::RequestNodeStatus,
            OfNetwork<mesh::RequestNodeStatusRequest>());
  // The sink itself, which does not hear its own broadcast, and all others.
  for (const uint32_t destination : {55u, 0xffffffffu}) {
    const Incoming incoming = NextRequest();
    const gw::SendPacketReq& packet = incoming.message.send_packet_req();
    EXPECT_EQ(packet.destination_address(), destination);
    EXPECT_EQ(packet.source_endpoint(), 255u);
    EXPECT_EQ(packet.destination_endpoint(), 240u);
    EXPECT_EQ(packet.payload(), std::string("\x19\x00", 2));
    Answer(incoming, Sent());
  }
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Results(call.response()), ElementsAre("gw1/a 0"));
}

// What was sent before is not unsent, whatever becomes of the rest.
TEST_F(OtapTest, OnceASinkHasSentOneQuestionItIsNotUnsentAnyMore) {
  gw::WirepasMessage status = Status("gw1", {"a"});
  status.mutable_status_event()->mutable_configs(0)->set_node_address(55);
  Retain("gw1", status);
  ConnectAndSync();
  Call call(otap_stub_.get(), &Stub::RequestNodeStatus,
            OfNetwork<mesh::RequestNodeStatusRequest>());
  const Incoming first = NextRequest();
  Retain("gw1", Status("gw1", {"a"}, /*online=*/false));
  Await([&] { return !network_.directory().Find("gw1")->reachable(); });
  Answer(first, Sent());
  ASSERT_TRUE(call.Finish().ok());
  const mesh::CallError& error = call.response().results(0).error();
  EXPECT_EQ(error.code(), grpc::StatusCode::DEADLINE_EXCEEDED) << error.message();
  EXPECT_EQ(error.gateway_error().outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
  EXPECT_EQ(error.gateway_error().request_id(), first.id);
}

TEST_F(OtapTest, AsksOneNode) {
  gw::WirepasMessage status = Status("gw1", {"a"});
  status.mutable_status_event()->mutable_configs(0)->set_node_address(55);
  Retain("gw1", status);
  ConnectAndSync();
  auto request = OfNetwork<mesh::RequestNodeStatusRequest>();
  request.set_destination_address(1234);
  Call call(otap_stub_.get(), &Stub::RequestNodeStatus, request);
  const Incoming incoming = NextRequest();
  EXPECT_EQ(incoming.message.send_packet_req().destination_address(), 1234u);
  Answer(incoming, Sent(), gw::ACCESS_DENIED);
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Results(call.response()), ElementsAre("gw1/a 7"));
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(OtapTest, ASinkWithoutRoomIsAskedAgain) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfNetwork<mesh::RequestNodeStatusRequest>();
  request.set_destination_address(1234);
  Call call(otap_stub_.get(), &Stub::RequestNodeStatus, request);
  const Incoming refused = NextRequest();
  Answer(refused, Sent(), gw::SINK_OUT_OF_MEMORY);
  Await([&] { return service_.engine()->sender.queues().waiting() == 1; });
  Advance(absl::Milliseconds(100));
  const Incoming again = NextRequest();
  EXPECT_EQ(again.id, refused.id);
  EXPECT_EQ(again.message.send_packet_req().destination_address(), 1234u);
  Answer(again, Sent());
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Results(call.response()), ElementsAre("gw1/a 0"));
}

TEST_F(OtapTest, NodesAreAskedOnceTheirAnswersAreHeard) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  broker_.HoldGrants(true);
  Call call(otap_stub_.get(), &Stub::RequestNodeStatus,
            OfNetwork<mesh::RequestNodeStatusRequest>());
  Await([&] { return Subscribed(kReports); });
  EXPECT_EQ(broker_.published_count(), 0u);
  broker_.HoldGrants(false);
  Answer(NextRequest(), Sent());
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Results(call.response()), ElementsAre("gw1/a 0"));
}

TEST_F(OtapTest, NodesAreAskedAllTheSameWhenTheirAnswersMayNotBeHeard) {
  AddGateway("gw1", {"a"});
  broker_.RefuseSubscription(kReports, absl::PermissionDeniedError("no"));
  ConnectAndSync();
  Call call(otap_stub_.get(), &Stub::RequestNodeStatus,
            OfNetwork<mesh::RequestNodeStatusRequest>());
  Answer(NextRequest(), Sent());
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Results(call.response()), ElementsAre("gw1/a 0"));
}

}  // namespace
}  // namespace wirepas_grpc::api
