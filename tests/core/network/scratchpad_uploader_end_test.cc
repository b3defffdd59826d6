// SPDX-License-Identifier: Apache-2.0
//
// How uploads end that do not succeed.
#include <memory>
#include <string>

#include "core/network/scratchpad_uploader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/scratchpad_uploader_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::HasSubstr;

TEST_F(ScratchpadUploaderTest, ADeadlineThatPassesBetweenChunksIsTold) {
  StartSynced();
  ScratchpadUploader::Job job = JobOf(Scratchpad(250));
  job.deadline = scheduler_.MonotonicNow() + absl::Seconds(10);
  uploader_.Start(
      std::move(job), [this](uint32_t) { scheduler_.Advance(absl::Seconds(11)); },
      [ended = ended_](const RequestOutcome& outcome) { ended->Put(outcome); });
  const gw::UploadScratchpadReq chunk = NextChunk();
  Accept(chunk);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
  EXPECT_NE(outcome.status.message().find("100 of 250 bytes"), absl::string_view::npos);
  EXPECT_EQ(outcome.request_id, chunk.header().req_id());
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ScratchpadUploaderTest, StepsOfTheWallClockAreNotOfItsTime) {
  StartSynced();
  for (const absl::Duration jump : {absl::Hours(24), -absl::Hours(24)}) {
    ScratchpadUploader::Job job = JobOf(Scratchpad(250));
    job.deadline = scheduler_.MonotonicNow() + absl::Seconds(10);
    Start(std::move(job));
    Accept(NextChunk());
    const gw::UploadScratchpadReq second = NextChunk();
    scheduler_.JumpTo(scheduler_.Now() + jump);
    Accept(second);
    NextChunk();
    scheduler_.Advance(absl::Seconds(10) - absl::Milliseconds(1));
    EXPECT_TRUE(NothingEnded());
    scheduler_.Advance(absl::Milliseconds(1));
    EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  }
}

TEST_F(ScratchpadUploaderTest, AnErrorInTheMiddleEndsIt) {
  StartSynced();
  Start(JobOf(Scratchpad(250)));
  Accept(NextChunk());
  Accept(NextChunk(), gw::INVALID_SCRATCHPAD_CHUNK_OFFSET);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsInvalidArgument(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.answer, gw::INVALID_SCRATCHPAD_CHUNK_OFFSET);
  EXPECT_EQ(progress_->Take(), 100u);
  EXPECT_TRUE(NothingEnded());
  EXPECT_TRUE(progress_->empty());
  EXPECT_EQ(broker_.published_count(), 0u);
  // The sink is free again.
  Start(JobOf(Scratchpad(10)));
  Accept(NextChunk());
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(ScratchpadUploaderTest, ASilentGatewayEndsItAfterTheTimeOfOneChunk) {
  StartSynced();
  Start(JobOf(Scratchpad(250)));
  Accept(NextChunk());
  NextChunk();
  scheduler_.Advance(absl::Seconds(59));
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
}

TEST_F(ScratchpadUploaderTest, TheDeadlineIsForAllChunksTogether) {
  StartSynced();
  ScratchpadUploader::Job job = JobOf(Scratchpad(250));
  job.deadline = scheduler_.MonotonicNow() + absl::Seconds(90);
  Start(std::move(job));
  const gw::UploadScratchpadReq first = NextChunk();
  scheduler_.Advance(absl::Seconds(50));
  Accept(first);
  NextChunk();
  scheduler_.Advance(absl::Seconds(39));
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
}

TEST_F(ScratchpadUploaderTest, ACancelWhileAChunkIsOnItsWay) {
  StartSynced();
  const UploadPtr upload = Start(JobOf(Scratchpad(250)));
  const gw::UploadScratchpadReq chunk = NextChunk();
  uploader_.Cancel(upload);
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
  Accept(chunk);
  EXPECT_TRUE(NothingEnded());
  EXPECT_EQ(broker_.published_count(), 0u);
  Start(JobOf(Scratchpad(10)));
  NextChunk();
}

// The progress of a chunk is told before the next is sent: a cancel from there
// finds no chunk on its way.
TEST_F(ScratchpadUploaderTest, ACancelBetweenTwoChunks) {
  StartSynced();
  auto upload = std::make_shared<UploadPtr>();
  *upload = uploader_.Start(
      JobOf(Scratchpad(250)), [this, upload](uint32_t) { uploader_.Cancel(*upload); }, Keep());
  Settle();
  Accept(NextChunk());
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
  EXPECT_TRUE(NothingEnded());
  EXPECT_EQ(broker_.published_count(), 0u);
  Start(JobOf(Scratchpad(10)));
  NextChunk();
  upload->reset();
}

TEST_F(ScratchpadUploaderTest, CancellingWhatHasEndedDoesNothing) {
  StartSynced();
  const UploadPtr upload = Start(JobOf(Scratchpad(10)));
  Accept(NextChunk());
  EXPECT_TRUE(Ended().status.ok());
  uploader_.Cancel(upload);
  EXPECT_TRUE(NothingEnded());
}

TEST_F(ScratchpadUploaderTest, UnknownAndOfflineGatewaysAreToldAsForAnyRequest) {
  StartSynced();
  Start(JobOf(Scratchpad(10), "nobody"));
  EXPECT_TRUE(absl::IsNotFound(Ended().status));
  Start(JobOf(Scratchpad(10), "off"));
  EXPECT_TRUE(absl::IsUnavailable(Ended().status));
}

TEST_F(ScratchpadUploaderTest, ALostConnectionEndsIt) {
  StartSynced();
  Start(JobOf(Scratchpad(250)));
  Accept(NextChunk());
  NextChunk();
  broker_.Disconnect();
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
}

// What cannot be sent any more is not the whole of it.
TEST_F(ScratchpadUploaderTest, OnceAChunkIsInTheGatewayItIsNotUnsentAnyMore) {
  StartSynced();
  Start(JobOf(Scratchpad(250)));
  const auto first = NextChunk();
  RetainStatus(StatusOf("g", gw::OFF, {"s", "t"}));
  Settle();
  Accept(first);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
  EXPECT_THAT(std::string(outcome.status.message()),
              testing::AllOf(HasSubstr("offline"), HasSubstr("100 of 250 bytes")));
  EXPECT_NE(outcome.request_id, 0u);
  EXPECT_EQ(outcome.fate(), RequestFate::kUnknown);
}

TEST_F(ScratchpadUploaderTest, ARefusalOfALaterChunkDoesNotUndoThoseBefore) {
  StartSynced();
  Start(JobOf(Scratchpad(250)));
  Accept(NextChunk());
  Accept(NextChunk(), gw::INVALID_SCRATCHPAD);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsInvalidArgument(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kUnknown);
  Start(JobOf(Scratchpad(250)));
  Accept(NextChunk(), gw::INVALID_SCRATCHPAD);
  EXPECT_EQ(Ended().fate(), RequestFate::kRefused) << "of the first";
}

TEST_F(ScratchpadUploaderTest, DrainingGoesOnWithWhatHasBegunAndBeginsNoMore) {
  StartSynced();
  Start(JobOf(Scratchpad(150)));
  const auto first = NextChunk();
  network_.Drain();
  Accept(first);
  Accept(NextChunk());
  EXPECT_TRUE(Ended().status.ok());
  Start(JobOf(Scratchpad(10)));
  const RequestOutcome late = Ended();
  EXPECT_TRUE(absl::IsUnavailable(late.status)) << late.status;
  EXPECT_EQ(late.fate(), RequestFate::kNotSent);
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ScratchpadUploaderTest, TheEndOfRequestsEndsIt) {
  StartSynced();
  Start(JobOf(Scratchpad(250)));
  Accept(NextChunk());
  NextChunk();
  network_.EndRequests();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kUnknown);
}

}  // namespace
}  // namespace wirepas_grpc::core
