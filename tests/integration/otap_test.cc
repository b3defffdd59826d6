// SPDX-License-Identifier: Apache-2.0
//
// OtapService: loads to many sinks at once.
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/otap_calls.h"
#include "tests/simulator/crc16.h"

namespace wirepas_grpc::integration {
namespace {

using testing::HasSubstr;

constexpr char kThirdGateway[] = "sim-gw-2";
constexpr char kLastGateway[] = "sim-gw-3";
constexpr size_t kSinks = 20;

// 20 sinks behind gateways of which each wants chunks of its own size.
class OtapTest : public SharedStack<OtapTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {
        "--gateways",          "4", "--sinks", "5", "--rate", "0", "--max_scratchpad_size",
        "512,4096,16384,65536"};
    return options;
  }

 protected:
  static OtapStub* otap() { return stack().service().otap_stub(); }

  static mesh::LoadScratchpadRequest LoadRequest(size_t size) {
    auto request = OfNetwork<mesh::LoadScratchpadRequest>();
    request.set_scratchpad(OtapFile(size));
    request.set_max_concurrent(kSinks);
    return request;
  }

  static bool NothingPending() {
    return Eventually(
        [] { return stack().service().Metric("wirepas_grpc_pending_requests") == 0; });
  }

  // Counts the chunks that gateways get, in its lifetime.
  static std::unique_ptr<MqttPeer> SpyOnChunks() {
    return stack().NewPeer({"gw-request/otap_load_scratchpad/#"});
  }
  // Sends a chunk that the spy knows, and how many of others there were before it.
  static size_t ChunksUntilNow(MqttPeer* spy) {
    auto request = OfNetwork<mesh::LoadScratchpadRequest>();
    *request.mutable_scope()->add_sinks() = Ref(kLastGateway, "sink4");
    request.set_scratchpad("the end");
    request.set_sequence(99);
    EXPECT_EQ(Load(otap(), request).summary.done_count(), 1u);
    const auto heard = spy->TakeUpTo([](const MqttPeer::Message& message) {
      return Decoded(message.payload).upload_scratchpad_req().scratchpad() == "the end";
    });
    EXPECT_TRUE(heard.ok()) << heard.status();
    return heard.ok() ? heard->size() - 1 : 0;
  }

  static mesh::SinkRef Ref(const std::string& gateway_id, const std::string& sink_id) {
    mesh::SinkRef ref;
    ref.set_gateway_id(gateway_id);
    ref.set_sink_id(sink_id);
    return ref;
  }
};

TEST_F(OtapTest, LoadsALargeScratchpadToAllSinks) {
  auto request = LoadRequest(500 << 10);
  request.set_sequence(33);
  const std::string content = request.scratchpad().substr(32);
  const Loaded loaded = Load(otap(), request);
  ASSERT_TRUE(IsOk(loaded.status));
  EXPECT_EQ(loaded.summary.done_count(), kSinks) << loaded.summary.ShortDebugString();

  ASSERT_GE(loaded.responses.size(), 2u);
  const mesh::LoadScratchpadResponse& first = loaded.responses.front();
  EXPECT_EQ(first.sinks_size(), static_cast<int>(kSinks));
  EXPECT_EQ(first.file().size(), request.scratchpad().size());
  EXPECT_EQ(first.file().crc(), sim::Crc16(content));
  std::map<SinkId, mesh::SinkLoad> last;
  for (const mesh::LoadScratchpadResponse& response : loaded.responses) {
    EXPECT_EQ(response.load_id(), first.load_id());
    EXPECT_EQ(response.sequence(), 33u);
    for (const mesh::SinkLoad& sink : response.sinks()) {
      mesh::SinkLoad& before = last[IdOf(sink.sink())];
      EXPECT_GE(sink.state(), before.state());
      EXPECT_GE(sink.accepted_bytes(), before.accepted_bytes());
      before = sink;
    }
  }
  EXPECT_EQ(loaded.responses.back().sinks_size(), 0);
  for (const auto& [id, sink] : loaded.sinks()) {
    EXPECT_EQ(sink.state(), mesh::SINK_LOAD_STATE_DONE);
    EXPECT_EQ(sink.accepted_bytes(), request.scratchpad().size());
    EXPECT_EQ(last[id].state(), mesh::SINK_LOAD_STATE_DONE);
  }
  for (const auto& [id, sink] : Scratchpads(otap())) {
    EXPECT_EQ(sink.status().stored().sequence(), 33u);
    EXPECT_EQ(sink.status().stored().length(), request.scratchpad().size());
    EXPECT_EQ(sink.status().stored().crc(), sim::Crc16(content));
  }
}

TEST_F(OtapTest, ChoosesASequenceThatNoSinkUses) {
  // One sink stores 5 and has 6 as its target, which leaves any other.
  auto first = LoadRequest(100);
  *first.mutable_scope()->add_sinks() = Ref(kGateway, kSink);
  first.set_sequence(5);
  ASSERT_EQ(Load(otap(), first).summary.done_count(), 1u);
  auto target = OfNetwork<mesh::SetTargetRequest>();
  *target.mutable_scope()->add_sinks() = Ref(kGateway, kSink);
  target.mutable_target()->set_action(mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY);
  target.mutable_target()->set_sequence(6);
  target.mutable_target()->set_crc(1);
  ASSERT_TRUE(IsOk(Call(otap(), &OtapStub::SetTarget, target).status));

  std::set<uint32_t> used;
  for (const auto& [id, sink] : Scratchpads(otap())) {
    used.insert(sink.status().stored().sequence());
    used.insert(sink.status().processed().sequence());
    used.insert(sink.status().target().sequence());
  }
  EXPECT_TRUE(used.contains(5) && used.contains(6));
  const Loaded loaded = Load(otap(), LoadRequest(100));
  ASSERT_EQ(loaded.summary.done_count(), kSinks);
  const uint32_t sequence = loaded.responses.front().sequence();
  EXPECT_GE(sequence, 1u);
  EXPECT_LE(sequence, 254u);
  EXPECT_FALSE(used.contains(sequence)) << sequence;
}

TEST_F(OtapTest, FailuresStayWithTheirSinks) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"answer_delay_ms", 20}})));
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "stop"}})));
  ASSERT_TRUE(IsOk(stack().SetFaults(kThirdGateway, {{"no_answer", {"otap_load_scratchpad"}}})));
  ASSERT_TRUE(IsOk(stack().SetFaults(
      kLastGateway, {{"error_codes", {{"otap_load_scratchpad", "SINK_OUT_OF_MEMORY"}}}})));
  ASSERT_TRUE(Eventually([] {
    const auto listed = Call(stub(), &mesh::NetworkService::Stub::ListGateways, {});
    return listed.response.gateways_size() == 3;
  }));

  auto request = LoadRequest(2000);
  request.mutable_chunk_timeout()->set_seconds(2);
  const Loaded loaded = Load(otap(), request);
  ASSERT_TRUE(IsOk(loaded.status));
  EXPECT_EQ(loaded.summary.done_count(), 5u) << loaded.summary.ShortDebugString();
  EXPECT_EQ(loaded.summary.failed_count(), 15u);
  const std::map<std::string, int> codes = {
      {kGateway, StatusCode::OK},
      {kOtherGateway, StatusCode::UNAVAILABLE},
      {kThirdGateway, StatusCode::DEADLINE_EXCEEDED},
      {kLastGateway, StatusCode::RESOURCE_EXHAUSTED},
  };
  for (const auto& [id, sink] : loaded.sinks()) {
    EXPECT_EQ(sink.error().code(), codes.at(id.first)) << sink.ShortDebugString();
    if (sink.has_error()) {
      EXPECT_EQ(sink.error().gateway_error().gateway_id(), id.first);
      EXPECT_EQ(sink.error().gateway_error().sink_id(), id.second);
    }
  }
  // Without offline ones they are not even mentioned.
  request.mutable_scope()->set_skip_offline(true);
  EXPECT_EQ(Load(otap(), request).summary.sinks_size(), 15);
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "start"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(4)));
}

TEST_F(OtapTest, ASinkThatReportsAnotherScratchpadHasFailed) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kOtherGateway, {{"wrong_scratchpad", true}})));
  const Loaded loaded = Load(otap(), LoadRequest(600));
  ASSERT_TRUE(IsOk(loaded.status));
  EXPECT_EQ(loaded.summary.done_count(), 15u);
  for (const auto& [id, sink] : loaded.sinks()) {
    if (id.first != kOtherGateway) continue;
    EXPECT_EQ(sink.state(), mesh::SINK_LOAD_STATE_FAILED);
    ExpectFailure(sink.error(), StatusCode::DATA_LOSS,
                  {"reports to store", id.first, id.second, mesh::RESULT_CODE_UNSPECIFIED, true});
  }
}

TEST_F(OtapTest, StopsUnderWay) {
  ASSERT_TRUE(IsOk(stack().SetFaults("all", {{"answer_delay_ms", 50}})));
  const auto spy = SpyOnChunks();
  auto request = LoadRequest(2000);
  request.set_max_chunk_size(2);  // 50 s in all
  request.set_max_concurrent(3);
  request.set_sequence(7);
  LoadReader reader(otap(), &OtapStub::LoadScratchpad, request);
  mesh::StopLoadScratchpadRequest stop;
  stop.set_load_id(ReadUntilUnderWay(&reader));
  ASSERT_TRUE(IsOk(Call(otap(), &OtapStub::StopLoadScratchpad, stop).status));
  const Loaded loaded = ReadLoad(&reader);
  ASSERT_TRUE(IsOk(loaded.status));
  EXPECT_EQ(loaded.summary.stopped_count(), kSinks) << loaded.summary.ShortDebugString();
  size_t stopped = 0;
  for (const auto& [id, sink] : loaded.sinks()) {
    if (sink.state() == mesh::SINK_LOAD_STATE_STOPPED) ++stopped;
  }
  EXPECT_EQ(stopped, 3u);
  EXPECT_EQ(Call(otap(), &OtapStub::StopLoadScratchpad, stop).status.error_code(),
            StatusCode::NOT_FOUND);
  EXPECT_TRUE(NothingPending());
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_LT(ChunksUntilNow(spy.get()), 1500u);
  // All sinks are free for the next.
  EXPECT_EQ(Load(otap(), LoadRequest(100)).summary.done_count(), kSinks);
}

TEST_F(OtapTest, SendsNothingMoreWhenItsClientIsGone) {
  ASSERT_TRUE(IsOk(stack().SetFaults("all", {{"answer_delay_ms", 50}})));
  const auto spy = SpyOnChunks();
  auto request = LoadRequest(2000);
  request.set_max_chunk_size(2);  // 50 s in all
  LoadReader cancelled(otap(), &OtapStub::LoadScratchpad, request);
  ReadUntilUnderWay(&cancelled);
  cancelled.Cancel();
  EXPECT_EQ(ReadLoad(&cancelled).status.error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(NothingPending());
  const auto line = stack().service().process().WaitForLine("its client has gone", kBound);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(*line, HasSubstr("0 done, 0 failed, "));

  LoadReader late(otap(), &OtapStub::LoadScratchpad, request, absl::Now() + absl::Seconds(2));
  const Loaded loaded = ReadLoad(&late);
  EXPECT_EQ(loaded.status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(loaded.summary.sinks_size(), 0);
  EXPECT_TRUE(NothingPending());
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_LT(ChunksUntilNow(spy.get()), 20'000u);
  EXPECT_EQ(Load(otap(), LoadRequest(100)).summary.done_count(), kSinks);
}

TEST_F(OtapTest, BeginsWithNoFurtherSinkAfterAFailureIfWanted) {
  ASSERT_TRUE(IsOk(stack().SetFaults(
      kOtherGateway, {{"error_codes", {{"otap_load_scratchpad", "INTERNAL_ERROR"}}}})));
  auto request = LoadRequest(100);
  request.set_max_concurrent(1);
  request.set_stop_at_first_failure(true);
  const Loaded loaded = Load(otap(), request);
  ASSERT_TRUE(IsOk(loaded.status));
  EXPECT_EQ(loaded.summary.done_count(), 5u);
  EXPECT_EQ(loaded.summary.failed_count(), 1u);
  EXPECT_EQ(loaded.summary.stopped_count(), 14u);
}

TEST_F(OtapTest, KeepsSinksApart) {
  auto request = LoadRequest(100);
  request.mutable_scope()->add_gateway_ids(kGateway);
  request.mutable_delay_between_sinks()->set_nanos(100'000'000);
  const absl::Time begin = absl::Now();
  EXPECT_EQ(Load(otap(), request).summary.done_count(), 5u);
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(400));
}

TEST_F(OtapTest, ASinkThatIsBeingLoadedIsNotLoadedTwice) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"otap_load_scratchpad"}}})));
  LoadReader reader(otap(), &OtapStub::LoadScratchpad, LoadRequest(100));
  ASSERT_TRUE(reader.Next().has_value());
  const Loaded second = Load(otap(), LoadRequest(100));
  EXPECT_EQ(second.status.error_code(), StatusCode::ABORTED);
  auto upload = To<mesh::UploadScratchpadRequest>(kGateway, kSink);
  upload.set_sequence(1);
  upload.set_scratchpad("x");
  StreamReader<mesh::UploadScratchpadResponse> uploading(
      stub(), &mesh::NetworkService::Stub::UploadScratchpad, upload);
  EXPECT_EQ(uploading.WaitForEnd()->error_code(), StatusCode::ABORTED);
  reader.Cancel();
  ASSERT_TRUE(reader.WaitForEnd().has_value());
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_TRUE(
      Eventually([] { return Load(otap(), LoadRequest(100)).summary.done_count() == kSinks; }));
}

TEST_F(OtapTest, RefusesFilesThatAreDamaged) {
  auto request = LoadRequest(1000);
  request.mutable_scratchpad()->back() ^= 1;
  const Loaded loaded = Load(otap(), request);
  EXPECT_EQ(loaded.status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(loaded.status.error_message(), HasSubstr("scratchpad: the file is damaged"));
}

TEST_F(OtapTest, UnknownScopesAreNotFound) {
  auto request = LoadRequest(100);
  request.mutable_scope()->set_network_address(kNetwork + 1);
  EXPECT_EQ(Load(otap(), request).status.error_code(), StatusCode::NOT_FOUND);
  request.mutable_scope()->set_network_address(kNetwork);
  *request.mutable_scope()->add_sinks() = Ref(kGateway, "sink9");
  ExpectFailure(Load(otap(), request).status, StatusCode::NOT_FOUND,
                {"sink is not known", kGateway, "sink9"});
}

}  // namespace
}  // namespace wirepas_grpc::integration
