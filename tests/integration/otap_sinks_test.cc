// SPDX-License-Identifier: Apache-2.0
//
// OtapService: what it asks all sinks of a network, besides loads.
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/otap_calls.h"

namespace wirepas_grpc::integration {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Pair;

constexpr char kThirdGateway[] = "sim-gw-2";

// Three gateways with two sinks each, and two nodes behind each sink.
class OtapSinksTest : public SharedStack<OtapSinksTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways", "3", "--sinks", "2", "--nodes", "2", "--rate", "0"};
    return options;
  }

 protected:
  static OtapStub* otap() { return stack().service().otap_stub(); }

  void SetUp() override {
    // All have the same scratchpad, none has been processed as it is.
    auto request = OfNetwork<mesh::LoadScratchpadRequest>();
    request.set_scratchpad(OtapFile(500));
    const Loaded loaded = Load(otap(), request);
    ASSERT_EQ(loaded.summary.done_count(), 6u) << loaded.summary.ShortDebugString();
    sequence_ = loaded.responses.front().sequence();
    crc_ = loaded.responses.front().file().crc();
  }

  // The first goes offline, the second does not answer, the third is well.
  static void SpoilTwoGateways(const std::string& silent_request) {
    ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "stop"}})));
    ASSERT_TRUE(Eventually([] {
      const auto listed = Call(stub(), &mesh::NetworkService::Stub::ListGateways, {});
      return listed.response.gateways_size() == 2;
    }));
    ASSERT_TRUE(IsOk(stack().SetFaults(kOtherGateway, {{"no_answer", {silent_request}}})));
  }
  static void MendGateways() {
    ASSERT_TRUE(IsOk(stack().ClearFaults()));
    ASSERT_TRUE(IsOk(stack().Control(kGateway, {{"command", "start"}})));
    ASSERT_TRUE(IsOk(stack().WaitForGateways(3)));
  }
  static void ExpectSpoiled(const std::map<SinkId, int>& codes) {
    ASSERT_EQ(codes.size(), 6u);
    for (const auto& [id, code] : codes) {
      EXPECT_EQ(code, id.first == kGateway        ? StatusCode::UNAVAILABLE
                      : id.first == kOtherGateway ? StatusCode::DEADLINE_EXCEEDED
                                                  : StatusCode::OK)
          << id.first;
    }
  }

  struct Processed {
    std::map<SinkId, int> codes;
    grpc::Status status;
  };
  static Processed Process(const mesh::ProcessScratchpadsRequest& request) {
    StreamReader<mesh::ProcessScratchpadsResponse> reader(otap(), &OtapStub::ProcessScratchpads,
                                                          request);
    Processed processed;
    while (const auto response = reader.Next()) processed.codes.merge(CodesOf(response->results()));
    processed.status = reader.WaitForEnd().value_or(grpc::Status(StatusCode::ABORTED, "no end"));
    return processed;
  }

  uint32_t sequence_ = 0;
  uint32_t crc_ = 0;
};

TEST_F(OtapSinksTest, ListsScratchpadsOfAllSinks) {
  SpoilTwoGateways("otap_status");
  // Without a deadline: the default limit is what ends the wait for the silent one.
  const auto result = Call(otap(), &OtapStub::ListScratchpads,
                           OfNetwork<mesh::ListScratchpadsRequest>(), kNoDeadline);
  ASSERT_TRUE(IsOk(result.status));
  std::map<SinkId, int> codes;
  for (const mesh::SinkScratchpad& sink : result.response.sinks()) {
    codes[IdOf(sink.sink())] = sink.error().code();
    if (!sink.has_status()) continue;
    EXPECT_EQ(sink.status().stored().sequence(), sequence_);
    EXPECT_EQ(sink.status().stored().crc(), crc_);
    EXPECT_EQ(sink.status().stored().length(), 500u);
  }
  ExpectSpoiled(codes);
  EXPECT_THAT(result.response.stored_sequences(), ElementsAre(sequence_));
  MendGateways();
}

TEST_F(OtapSinksTest, ProcessesTheScratchpadsOfAllSinks) {
  const Processed processed = Process(OfNetwork<mesh::ProcessScratchpadsRequest>());
  ASSERT_TRUE(IsOk(processed.status));
  EXPECT_EQ(processed.codes.size(), 6u);
  EXPECT_THAT(processed.codes, Each(Pair(testing::_, StatusCode::OK)));
  for (const auto& [id, sink] : Scratchpads(otap())) {
    EXPECT_EQ(sink.status().processed().sequence(), sequence_);
    EXPECT_EQ(sink.status().stored_type(), mesh::SCRATCHPAD_TYPE_PROCESS);
  }
}

TEST_F(OtapSinksTest, ProcessingFailsForSinksWithoutScratchpad) {
  auto clear = To<mesh::UploadScratchpadRequest>(kOtherGateway, kSink);
  StreamReader<mesh::UploadScratchpadResponse> clearing(
      stub(), &mesh::NetworkService::Stub::UploadScratchpad, clear);
  ASSERT_TRUE(IsOk(*clearing.WaitForEnd()));
  auto request = OfNetwork<mesh::ProcessScratchpadsRequest>();
  Processed processed = Process(request);
  ASSERT_TRUE(IsOk(processed.status));
  for (const auto& [id, code] : processed.codes) {
    const bool cleared = id == SinkId(kOtherGateway, kSink);
    EXPECT_EQ(code, cleared ? StatusCode::FAILED_PRECONDITION : StatusCode::OK) << id.first;
  }
  request.set_max_concurrent(1);
  request.set_stop_at_first_failure(true);
  processed = Process(request);
  ASSERT_TRUE(IsOk(processed.status));
  EXPECT_EQ((processed.codes[{kGateway, kOtherSink}]), StatusCode::OK);
  EXPECT_EQ((processed.codes[{kOtherGateway, kSink}]), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ((processed.codes[{kOtherGateway, kOtherSink}]), StatusCode::ABORTED);
  EXPECT_EQ((processed.codes[{kThirdGateway, kSink}]), StatusCode::ABORTED);
}

TEST_F(OtapSinksTest, CancelledProcessingLeavesNothing) {
  ASSERT_TRUE(IsOk(stack().SetFaults("all", {{"no_answer", {"otap_process_scratchpad"}}})));
  const auto spy = stack().NewPeer({"gw-request/otap_process_scratchpad/#"});
  StreamReader<mesh::ProcessScratchpadsResponse> reader(
      otap(), &OtapStub::ProcessScratchpads, OfNetwork<mesh::ProcessScratchpadsRequest>());
  ASSERT_TRUE(spy->Take([](const auto&) { return true; }).ok());
  reader.Cancel();
  EXPECT_EQ(reader.WaitForEnd()->error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(
      Eventually([] { return stack().service().Metric("wirepas_grpc_pending_requests") == 0; }));
}

TEST_F(OtapSinksTest, SetsEveryKindOfTarget) {
  auto request = OfNetwork<mesh::SetTargetRequest>();
  mesh::TargetScratchpad* target = request.mutable_target();
  const auto set = [&] {
    const auto result = Call(otap(), &OtapStub::SetTarget, request);
    EXPECT_TRUE(IsOk(result.status));
    EXPECT_EQ(result.response.results_size(), 6);
    EXPECT_THAT(CodesOf(result.response.results()), Each(Pair(testing::_, StatusCode::OK)));
    return Scratchpads(otap());
  };
  for (const auto action :
       {mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY, mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS}) {
    target->set_action(action);
    for (const auto& [id, sink] : set()) {
      EXPECT_EQ(sink.status().target().action(), action);
      EXPECT_EQ(sink.status().target().sequence(), sequence_);
      EXPECT_EQ(sink.status().target().crc(), crc_);
    }
  }
  target->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY);
  target->set_delay(mesh::SCRATCHPAD_DELAY_FIVE_DAYS);
  for (const auto& [id, sink] : set()) {
    EXPECT_EQ(sink.status().target().delay(), mesh::SCRATCHPAD_DELAY_FIVE_DAYS);
  }
  target->set_raw(0x4B);
  for (const auto& [id, sink] : set()) EXPECT_EQ(sink.status().target().raw(), 0x4Bu);
  for (const auto action : {mesh::SCRATCHPAD_ACTION_LEGACY_OTAP, mesh::SCRATCHPAD_ACTION_NO_OTAP}) {
    target->Clear();
    target->set_action(action);
    for (const auto& [id, sink] : set()) EXPECT_EQ(sink.status().target().action(), action);
  }
}

TEST_F(OtapSinksTest, TargetsFailPerSink) {
  auto request = OfNetwork<mesh::SetTargetRequest>();
  request.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY);
  for (const std::string silent : {"otap_status", "otap_set_target_scratchpad"}) {
    SpoilTwoGateways(silent);
    const auto result = Call(otap(), &OtapStub::SetTarget, request, kNoDeadline);
    ASSERT_TRUE(IsOk(result.status));
    ExpectSpoiled(CodesOf(result.response.results()));
    MendGateways();
  }
  request.mutable_target()->set_sequence(sequence_ % 254 + 1);
  const auto result = Call(otap(), &OtapStub::SetTarget, request);
  EXPECT_THAT(CodesOf(result.response.results()),
              Each(Pair(testing::_, StatusCode::FAILED_PRECONDITION)));
}

TEST_F(OtapSinksTest, AsksNodesThroughAllSinks) {
  const auto spy = stack().NewPeer({"gw-event/received_data/+/+/+/240/255"});
  const auto result =
      Call(otap(), &OtapStub::RequestNodeStatus, OfNetwork<mesh::RequestNodeStatusRequest>());
  ASSERT_TRUE(IsOk(result.status));
  EXPECT_EQ(result.response.results_size(), 6);
  EXPECT_THAT(CodesOf(result.response.results()), Each(Pair(testing::_, StatusCode::OK)));
  std::set<uint32_t> nodes;
  while (nodes.size() < 12) {
    const auto answer = spy->Take([](const auto&) { return true; });
    ASSERT_TRUE(answer.ok()) << answer.status();
    const gw::WirepasMessage message = Decoded(answer->payload);
    EXPECT_EQ(message.packet_received_event().payload()[0], '\x99');
    nodes.insert(message.packet_received_event().source_address());
  }
}

TEST_F(OtapSinksTest, QuestionsToNodesFailPerSink) {
  SpoilTwoGateways("send_data");
  auto request = OfNetwork<mesh::RequestNodeStatusRequest>();
  request.set_destination_address(77);
  const auto result = Call(otap(), &OtapStub::RequestNodeStatus, request, kNoDeadline);
  ASSERT_TRUE(IsOk(result.status));
  ExpectSpoiled(CodesOf(result.response.results()));
  MendGateways();
}

TEST_F(OtapSinksTest, ScopesNarrowTheNetwork) {
  mesh::ListScratchpadsRequest request;
  const auto count = [&] {
    const auto result = Call(otap(), &OtapStub::ListScratchpads, request);
    EXPECT_TRUE(IsOk(result.status));
    return result.response.sinks_size();
  };
  request.mutable_scope()->set_network_address(kNetwork);
  EXPECT_EQ(count(), 6);
  request.mutable_scope()->add_gateway_ids(kGateway);
  EXPECT_EQ(count(), 2);
  request.mutable_scope()->Clear();
  request.mutable_scope()->add_sinks()->set_gateway_id(kGateway);
  request.mutable_scope()->mutable_sinks(0)->set_sink_id(kOtherSink);
  EXPECT_EQ(count(), 1);
  request.mutable_scope()->set_network_address(kNetwork + 1);
  ExpectFailure(Call(otap(), &OtapStub::ListScratchpads, request).status, StatusCode::NOT_FOUND,
                {"not in network", kGateway, kOtherSink});
}

}  // namespace
}  // namespace wirepas_grpc::integration
