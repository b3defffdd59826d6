// SPDX-License-Identifier: Apache-2.0
#include "core/network/scratchpad_uploader.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::HasSubstr;

class ScratchpadUploaderTest : public NetworkFixture {
 protected:
  // Nothing may run any more when the uploader goes.
  ~ScratchpadUploaderTest() override {
    network_.Stop();
    executor_.Stop();
  }

  using UploadPtr = std::shared_ptr<ScratchpadUploader::Upload>;

  ScratchpadUploader::Job JobOf(const std::optional<std::string>& scratchpad,
                                const std::string& gateway = "g") {
    ScratchpadUploader::Job job{.gateway = *GatewayId::Parse(gateway),
                                .sink = s_,
                                .sequence = 7,
                                .scratchpad = nullptr,
                                .max_chunk_size = std::nullopt,
                                .chunk_timeout = absl::Seconds(60)};
    if (scratchpad) job.scratchpad = std::make_shared<const std::string>(*scratchpad);
    return job;
  }

  UploadPtr Start(ScratchpadUploader::Job job) {
    auto progress = progress_;
    return uploader_.Start(
        std::move(job), [progress](uint32_t accepted) { progress->Put(accepted); }, Keep());
  }

  gw::UploadScratchpadReq NextChunk() {
    const Published published = NextPublished();
    EXPECT_EQ(published.raw.topic, "gw-request/otap_load_scratchpad/g/s");
    EXPECT_TRUE(published.message.has_upload_scratchpad_req());
    return published.message.upload_scratchpad_req();
  }

  void Accept(const gw::UploadScratchpadReq& chunk, gw::ErrorCode code = gw::OK) {
    gw::WirepasMessage message;
    gw::ResponseHeader* header = message.mutable_upload_scratchpad_resp()->mutable_header();
    header->set_req_id(chunk.header().req_id());
    header->set_gw_id("g");
    header->set_sink_id("s");
    header->set_res(code);
    EXPECT_TRUE(broker_.Deliver("gw-response/otap_load_scratchpad/g/s", Encode(message)));
  }

  // Bytes of which each chunk is different.
  static std::string Scratchpad(size_t size) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 256);
    return bytes;
  }

  std::shared_ptr<Inbox<uint32_t>> progress_ = std::make_shared<Inbox<uint32_t>>();
  ScratchpadUploader uploader_{&network_};
};

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
