// SPDX-License-Identifier: Apache-2.0
#include "core/requests/tracker.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/core/requests/tracker_fixture.h"

namespace wirepas_grpc::core {
namespace {

TEST_F(RequestTrackerTest, AnAnswerEndsItsRequest) {
  const RequestId id = Add();
  ASSERT_TRUE(tracker_.MarkSent(id));
  scheduler_.Advance(absl::Milliseconds(300));
  EXPECT_TRUE(Answer(id));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.answer, gw::OK);
  EXPECT_EQ(outcome.request_id, id);
  EXPECT_EQ(outcome.gateway_time, absl::Milliseconds(300));
  ASSERT_NE(outcome.response, nullptr);
  EXPECT_EQ(outcome.response->send_packet_resp().header().req_id(), id);
  EXPECT_EQ(tracker_.pending(), 0u);
  EXPECT_EQ(scheduler_.pending(), 0u) << "its timer stayed";
}

TEST_F(RequestTrackerTest, AnErrorCodeIsAStatusThatNamesGatewaySinkAndCause) {
  const RequestId id = Add();
  tracker_.MarkSent(id);
  EXPECT_TRUE(Answer(id, gw::INVALID_SINK_ID));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsNotFound(outcome.status));
  EXPECT_EQ(outcome.answer, gw::INVALID_SINK_ID);
  EXPECT_EQ(outcome.status.message(),
            "gateway 'g', sink 's': the gateway answered INVALID_SINK_ID");
}

TEST_F(RequestTrackerTest, StepsOfTheWallClockAreNoGatewayTime) {
  for (const absl::Duration jump : {absl::Hours(1), -absl::Hours(1)}) {
    const RequestId id = Add();
    tracker_.MarkSent(id);
    scheduler_.JumpTo(scheduler_.Now() + jump);
    scheduler_.Advance(absl::Milliseconds(300));
    EXPECT_TRUE(Answer(id));
    EXPECT_EQ(Ended().gateway_time, absl::Milliseconds(300));
  }
}

TEST_F(RequestTrackerTest, ASecondAnswerAnswersNothing) {
  const RequestId id = Add();
  tracker_.MarkSent(id);
  EXPECT_TRUE(Answer(id));
  EXPECT_FALSE(Answer(id));
  EXPECT_FALSE(Answer(id, gw::INTERNAL_ERROR));
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_TRUE(NothingEnded());
}

TEST_F(RequestTrackerTest, ForeignAnswersAnswerNothing) {
  const RequestId id = Add();
  tracker_.MarkSent(id);
  EXPECT_FALSE(Answer(id + 1));
  EXPECT_FALSE(Answer(0));
  EXPECT_FALSE(Answer(id, gw::OK, "gw-response/send_data/other/s")) << "another gateway";
  EXPECT_FALSE(Answer(id, gw::OK, "gw-response/send_data/g/other")) << "another sink";
  EXPECT_FALSE(Answer(id, gw::OK, "gw-response/set_config/g/s")) << "another kind";
  auto no_response = std::make_shared<gw::WirepasMessage>();
  no_response->mutable_send_packet_req()->mutable_header()->set_req_id(id);
  EXPECT_FALSE(
      tracker_.OnResponse(*ParseTopic("gw-response/send_data/g/s"), std::move(no_response)));
  EXPECT_TRUE(NothingEnded());
  EXPECT_TRUE(tracker_.IsPending(id));
}

TEST_F(RequestTrackerTest, ARequestToTheGatewayItselfIsAnsweredWithOrWithoutASink) {
  for (const char* topic : {"gw-response/get_configs/g", "gw-response/get_configs/g/s"}) {
    const auto id =
        tracker_.Add(RequestKind::kGetConfigs, "g", "", absl::Seconds(2), std::nullopt, Keep());
    tracker_.MarkSent(*id);
    auto message = std::make_shared<gw::WirepasMessage>();
    message->mutable_get_configs_resp()->mutable_header()->set_req_id(id->id);
    message->mutable_get_configs_resp()->mutable_header()->set_res(gw::OK);
    EXPECT_TRUE(tracker_.OnResponse(*ParseTopic(topic), std::move(message))) << topic;
    EXPECT_TRUE(Ended().status.ok());
  }
}

// Whoever knows the id of a request that waits for the broker cannot answer it.
TEST_F(RequestTrackerTest, NothingAnswersWhatWasNotSent) {
  const RequestId id = Add();
  EXPECT_FALSE(Answer(id));
  EXPECT_TRUE(tracker_.MarkSent(id));
  EXPECT_TRUE(Answer(id));
  EXPECT_GE(Ended().gateway_time, absl::ZeroDuration());
}

TEST(RequestOutcomeTest, ItsFateIsByWhatWasSentAndAnswered) {
  RequestOutcome outcome;
  outcome.status = absl::InternalError("whatever");
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
  outcome.answer = gw::SINK_OUT_OF_MEMORY;
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent) << "the answer to those before it";
  outcome.request_id = 1;
  EXPECT_EQ(outcome.fate(), RequestFate::kRefused);
  outcome.answer.reset();
  EXPECT_EQ(outcome.fate(), RequestFate::kUnknown);
  const std::set<gw::ErrorCode> vague = {gw::OK, gw::INTERNAL_ERROR, gw::SINK_TIMEOUT,
                                         gw::UNKNOWN_ERROR_CODE};
  for (int code = gw::ErrorCode_MIN; code <= gw::ErrorCode_MAX; ++code) {
    outcome.answer = static_cast<gw::ErrorCode>(code);
    EXPECT_EQ(outcome.fate(),
              vague.contains(*outcome.answer) ? RequestFate::kUnknown : RequestFate::kRefused)
        << gw::ErrorCode_Name(*outcome.answer);
  }
  outcome.answer = gw::INVALID_ROLE;
  outcome.maybe_done = true;
  EXPECT_EQ(outcome.fate(), RequestFate::kUnknown);
  outcome.request_id = 0;
  EXPECT_EQ(outcome.fate(), RequestFate::kUnknown);
}

TEST_F(RequestTrackerTest, AWantedIdIsTakenUnlessItIsPending) {
  EXPECT_EQ(Add(absl::Seconds(2), 77), 77u);
  const auto again = tracker_.Add(RequestKind::kSendData, "g", "s", absl::Seconds(2), 77, Keep());
  EXPECT_TRUE(absl::IsAlreadyExists(again.status()));
  tracker_.Cancel(77);
  Ended();
  EXPECT_EQ(Add(absl::Seconds(2), 77), 77u);
}

// 64 random bits: all of them are used, and none repeats.
TEST_F(RequestTrackerTest, IdsAreRandom) {
  std::set<RequestId> ids;
  RequestId ones = 0;
  RequestId zeros = 0;
  for (int i = 0; i < 1000; ++i) {
    const RequestId id = Add();
    ids.insert(id);
    ones |= id;
    zeros |= ~id;
  }
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_EQ(ones, ~uint64_t{0});
  EXPECT_EQ(zeros, ~uint64_t{0});
  EXPECT_EQ(ids.count(0), 0u);
}

TEST_F(RequestTrackerTest, TheBoundHolds) {
  RequestTracker small(3, &executor_, &scheduler_);
  std::vector<RequestId> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(
        small.Add(RequestKind::kSendData, "g", "s", absl::Seconds(2), std::nullopt, Keep())->id);
  }
  const auto more =
      small.Add(RequestKind::kSendData, "g", "s", absl::Seconds(2), std::nullopt, Keep());
  EXPECT_TRUE(absl::IsResourceExhausted(more.status()));
  EXPECT_TRUE(NothingEnded()) << "whoever is refused gets no callback";
  small.Cancel(ids[1]);
  Ended();
  EXPECT_TRUE(
      small.Add(RequestKind::kSendData, "g", "s", absl::Seconds(2), std::nullopt, Keep()).ok());
  small.FailAll();
}

TEST_F(RequestTrackerTest, APlaceGivenBackIsFreeThoughTheRequestWaits) {
  RequestTracker small(1, &executor_, &scheduler_);
  RequestLimit limit = absl::Seconds(2);
  limit.place = *small.places().Take(nullptr);
  const RequestKey first =
      *small.Add(RequestKind::kSendData, "g", "s", limit, std::nullopt, Keep());
  EXPECT_EQ(small.places().taken(), 1u) << "one that is there is not taken again";
  limit.place->GiveBack();
  const RequestKey second =
      *small.Add(RequestKind::kSendData, "g", "s", absl::Seconds(2), std::nullopt, Keep());
  EXPECT_EQ(small.pending(), 2u);
  EXPECT_EQ(small.places().taken(), 1u);
  EXPECT_TRUE(small.Cancel(first));
  Ended();
  EXPECT_EQ(small.places().taken(), 1u);
  EXPECT_TRUE(small.Cancel(second));
  Ended();
  EXPECT_EQ(small.places().taken(), 0u);
}

TEST_F(RequestTrackerTest, TenThousandInFlightEndEachInItsOwnWay) {
  std::vector<RequestId> ids;
  for (int i = 0; i < 10000; ++i) {
    ids.push_back(Add(absl::Seconds(10) + absl::Milliseconds(i)));
    ASSERT_TRUE(tracker_.MarkSent(ids.back()));
  }
  EXPECT_EQ(tracker_.pending(), 10000u);
  EXPECT_EQ(scheduler_.pending(), 10000u);
  // A third is answered, in another order; a third cancelled; the rest runs out.
  for (size_t i = 9999; i < 10000; i -= 3) EXPECT_TRUE(Answer(ids[i]));
  for (size_t i = 1; i < 10000; i += 3) EXPECT_TRUE(tracker_.Cancel(ids[i]));
  EXPECT_EQ(tracker_.pending(), 3333u);
  scheduler_.Advance(absl::Seconds(30));
  int ok = 0, cancelled = 0, late = 0;
  for (int i = 0; i < 10000; ++i) {
    const std::optional<RequestOutcome> outcome = ended_.Take();
    ASSERT_TRUE(outcome.has_value());
    ok += outcome->status.ok();
    cancelled += absl::IsCancelled(outcome->status);
    late += absl::IsDeadlineExceeded(outcome->status);
  }
  EXPECT_EQ(ok, 3334);
  EXPECT_EQ(cancelled, 3333);
  EXPECT_EQ(late, 3333);
  EXPECT_TRUE(NothingEnded());
  EXPECT_EQ(tracker_.pending(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
