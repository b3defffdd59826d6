// SPDX-License-Identifier: Apache-2.0
#include "core/requests/tracker.h"

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

class RequestTrackerTest : public testing::Test {
 protected:
  RequestDone Keep() {
    return [this](const RequestOutcome& outcome) { ended_.Put(outcome); };
  }

  RequestId Add(const RequestLimit& limit = absl::Seconds(2),
                std::optional<RequestId> wanted = std::nullopt) {
    const auto id = tracker_.Add(RequestKind::kSendData, "g", "s", limit, wanted, Keep());
    EXPECT_TRUE(id.ok()) << id.status();
    return id.value_or(0);
  }

  bool Answer(RequestId id, gw::ErrorCode code = gw::OK,
              const std::string& topic = "gw-response/send_data/g/s") {
    auto message = std::make_shared<gw::WirepasMessage>();
    gw::ResponseHeader* header = message->mutable_send_packet_resp()->mutable_header();
    header->set_req_id(id);
    header->set_gw_id("g");
    header->set_res(code);
    return tracker_.OnResponse(*ParseTopic(topic), std::move(message));
  }

  // How the next request ended; a failure when none has.
  RequestOutcome Ended() {
    Drain(&executor_);
    EXPECT_FALSE(ended_.empty());
    return ended_.empty() ? RequestOutcome() : *ended_.Take();
  }
  bool NothingEnded() {
    Drain(&executor_);
    return ended_.empty();
  }

  Inbox<RequestOutcome> ended_;  // outlives the executor, which fills it
  FakeScheduler scheduler_;
  Executor executor_{1};
  RequestTracker tracker_{10000, &executor_, &scheduler_};
};

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
    message->mutable_get_configs_resp()->mutable_header()->set_req_id(*id);
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

TEST_F(RequestTrackerTest, TheDeadlineOfASentRequest) {
  const RequestId id = Add(absl::Seconds(2));
  tracker_.MarkSent(id);
  scheduler_.Advance(absl::Milliseconds(1999));
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(absl::Milliseconds(1));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
  EXPECT_NE(outcome.status.message().find("gateway 'g', sink 's'"), absl::string_view::npos);
  EXPECT_EQ(outcome.request_id, id);
  EXPECT_FALSE(outcome.answer.has_value());
  EXPECT_FALSE(Answer(id)) << "a late answer";
  EXPECT_TRUE(NothingEnded());
}

TEST_F(RequestTrackerTest, TheDeadlineOfAnUnsentRequestSaysThatNothingWasSent) {
  const RequestId id = Add(absl::Seconds(2));
  scheduler_.Advance(absl::Seconds(2));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
  EXPECT_FALSE(tracker_.MarkSent(id)) << "it must not be sent any more";
}

TEST_F(RequestTrackerTest, ATimeFromTakenStartsAnewWhenTheBrokerHasTheMessage) {
  RequestLimit limit = absl::Seconds(2);
  limit.from_taken = true;
  const RequestId id = Add(limit);
  scheduler_.Advance(absl::Seconds(1));
  tracker_.MarkSent(id);
  scheduler_.Advance(absl::Seconds(30));  // behind others
  tracker_.MarkTaken(id);
  scheduler_.Advance(absl::Milliseconds(1999));
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
}

TEST_F(RequestTrackerTest, ATimeFromTakenIsBoundedBeforeThatToo) {
  RequestLimit limit = absl::Seconds(2);
  limit.from_taken = true;
  Add(limit);  // never gets to the connection
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_TRUE(absl::IsUnavailable(Ended().status));
  tracker_.MarkSent(Add(limit));  // and never out of it
  scheduler_.Advance(RequestLimit::kMaxQueued);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
}

TEST_F(RequestTrackerTest, AnotherTimeIsTheSameWhetherTakenOrNot) {
  const RequestId id = Add(absl::Seconds(2));
  tracker_.MarkSent(id);
  scheduler_.Advance(absl::Seconds(1));
  tracker_.MarkTaken(id);
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
}

TEST_F(RequestTrackerTest, CancelEndsARequestOnce) {
  const RequestId sent = Add();
  const RequestId unsent = Add();
  tracker_.MarkSent(sent);
  EXPECT_TRUE(tracker_.Cancel(sent));
  EXPECT_FALSE(tracker_.Cancel(sent));
  RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsCancelled(outcome.status));
  EXPECT_EQ(outcome.request_id, sent);
  EXPECT_TRUE(tracker_.Cancel(unsent));
  outcome = Ended();
  EXPECT_TRUE(absl::IsCancelled(outcome.status));
  EXPECT_EQ(outcome.request_id, 0u) << "nothing was sent";
  EXPECT_FALSE(tracker_.Cancel(12345));
  EXPECT_EQ(scheduler_.pending(), 0u);
}

TEST_F(RequestTrackerTest, FailuresTellWhetherItWasSent) {
  const RequestId unsent = Add();
  tracker_.FailUnsent(unsent, absl::UnavailableError("why"));
  RequestOutcome outcome = Ended();
  EXPECT_EQ(outcome.status, absl::UnavailableError("gateway 'g', sink 's': why"));
  EXPECT_EQ(outcome.request_id, 0u);
  const RequestId sent = Add();
  tracker_.FailSent(sent, absl::DeadlineExceededError("why"));
  outcome = Ended();
  EXPECT_EQ(outcome.request_id, sent);
  tracker_.FailSent(sent, absl::InternalError("again"));
  EXPECT_TRUE(NothingEnded());
}

TEST_F(RequestTrackerTest, ClosedItEndsAllAndTakesNoMore) {
  Add();
  const RequestId sent = Add();
  tracker_.MarkSent(sent);
  tracker_.Close();
  for (int i = 0; i < 2; ++i) {
    const RequestOutcome outcome = Ended();
    EXPECT_THAT(std::string(outcome.status.message()), testing::HasSubstr("shut down"));
    if (outcome.request_id == 0) {
      EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
      EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
    } else {
      EXPECT_EQ(outcome.request_id, sent);
      EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
      EXPECT_EQ(outcome.fate(), RequestFate::kUnknown);
    }
  }
  const auto late = tracker_.Add(RequestKind::kSendData, "g", "s", absl::Seconds(2), std::nullopt,
                                 [](const RequestOutcome&) { ADD_FAILURE() << "called"; });
  EXPECT_TRUE(absl::IsUnavailable(late.status())) << late.status();
}

TEST_F(RequestTrackerTest, WhatIsUnsentCanBeEndedAsThat) {
  const RequestId unsent = Add();
  const RequestId sent = Add();
  tracker_.MarkSent(sent);
  EXPECT_FALSE(tracker_.FailIfUnsent(sent, absl::UnavailableError("too late")));
  EXPECT_TRUE(tracker_.FailIfUnsent(unsent, absl::UnavailableError("too late")));
  EXPECT_FALSE(tracker_.MarkSent(unsent));
  EXPECT_FALSE(tracker_.FailIfUnsent(unsent, absl::UnavailableError("too late")));
  EXPECT_EQ(Ended().fate(), RequestFate::kNotSent);
  EXPECT_EQ(tracker_.pending(), 1u);
}

// A request that counts as not sent is not sent while its end is on its way.
TEST_F(RequestTrackerTest, WhatEndsAsNotSentIsNotSentMeanwhile) {
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<RequestId> ids;
    for (int i = 0; i < 50; ++i) ids.push_back(Add());
    std::set<RequestId> sent;
    std::thread sender([&] {
      for (const RequestId id : ids) {
        if (tracker_.MarkSent(id)) sent.insert(id);
      }
    });
    tracker_.FailAll();
    sender.join();
    tracker_.FailAll();  // those that were sent after
    std::set<RequestId> told;
    for (size_t i = 0; i < ids.size(); ++i) {
      const RequestId id = Ended().request_id;
      if (id != 0) told.insert(id);
    }
    ASSERT_EQ(told, sent) << "in round " << round;
  }
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

TEST_F(RequestTrackerTest, ALostConnectionEndsAllByWhetherTheyWereSent) {
  std::set<RequestId> sent;
  for (int i = 0; i < 100; ++i) {
    const RequestId id = Add();
    if (i % 2 == 0 && tracker_.MarkSent(id)) sent.insert(id);
  }
  tracker_.FailAll();
  EXPECT_EQ(tracker_.pending(), 0u);
  EXPECT_EQ(scheduler_.pending(), 0u);
  for (int i = 0; i < 100; ++i) {
    const RequestOutcome outcome = Ended();
    if (outcome.request_id == 0) {
      EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
    } else {
      EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
      EXPECT_EQ(sent.erase(outcome.request_id), 1u);
    }
  }
  EXPECT_TRUE(sent.empty());
  EXPECT_TRUE(NothingEnded());
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
        *small.Add(RequestKind::kSendData, "g", "s", absl::Seconds(2), std::nullopt, Keep()));
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
  const RequestId first = *small.Add(RequestKind::kSendData, "g", "s", limit, std::nullopt, Keep());
  EXPECT_EQ(small.places().taken(), 1u) << "one that is there is not taken again";
  limit.place->GiveBack();
  const RequestId second =
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
