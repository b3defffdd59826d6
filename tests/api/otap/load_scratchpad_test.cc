// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/otap/load_plan.h"
#include "tests/api/otap/scope_stream_fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using Stub = mesh::OtapService::Stub;

class LoadScratchpadTest
    : public ScopeStreamTest<mesh::LoadScratchpadRequest, mesh::LoadScratchpadResponse> {
 protected:
  LoadScratchpadTest() : ScopeStreamTest(&Stub::LoadScratchpad) {}

  static Request OfScratchpad() {
    Request request = OfNetwork();
    request.set_scratchpad(std::string(40, 'x'));
    request.set_sequence(7);
    return request;
  }
  Response Read() {
    Response response;
    EXPECT_TRUE(reader_->Read(&response)) << "the stream has ended";
    return response;
  }
  // The summary; responses before it are merged.
  mesh::LoadSummary ReadSummary() {
    Response response;
    while (reader_->Read(&response)) {
      if (response.has_summary()) return response.summary();
    }
    ADD_FAILURE() << "no summary";
    return {};
  }

  static gw::WirepasMessage Stored(uint32_t sequence, uint32_t length = 40) {
    gw::WirepasMessage message;
    gw::ScratchpadInfo* stored =
        message.mutable_get_scratchpad_status_resp()->mutable_stored_scratchpad();
    stored->set_seq(sequence);
    stored->set_len(length);
    stored->set_crc(1);
    return message;
  }
  static gw::WirepasMessage Accepted() {
    gw::WirepasMessage message;
    message.mutable_upload_scratchpad_resp();
    return message;
  }
  // The answer of a sink that does all well, for as many requests.
  void Serve(int requests, uint32_t sequence = 7) {
    for (int i = 0; i < requests; ++i) {
      const Incoming incoming = NextRequest();
      const bool is_chunk = incoming.message.has_upload_scratchpad_req();
      Answer(incoming, is_chunk ? Accepted() : Stored(sequence));
    }
  }

  static std::string Text(const mesh::SinkLoad& load) {
    return absl::StrCat(load.sink().gateway_id(), "/", load.sink().sink_id(), " ",
                        mesh::SinkLoadState_Name(load.state()).substr(16), " ",
                        load.accepted_bytes());
  }
  template <typename Message>
  static std::vector<std::string> Texts(const Message& message) {
    std::vector<std::string> texts;
    for (const mesh::SinkLoad& load : message.sinks()) texts.push_back(Text(load));
    return texts;
  }
};

TEST_F(LoadScratchpadTest, TellsAllFirstThenProgressThenTheSummary) {
  AddGateway("gw1", {"a"});
  AddGateway("gw2", {"b"});
  ConnectAndSync();
  auto request = OfScratchpad();
  request.set_max_concurrent(1);
  Start(request);
  const Response first = Read();
  EXPECT_NE(first.load_id(), 0u);
  EXPECT_EQ(first.sequence(), 7u);
  EXPECT_EQ(first.file().size(), 40u);
  EXPECT_FALSE(first.file().has_crc());
  EXPECT_THAT(Texts(first), ElementsAre("gw1/a QUEUED 0", "gw2/b QUEUED 0"));
  EXPECT_THAT(Texts(Read()), ElementsAre("gw1/a UPLOADING 0"));
  Serve(1);
  const Response next = Read();
  EXPECT_EQ(next.load_id(), first.load_id());
  EXPECT_EQ(next.sequence(), 7u);
  EXPECT_FALSE(next.has_file());
  Serve(3);
  const mesh::LoadSummary summary = ReadSummary();
  EXPECT_THAT(Texts(summary), ElementsAre("gw1/a DONE 40", "gw2/b DONE 40"));
  EXPECT_EQ(summary.done_count(), 2u);
  EXPECT_EQ(summary.failed_count() + summary.stopped_count(), 0u);
  EXPECT_TRUE(Finish().ok());
}

TEST_F(LoadScratchpadTest, FailuresAreInTheSummary) {
  AddGateway("gw1", {"a", "b"});
  Retain("off", Status("off", {"c"}, /*online=*/false));
  ConnectAndSync();
  auto request = OfScratchpad();
  request.set_max_concurrent(1);
  Start(request);
  Answer(NextRequest(), Accepted(), gw::INVALID_SCRATCHPAD_SIZE);
  Answer(NextRequest(), Accepted());
  Answer(NextRequest(), Stored(8));
  const mesh::LoadSummary summary = ReadSummary();
  EXPECT_THAT(Texts(summary), ElementsAre("gw1/a FAILED 0", "gw1/b FAILED 40", "off/c FAILED 0"));
  EXPECT_EQ(summary.failed_count(), 3u);
  EXPECT_EQ(summary.sinks(0).error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(summary.sinks(0).error().gateway_error().result(),
            mesh::RESULT_CODE_INVALID_SCRATCHPAD_SIZE);
  EXPECT_EQ(summary.sinks(1).error().code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(summary.sinks(1).error().gateway_error().sink_id(), "b");
  EXPECT_EQ(summary.sinks(2).error().code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Finish().ok());
}

TEST_F(LoadScratchpadTest, StopsAtTheFirstFailureIfWanted) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  auto request = OfScratchpad();
  request.set_max_concurrent(1);
  request.set_stop_at_first_failure(true);
  Start(request);
  Answer(NextRequest(), Accepted(), gw::SINK_TIMEOUT);
  const mesh::LoadSummary summary = ReadSummary();
  EXPECT_THAT(Texts(summary), ElementsAre("gw1/a FAILED 0", "gw1/b QUEUED 0"));
  EXPECT_EQ(summary.stopped_count(), 1u);
  EXPECT_TRUE(Finish().ok());
}

TEST_F(LoadScratchpadTest, ChoosesASequenceThatNobodyUses) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  auto request = OfScratchpad();
  request.clear_sequence();
  Start(request);
  Incoming incoming = NextRequest();
  ASSERT_TRUE(incoming.message.has_get_scratchpad_status_req());
  const Incoming other = NextRequest();
  Answer(incoming, Stored(7));
  Answer(other, Stored(8), gw::INTERNAL_ERROR);
  const Response first = Read();
  EXPECT_NE(first.sequence(), 7u);
  EXPECT_GE(first.sequence(), 1u);
  EXPECT_LE(first.sequence(), 254u);
  incoming = NextRequest();
  EXPECT_EQ(incoming.message.upload_scratchpad_req().seq(), first.sequence());
}

TEST_F(LoadScratchpadTest, AllSequencesInUseIsResourceExhausted) {
  std::vector<std::string> sinks;
  for (int i = 0; i < 85; ++i) sinks.push_back(absl::StrCat("s", i));
  AddGateway("gw1", sinks);
  ConnectAndSync();
  auto request = OfScratchpad();
  request.clear_sequence();
  Start(request);
  for (uint32_t i = 0; i < 85; ++i) {
    gw::WirepasMessage answer = Stored(3 * i + 1);
    gw::ScratchpadInfo* processed =
        answer.mutable_get_scratchpad_status_resp()->mutable_processed_scratchpad();
    processed->set_seq(3 * i + 2);
    processed->set_len(1);
    processed->set_crc(1);
    auto* target = answer.mutable_get_scratchpad_status_resp()->mutable_target_and_action();
    target->set_action(gw::PROPAGATE_ONLY);
    target->set_target_sequence(3 * i + 3);
    Answer(NextRequest(), answer);
  }
  ExpectStatus(Finish(), grpc::StatusCode::RESOURCE_EXHAUSTED, {"sequence numbers"});
  // The sinks are free again.
  grpc::ClientContext context;
  const auto reader = otap_stub_->LoadScratchpad(&context, OfScratchpad());
  Response response;
  EXPECT_TRUE(reader->Read(&response));
  context.TryCancel();
  reader->Finish();
}

TEST_F(LoadScratchpadTest, StopEndsItWithASummary) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  auto request = OfScratchpad();
  request.set_max_concurrent(1);
  Start(request);
  const uint64_t load_id = Read().load_id();
  NextRequest();
  mesh::StopLoadScratchpadRequest stop;
  stop.set_load_id(load_id + 1);
  Call unknown(otap_stub_.get(), &Stub::StopLoadScratchpad, stop);
  ExpectStatus(unknown.Finish(), grpc::StatusCode::NOT_FOUND, {"load_id"});
  stop.set_load_id(load_id);
  Call call(otap_stub_.get(), &Stub::StopLoadScratchpad, stop);
  EXPECT_TRUE(call.Finish().ok());
  const mesh::LoadSummary summary = ReadSummary();
  EXPECT_THAT(Texts(summary), ElementsAre("gw1/a STOPPED 0", "gw1/b QUEUED 0"));
  EXPECT_EQ(summary.stopped_count(), 2u);
  EXPECT_TRUE(Finish().ok());
  Call ended(otap_stub_.get(), &Stub::StopLoadScratchpad, stop);
  ExpectStatus(ended.Finish(), grpc::StatusCode::NOT_FOUND);
  Call none(otap_stub_.get(), &Stub::StopLoadScratchpad, mesh::StopLoadScratchpadRequest());
  ExpectStatus(none.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"load_id: missing"});
}

TEST_F(LoadScratchpadTest, ACancelledLoadSendsNothingMore) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  Start(OfScratchpad());
  const Incoming first = NextRequest();
  NextRequest();
  context_.TryCancel();
  EXPECT_EQ(Finish().error_code(), grpc::StatusCode::CANCELLED);
  Await([&] { return network_.tracker().pending() == 0; });
  Answer(first, Accepted());
  EXPECT_EQ(broker_.published_count(), 0u);
  // The sinks are free again.
  Await([&] { return service_.engine()->uploader.Reserve({}).ok(); });
  Await([&] { return service_.open_streams() == 0; });
}

TEST_F(LoadScratchpadTest, ASinkOfAnotherLoadIsAborted) {
  AddGateway("gw1", {"a"});
  AddGateway("gw2", {"b"});
  ConnectAndSync();
  Start(OfScratchpad());
  Read();
  auto request = OfScratchpad();
  ExpectStatus(Refused(request), grpc::StatusCode::ABORTED, {"'gw1', sink 'a'", "under way"});
  mesh::UploadScratchpadRequest upload;
  upload.set_gateway_id("gw2");
  upload.set_sink_id("b");
  upload.set_sequence(1);
  upload.set_scratchpad("x");
  grpc::ClientContext context;
  const auto reader = stub_->UploadScratchpad(&context, upload);
  mesh::UploadScratchpadResponse response;
  EXPECT_FALSE(reader->Read(&response));
  ExpectStatus(reader->Finish(), grpc::StatusCode::ABORTED);
}

TEST_F(LoadScratchpadTest, NamesTheFieldThatIsWrong) {
  using Change = void (*)(mesh::LoadScratchpadRequest*);
  const std::pair<Change, std::string> cases[] = {
      {[](auto* r) { r->clear_scope(); }, "scope: missing"},
      {[](auto* r) { r->clear_scratchpad(); }, "scratchpad: missing"},
      {[](auto* r) { r->set_sequence(0); }, "sequence: 0"},
      {[](auto* r) { r->set_sequence(255); }, "sequence: 255"},
      {[](auto* r) { r->set_max_concurrent(101); }, "max_concurrent: 101"},
      {[](auto* r) { r->set_max_chunk_size(0); }, "max_chunk_size:"},
      {[](auto* r) { r->mutable_delay_between_sinks()->set_seconds(-1); }, "delay_between_sinks:"},
      {[](auto* r) { r->mutable_delay_between_sinks()->set_seconds(3601); },
       "delay_between_sinks:"},
      {[](auto* r) { r->mutable_chunk_timeout(); }, "chunk_timeout:"},
      {[](auto* r) { r->mutable_chunk_timeout()->set_nanos(2'000'000'000); }, "chunk_timeout:"},
      {[](auto* r) { r->mutable_chunk_timeout()->set_seconds(3601); }, "chunk_timeout:"},
      {[](auto* r) {
         r->set_scratchpad("SCR1\x9a\x93\x30\x82\xd9\xeb\x0a\xfc\x31\x21\xe3\x37 cut");
       },
       "scratchpad: the file is damaged"},
  };
  for (const auto& [change, words] : cases) {
    auto request = OfScratchpad();
    change(&request);
    ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {words});
  }
}

TEST_F(LoadScratchpadTest, UnknownScopesAreNotFound) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfScratchpad();
  request.mutable_scope()->set_network_address(13);
  ExpectStatus(Refused(request), grpc::StatusCode::NOT_FOUND, {"network 13"});
  request.mutable_scope()->add_gateway_ids("nobody");
  const grpc::Status status = Refused(request);
  ExpectStatus(status, grpc::StatusCode::NOT_FOUND, {"'nobody'"});
  EXPECT_EQ(DetailOf(status).gateway_id(), "nobody");
}

TEST_F(LoadScratchpadTest, ShutdownLetsItGoOn) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  auto request = OfScratchpad();
  request.set_max_concurrent(1);
  Start(request);
  const Incoming chunk = NextRequest();
  service_.Drain();
  Answer(chunk, Accepted());
  Serve(3);
  EXPECT_EQ(ReadSummary().done_count(), 2u);
  EXPECT_TRUE(Finish().ok());
}

TEST_F(LoadScratchpadTest, ShutdownEndsItUnsentBeforeItHasBegun) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  auto request = OfScratchpad();
  request.clear_sequence();
  Start(request);
  EXPECT_TRUE(NextRequest().message.has_get_scratchpad_status_req());
  service_.Drain();
  const grpc::Status status = Finish();
  ExpectStatus(status, grpc::StatusCode::UNAVAILABLE, {"shutting down"});
  EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
  EXPECT_EQ(broker_.published_count(), 0u);
  Await([&] { return network_.tracker().pending() == 0; });
}

TEST_F(LoadScratchpadTest, TheEndOfCallsEndsItWithItsSummary) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  auto request = OfScratchpad();
  request.mutable_delay_between_sinks()->set_seconds(3600);
  Start(request);
  NextRequest();
  service_.Drain();
  service_.EndCalls();
  const mesh::LoadSummary summary = ReadSummary();
  EXPECT_EQ(summary.done_count(), 0u);
  EXPECT_EQ(summary.sinks(1).state(), mesh::SINK_LOAD_STATE_QUEUED) << "its turn never came";
  const grpc::Status status = Finish();
  ExpectStatus(status, grpc::StatusCode::DEADLINE_EXCEEDED, {"shut down"});
  EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
  EXPECT_EQ(broker_.published_count(), 0u);
}

// With the answer of the chunk that is under way, or without, it begins with no other sink.
TEST_F(LoadScratchpadTest, TheEndOfCallsBeginsWithNoFurtherSink) {
  AddGateway("gw1", {"a", "b", "c", "d"});
  ConnectAndSync();
  auto request = OfScratchpad();
  request.set_max_concurrent(1);
  Start(request);
  NextRequest();
  service_.Drain();
  network_.EndRequests();  // the streams are told later
  const mesh::LoadSummary summary = ReadSummary();
  EXPECT_EQ(summary.failed_count(), 1u);
  EXPECT_EQ(summary.stopped_count(), 3u) << "their turn never came";
  const grpc::Status status = Finish();
  ExpectStatus(status, grpc::StatusCode::DEADLINE_EXCEEDED, {"shut down"});
  EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
  EXPECT_EQ(broker_.published_count(), 0u);
}

// It may be as large as a request may be, and counts once.
TEST(LoadPlanTest, TheScratchpadIsTakenAndNotCopied) {
  mesh::LoadScratchpadRequest request;
  request.set_scratchpad(std::string(40, 'x'));
  const char* const bytes = request.scratchpad().data();
  const auto plan = ParseLoadPlan(&request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->scratchpad->data(), bytes);
  EXPECT_EQ(*plan->scratchpad, std::string(40, 'x'));
}

}  // namespace
}  // namespace wirepas_grpc::api
