// SPDX-License-Identifier: Apache-2.0
//
// How requests end that no answer ends.
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/requests/tracker.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/requests/tracker_fixture.h"

namespace wirepas_grpc::core {
namespace {

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
  tracker_.MarkQueued(id);
  scheduler_.Advance(absl::Seconds(30));  // behind others
  tracker_.MarkSent(id);
  scheduler_.Advance(absl::Seconds(29));
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
  for (const bool sent : {false, true}) {  // never to its turn there, and never out of it
    const RequestId id = Add(limit);
    tracker_.MarkQueued(id);
    if (sent) tracker_.MarkSent(id);
    scheduler_.Advance(RequestLimit::kMaxQueued);
    const RequestOutcome outcome = Ended();
    EXPECT_EQ(outcome.status.code(),
              sent ? absl::StatusCode::kDeadlineExceeded : absl::StatusCode::kUnavailable);
    EXPECT_EQ(outcome.fate(), sent ? RequestFate::kUnknown : RequestFate::kNotSent);
  }
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

TEST_F(RequestTrackerTest, WhatWaitsForItsTurnHoldsItsPlaceThoughItHasEnded) {
  for (const bool given_back : {false, true}) {
    RequestLimit limit = absl::Seconds(2);
    limit.place = *tracker_.places().Take(nullptr);
    const RequestKey key = AddKey(limit);
    std::optional<RequestPlaces::Hold> hold = tracker_.MarkQueued(key);
    ASSERT_TRUE(hold.has_value());
    EXPECT_TRUE(tracker_.Cancel(key));
    EXPECT_EQ(Ended().fate(), RequestFate::kNotSent);
    if (given_back) limit.place->GiveBack();
    limit.place = nullptr;
    EXPECT_EQ(tracker_.places().taken(), 1u);
    EXPECT_FALSE(tracker_.MarkSent(key));
    hold.reset();
    EXPECT_EQ(tracker_.places().taken(), 0u);
  }
}

// A chosen id that is used again while the one before is on its way out.
TEST_F(RequestTrackerTest, WhatHasEndedIsNotTakenForTheNextOfItsId) {
  const RequestKey first = AddKey(absl::Seconds(2), 77);
  tracker_.MarkQueued(first);
  EXPECT_TRUE(tracker_.Cancel(first));
  Ended();
  const RequestKey second = AddKey(absl::Seconds(2), 77);
  EXPECT_FALSE(tracker_.MarkQueued(first).has_value());
  EXPECT_FALSE(tracker_.MarkSent(first));
  EXPECT_EQ(tracker_.WasSent(second), false);
  tracker_.FailUnsent(first, absl::UnavailableError("of the first"));
  tracker_.FailSent(first, absl::UnavailableError("of the first"));
  EXPECT_FALSE(tracker_.FailIfUnsent(first, absl::UnavailableError("of the first")));
  EXPECT_FALSE(tracker_.Cancel(first));
  EXPECT_TRUE(NothingEnded());
  EXPECT_TRUE(tracker_.MarkSent(second));
  EXPECT_TRUE(Answer(77));
  EXPECT_TRUE(Ended().status.ok());
}

// Nothing else in an answer tells whose it is; whoever chooses ids chooses new ones.
TEST_F(RequestTrackerTest, ALateAnswerIsThatOfTheNextRequestWithItsIdOnceThatIsSent) {
  tracker_.MarkSent(Add(absl::Seconds(2), 77));
  tracker_.Cancel(77);
  Ended();
  const RequestId next = Add(absl::Seconds(2), 77);
  EXPECT_FALSE(Answer(77, gw::ACCESS_DENIED)) << "not before it is sent";
  tracker_.MarkSent(next);
  EXPECT_TRUE(Answer(77, gw::ACCESS_DENIED));
  EXPECT_TRUE(absl::IsPermissionDenied(Ended().status));
}

}  // namespace
}  // namespace wirepas_grpc::core
