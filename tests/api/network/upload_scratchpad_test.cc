// SPDX-License-Identifier: Apache-2.0
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

class UploadScratchpadTest : public ServiceTest {
 protected:
  void SetUp() override {
    gw::WirepasMessage status = Status("gw1", {"a"});
    status.mutable_status_event()->set_max_scratchpad_size(16);
    AddFeature(gw::SCRATCHPAD_CHUNK_V1, &status);
    Retain("gw1", status);
    Retain("old", Status("old", {"a"}));
    status = Status("embedded", {"a"});
    status.mutable_status_event()->set_max_scratchpad_size(16);
    Retain("embedded", status);
    ConnectAndSync();
  }

  static mesh::UploadScratchpadRequest Request(size_t size = 40) {
    mesh::UploadScratchpadRequest request;
    request.set_gateway_id("gw1");
    request.set_sink_id("a");
    request.set_sequence(7);
    if (size > 0) request.set_scratchpad(std::string(size, 'x'));
    return request;
  }
  void Start(const mesh::UploadScratchpadRequest& request) {
    reader_ = stub_->UploadScratchpad(&context_, request);
  }
  Incoming AnswerChunk(gw::ErrorCode result = gw::OK) {
    const Incoming incoming = NextRequest();
    gw::WirepasMessage answer;
    answer.mutable_upload_scratchpad_resp();
    Answer(incoming, answer, result);
    return incoming;
  }
  void ExpectProgress(uint32_t accepted, uint32_t total, bool done) {
    mesh::UploadScratchpadResponse response;
    ASSERT_TRUE(reader_->Read(&response));
    EXPECT_EQ(response.accepted_bytes(), accepted);
    EXPECT_EQ(response.total_bytes(), total);
    EXPECT_EQ(response.done(), done);
  }
  grpc::Status Finish() {
    finished_ = true;
    return reader_->Finish();
  }
  void TearDown() override {
    context_.TryCancel();
    if (reader_ != nullptr && !finished_) reader_->Finish();
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<mesh::UploadScratchpadResponse>> reader_;
  bool finished_ = false;
};

TEST_F(UploadScratchpadTest, TellsEachChunkAndThenThatItIsDone) {
  Start(Request());
  AnswerChunk();
  ExpectProgress(16, 40, false);
  AnswerChunk();
  ExpectProgress(32, 40, false);
  const Incoming last = AnswerChunk();
  EXPECT_EQ(last.message.upload_scratchpad_req().chunk_info().start_offset(), 32u);
  ExpectProgress(40, 40, true);
  EXPECT_TRUE(Finish().ok());
}

TEST_F(UploadScratchpadTest, ClearingTellsThatItIsDone) {
  mesh::UploadScratchpadRequest request = Request(0);
  request.set_sequence(0);
  Start(request);
  EXPECT_FALSE(AnswerChunk().message.upload_scratchpad_req().has_scratchpad());
  ExpectProgress(0, 0, true);
  EXPECT_TRUE(Finish().ok());
}

TEST_F(UploadScratchpadTest, AChunkThatFailsEndsIt) {
  Start(Request());
  AnswerChunk();
  ExpectProgress(16, 40, false);
  const Incoming failed = AnswerChunk(gw::INVALID_SCRATCHPAD);
  ExpectStatus(Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"'gw1'", "INVALID_SCRATCHPAD"});
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(UploadScratchpadTest, EachChunkHasItsLimit) {
  Start(Request());
  NextRequest();
  Advance(absl::Seconds(61));
  EXPECT_EQ(network_.tracker().pending(), 1u);
  Advance(absl::Seconds(1));
  const grpc::Status status = Finish();
  ExpectStatus(status, grpc::StatusCode::DEADLINE_EXCEEDED, {"'gw1'", "'a'"});
  EXPECT_EQ(DetailOf(status).sink_id(), "a");
}

TEST_F(UploadScratchpadTest, CancelledItStopsAndTheSinkIsFreeAgain) {
  Start(Request());
  NextRequest();
  context_.TryCancel();
  Await([&] { return service_.open_streams() == 0 && network_.tracker().pending() == 0; });
  EXPECT_EQ(broker_.published_count(), 0u);
  Await([&] {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    auto again = stub_->UploadScratchpad(&context, Request(0));
    if (const auto taken = broker_.NextPublished(absl::Milliseconds(200))) {
      context.TryCancel();
      return again->Finish().error_code() == grpc::StatusCode::CANCELLED;
    }
    return again->Finish().error_code() != grpc::StatusCode::ABORTED;
  });
}

TEST_F(UploadScratchpadTest, TwoToOneSinkAreRefused) {
  Start(Request());
  NextRequest();
  grpc::ClientContext context;
  auto second = stub_->UploadScratchpad(&context, Request());
  ExpectStatus(second->Finish(), grpc::StatusCode::ABORTED, {"'gw1'", "'a'"});
}

TEST_F(UploadScratchpadTest, AStatedSizeMeansThatChunksAreTaken) {
  mesh::UploadScratchpadRequest request = Request();
  request.set_gateway_id("embedded");
  Start(request);
  EXPECT_EQ(AnswerChunk().message.upload_scratchpad_req().scratchpad().size(), 16u);
  ExpectProgress(16, 40, false);
}

TEST_F(UploadScratchpadTest, ChunksOfTheClientsSizeNeedTheFeatureOrAStatedSize) {
  mesh::UploadScratchpadRequest request = Request();
  request.set_gateway_id("old");
  request.set_max_chunk_size(16);
  Start(request);
  ExpectStatus(Finish(), grpc::StatusCode::FAILED_PRECONDITION, {"'old'", "chunks"});
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(UploadScratchpadTest, NamesTheFieldThatIsWrong) {
  const auto expect = [&](const mesh::UploadScratchpadRequest& request, const std::string& field) {
    grpc::ClientContext context;
    ExpectStatus(stub_->UploadScratchpad(&context, request)->Finish(),
                 grpc::StatusCode::INVALID_ARGUMENT, {field + ":"});
  };
  mesh::UploadScratchpadRequest request = Request();
  request.set_sequence(0);
  expect(request, "sequence");
  request.set_sequence(255);
  expect(request, "sequence");
  request = Request();
  request.set_scratchpad("");
  expect(request, "scratchpad");
  request = Request();
  request.set_max_chunk_size(0);
  expect(request, "max_chunk_size");
}

TEST_F(UploadScratchpadTest, ShutdownLetsItGoOn) {
  Start(Request());
  AnswerChunk();
  ExpectProgress(16, 40, false);
  service_.Drain();
  AnswerChunk();
  ExpectProgress(32, 40, false);
  AnswerChunk();
  ExpectProgress(40, 40, true);
  EXPECT_TRUE(Finish().ok());
}

TEST_F(UploadScratchpadTest, TheEndOfCallsEndsItWithWhatIsKnown) {
  Start(Request());
  AnswerChunk();
  ExpectProgress(16, 40, false);
  const Incoming last = NextRequest();
  service_.Drain();
  service_.EndCalls();
  const grpc::Status status = Finish();
  ExpectStatus(status, grpc::StatusCode::DEADLINE_EXCEEDED, {"'gw1'", "shut down"});
  EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_UNKNOWN);
  EXPECT_EQ(DetailOf(status).request_id(), last.id);
  EXPECT_EQ(broker_.published_count(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::api
