// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/api/otap/scope_stream_fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::UnorderedElementsAre;

class ProcessScratchpadsTest
    : public ScopeStreamTest<mesh::ProcessScratchpadsRequest, mesh::ProcessScratchpadsResponse> {
 protected:
  ProcessScratchpadsTest() : ScopeStreamTest(&mesh::OtapService::Stub::ProcessScratchpads) {}

  void AnswerNext(gw::ErrorCode result = gw::OK) {
    const Incoming incoming = NextRequest();
    EXPECT_TRUE(incoming.message.has_process_scratchpad_req());
    gw::WirepasMessage answer;
    answer.mutable_process_scratchpad_resp();
    Answer(incoming, answer, result);
  }
  // All results: "gw1/a 0", with the code.
  std::vector<std::string> ReadAll() {
    std::vector<std::string> texts;
    Response response;
    while (reader_->Read(&response)) {
      for (const mesh::SinkResult& result : response.results()) {
        texts.push_back(absl::StrCat(result.sink().gateway_id(), "/", result.sink().sink_id(), " ",
                                     result.error().code()));
      }
    }
    return texts;
  }
};

TEST_F(ProcessScratchpadsTest, TellsResultsAsTheyCome) {
  AddGateway("gw1", {"a", "b"});
  Retain("off", Status("off", {"c"}, /*online=*/false));
  ConnectAndSync();
  auto request = OfNetwork();
  request.set_max_concurrent(1);
  Start(request);
  AnswerNext();
  Response first;
  ASSERT_TRUE(reader_->Read(&first));
  ASSERT_EQ(first.results_size(), 1);
  EXPECT_EQ(first.results(0).sink().sink_id(), "a");
  EXPECT_FALSE(first.results(0).has_error());
  AnswerNext(gw::NO_SCRATCHPAD_PRESENT);
  EXPECT_THAT(ReadAll(), UnorderedElementsAre("gw1/b 9", "off/c 14"));
  EXPECT_TRUE(Finish().ok());
}

TEST_F(ProcessScratchpadsTest, OthersAreAbortedAfterAFailureIfWanted) {
  AddGateway("gw1", {"a", "b", "c"});
  ConnectAndSync();
  auto request = OfNetwork();
  request.set_max_concurrent(1);
  request.set_stop_at_first_failure(true);
  Start(request);
  AnswerNext(gw::NO_SCRATCHPAD_PRESENT);
  EXPECT_THAT(ReadAll(), UnorderedElementsAre("gw1/a 9", "gw1/b 10", "gw1/c 10"));
  EXPECT_TRUE(Finish().ok());
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ProcessScratchpadsTest, ASilentSinkHasItsTimeAndFailsAlone) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  Start(OfNetwork());
  NextRequest();
  AnswerNext();
  Advance(absl::Seconds(122));
  EXPECT_EQ(ReadAll().size(), 2u);
  EXPECT_TRUE(Finish().ok());
}

TEST_F(ProcessScratchpadsTest, CancellingLeavesNothing) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  auto request = OfNetwork();
  request.set_max_concurrent(1);
  Start(request);
  NextRequest();
  context_.TryCancel();
  ReadAll();
  EXPECT_EQ(Finish().error_code(), grpc::StatusCode::CANCELLED);
  Await([&] { return network_.tracker().pending() == 0; });
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ProcessScratchpadsTest, ShutdownLetsItGoOn) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  auto request = OfNetwork();
  request.set_max_concurrent(1);
  Start(request);
  const Incoming first = NextRequest();
  service_.Drain();
  gw::WirepasMessage answer;
  answer.mutable_process_scratchpad_resp();
  Answer(first, answer);
  AnswerNext();
  EXPECT_THAT(ReadAll(), UnorderedElementsAre("gw1/a 0", "gw1/b 0"));
  EXPECT_TRUE(Finish().ok());
}

TEST_F(ProcessScratchpadsTest, TheEndOfCallsTellsWhichSinksWereAsked) {
  AddGateway("gw1", {"a", "b"});
  ConnectAndSync();
  auto request = OfNetwork();
  request.set_max_concurrent(1);
  Start(request);
  NextRequest();
  service_.Drain();
  service_.EndCalls();
  // DEADLINE_EXCEEDED of the one that was asked, UNAVAILABLE of the other.
  EXPECT_THAT(ReadAll(), UnorderedElementsAre("gw1/a 4", "gw1/b 14"));
  EXPECT_TRUE(Finish().ok());
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ProcessScratchpadsTest, RefusesWhatItCannotDo) {
  auto request = OfNetwork();
  request.set_max_concurrent(1000);
  ExpectStatus(Refused(request), grpc::StatusCode::INVALID_ARGUMENT, {"max_concurrent:"});
}

TEST_F(ProcessScratchpadsTest, NoSinkIsNotFound) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  ExpectStatus(Refused(OfNetwork(13)), grpc::StatusCode::NOT_FOUND, {"network 13"});
}

}  // namespace
}  // namespace wirepas_grpc::api
