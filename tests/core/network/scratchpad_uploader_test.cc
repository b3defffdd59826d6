// SPDX-License-Identifier: Apache-2.0
#include "core/network/scratchpad_uploader.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/core/network/scratchpad_uploader_fixture.h"

namespace wirepas_grpc::core {
namespace {

// An embedded one, say, whose status was cleared: what it takes only it can tell.
TEST_F(ScratchpadUploaderTest, AGatewayWithoutAStatusIsAskedWhatItTakes) {
  StartSynced();
  InterestPtr answers = network_.AcquireDownlinks([] {});
  for (const bool tells : {true, false}) {
    broker_.Deliver("gw-event/status/g", "");
    Settle();
    ScratchpadUploader::Job job = JobOf(Scratchpad(150));
    job.allow_unknown_gateway = true;
    Start(std::move(job));
    const Published question = NextPublished();
    EXPECT_EQ(question.raw.topic, "gw-request/get_gw_info/g");
    if (tells) {
      gw::WirepasMessage message;
      gw::GetGwInfoResp* response = message.mutable_get_gateway_info_resp();
      response->mutable_header()->set_req_id(
          question.message.get_gateway_info_req().header().req_id());
      response->mutable_header()->set_gw_id("g");
      response->mutable_header()->set_res(gw::OK);
      response->mutable_info()->set_current_time_s_epoch(1);
      response->mutable_info()->set_max_scratchpad_size(100);
      EXPECT_TRUE(broker_.Deliver("gw-response/get_gw_info/g", Encode(message)));
    } else {
      scheduler_.Advance(absl::Seconds(2));
    }
    for (const size_t size : tells ? std::vector<size_t>{100, 50} : std::vector<size_t>{150}) {
      Published published = NextPublished();
      // That it was heard makes the service ask for its sinks.
      if (published.raw.topic == "gw-request/get_configs/g") published = NextPublished();
      EXPECT_EQ(published.message.upload_scratchpad_req().scratchpad().size(), size);
      Accept(published.message.upload_scratchpad_req());
    }
    EXPECT_TRUE(Ended().status.ok());
  }
}

TEST_F(ScratchpadUploaderTest, ASmallScratchpadGoesInOneRequest) {
  StartSynced();
  const std::string scratchpad = Scratchpad(100);  // just what the gateway takes
  Start(JobOf(scratchpad));
  const gw::UploadScratchpadReq chunk = NextChunk();
  EXPECT_EQ(chunk.seq(), 7u);
  EXPECT_EQ(chunk.scratchpad(), scratchpad);
  EXPECT_FALSE(chunk.has_chunk_info());
  Accept(chunk);
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_EQ(progress_->Take(), 100u);
}

TEST_F(ScratchpadUploaderTest, ALargeOneGoesInChunksOneAfterTheOther) {
  StartSynced();
  const std::string scratchpad = Scratchpad(250);
  Start(JobOf(scratchpad));
  std::string received;
  for (const uint32_t size : {100u, 100u, 50u}) {
    const gw::UploadScratchpadReq chunk = NextChunk();
    EXPECT_EQ(chunk.seq(), 7u);
    EXPECT_EQ(chunk.chunk_info().scratchpad_total_size(), 250u);
    EXPECT_EQ(chunk.chunk_info().start_offset(), received.size());
    EXPECT_EQ(chunk.scratchpad().size(), size);
    received += chunk.scratchpad();
    Settle();
    EXPECT_EQ(broker_.published_count(), 0u) << "the next came before the answer";
    EXPECT_TRUE(NothingEnded());
    Accept(chunk);
    EXPECT_EQ(progress_->Take(), received.size());
  }
  EXPECT_EQ(received, scratchpad);
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_TRUE(NothingEnded());
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ScratchpadUploaderTest, TheCallerMayWantSmallerChunks) {
  StartSynced();
  ScratchpadUploader::Job job = JobOf(Scratchpad(90));
  job.max_chunk_size = 40;
  Start(std::move(job));
  for (const uint32_t size : {40u, 40u, 10u}) {
    const gw::UploadScratchpadReq chunk = NextChunk();
    EXPECT_EQ(chunk.scratchpad().size(), size);
    Accept(chunk);
  }
  EXPECT_TRUE(Ended().status.ok());
  job = JobOf(Scratchpad(250));
  job.max_chunk_size = 1000;  // not larger ones
  Start(std::move(job));
  EXPECT_EQ(NextChunk().scratchpad().size(), 100u);
}

TEST_F(ScratchpadUploaderTest, ClearingSendsNoScratchpad) {
  StartSynced();
  ScratchpadUploader::Job job = JobOf(std::nullopt);
  job.sequence = 0;
  Start(std::move(job));
  const gw::UploadScratchpadReq chunk = NextChunk();
  EXPECT_FALSE(chunk.has_scratchpad());
  EXPECT_FALSE(chunk.has_chunk_info());
  EXPECT_EQ(chunk.seq(), 0u);
  Accept(chunk);
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(ScratchpadUploaderTest, AGatewayWithoutALimitTakesAllAtOnce) {
  RetainStatus(StatusOf("i", gw::ON, {"s"}));
  StartSynced(4);
  Start(JobOf(Scratchpad(1 << 20), "i"));
  const Published published = NextPublished();
  EXPECT_EQ(published.message.upload_scratchpad_req().scratchpad().size(), 1u << 20);
  EXPECT_FALSE(published.message.upload_scratchpad_req().has_chunk_info());
}

TEST_F(ScratchpadUploaderTest, AStatedSizeMeansThatChunksAreTaken) {
  // As an embedded gateway: with a size, and without any feature.
  gw::StatusEvent status = StatusOf("i", gw::ON, {"s"});
  status.set_max_scratchpad_size(100);
  RetainStatus(status);
  StartSynced(4);
  Start(JobOf(Scratchpad(250), "i"));
  const gw::UploadScratchpadReq chunk = NextPublished().message.upload_scratchpad_req();
  EXPECT_EQ(chunk.scratchpad().size(), 100u);
  EXPECT_EQ(chunk.chunk_info().scratchpad_total_size(), 250u);
}

TEST_F(ScratchpadUploaderTest, WhereChunksAreWantedAndNotTakenNothingIsSent) {
  RetainStatus(StatusOf("i", gw::ON, {"s"}));
  StartSynced(4);
  const auto start = [&](size_t size) {
    ScratchpadUploader::Job job = JobOf(Scratchpad(size), "i");
    job.max_chunk_size = 100;
    Start(std::move(job));
  };
  start(101);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsFailedPrecondition(outcome.status)) << outcome.status;
  EXPECT_NE(outcome.status.message().find("gateway 'i', sink 's'"), absl::string_view::npos);
  EXPECT_EQ(broker_.published_count(), 0u);
  start(100);
  EXPECT_EQ(NextPublished().message.upload_scratchpad_req().scratchpad().size(), 100u);
}

TEST_F(ScratchpadUploaderTest, ASecondUploadToTheSameSinkIsAborted) {
  StartSynced();
  Start(JobOf(Scratchpad(10)));
  const gw::UploadScratchpadReq chunk = NextChunk();
  Start(JobOf(Scratchpad(20)));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsAborted(outcome.status)) << outcome.status;
  // Another sink is another matter.
  ScratchpadUploader::Job other = JobOf(Scratchpad(10));
  other.sink = *SinkId::Parse("t");
  Start(std::move(other));
  EXPECT_EQ(NextPublished().raw.topic, "gw-request/otap_load_scratchpad/g/t");
  Accept(chunk);
  EXPECT_TRUE(Ended().status.ok());
  Start(JobOf(Scratchpad(20)));
  Accept(NextChunk());
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(ScratchpadUploaderTest, AReservedSinkIsForItsOwnerAlone) {
  StartSynced();
  const SinkPath s{g_, s_};
  const SinkPath t{g_, *SinkId::Parse("t")};
  auto reservation = uploader_.Reserve({s, t});
  ASSERT_TRUE(reservation.ok());
  Start(JobOf(Scratchpad(10)));
  EXPECT_TRUE(absl::IsAborted(Ended().status));
  // None is taken when one cannot be.
  const SinkPath other{*GatewayId::Parse("h"), s_};
  EXPECT_TRUE(absl::IsAborted(uploader_.Reserve({other, t}).status()));
  EXPECT_TRUE(uploader_.Reserve({other}).ok());

  ScratchpadUploader::Job job = JobOf(Scratchpad(10));
  job.reservation = *reservation;
  Start(std::move(job));
  Accept(NextChunk());
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_TRUE(absl::IsAborted(uploader_.Reserve({s}).status()));
  reservation->reset();
  EXPECT_TRUE(uploader_.Reserve({s, t}).ok());
}

}  // namespace
}  // namespace wirepas_grpc::core
