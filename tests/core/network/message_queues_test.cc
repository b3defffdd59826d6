// SPDX-License-Identifier: Apache-2.0
#include "core/network/message_queues.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/message_queues_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(MessageQueuesTest, ARefusedMessageIsSentAgainAfterAPauseWithItsId) {
  StartSynced();
  const RequestId id = Send("a");
  EXPECT_THAT(PublishedNow(), ElementsAre("a"));
  Refuse(id);
  EXPECT_TRUE(NothingEnded());
  EXPECT_EQ(queues_.waiting(), 1u);
  scheduler_.Advance(absl::Milliseconds(37));
  EXPECT_THAT(PublishedNow(), IsEmpty()) << "too soon";
  scheduler_.Advance(kFirst - absl::Milliseconds(37));
  EXPECT_THAT(PublishedNow(), ElementsAre("a"));
  EXPECT_EQ(ids_[0], id);
  EXPECT_EQ(queues_.waiting(), 0u);
  Take(id);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.request_id, id);
  EXPECT_EQ(queues_.retries(), 1u);
}

TEST_F(MessageQueuesTest, TellsHowOftenAMessageWasSentAgain) {
  StartSynced();
  const RequestId at_once = Send("a");
  PublishedNow();
  Take(at_once);
  EXPECT_EQ(Ended().retry_count, 0u);
  // Taken after two refusals, or never after three.
  for (const bool taken : {true, false}) {
    const RequestId id = Send("b", absl::Minutes(1));
    PublishedNow();
    for (int i = 0; i < 2; ++i) {
      Refuse(id);
      scheduler_.Advance(absl::Seconds(1));
      EXPECT_THAT(PublishedNow(), ElementsAre("b"));
    }
    if (taken) {
      Take(id);
    } else {
      Refuse(id);
      queues_.Close();
    }
    const RequestOutcome outcome = Ended();
    EXPECT_EQ(outcome.status.ok(), taken) << outcome.status;
    EXPECT_EQ(outcome.retry_count, 2u);
  }
}

TEST_F(MessageQueuesTest, PausesGrowWithEachRefusalUpToTheLongest) {
  StartSynced();
  const RequestId id = Send("a", absl::Minutes(1));
  PublishedNow();
  for (const int pause : {50, 100, 200, 400, 800, 1000, 1000}) {
    Refuse(id);
    scheduler_.Advance(absl::Milliseconds(pause) * 0.74);
    EXPECT_THAT(PublishedNow(), IsEmpty()) << pause;
    scheduler_.Advance(absl::Milliseconds(pause) * 0.52);
    EXPECT_THAT(PublishedNow(), ElementsAre("a")) << pause;
  }
  // And begin anew once the sink had room.
  Take(id);
  const RequestId next = Send("b");
  EXPECT_THAT(PublishedNow(), ElementsAre("b"));
  Refuse(next);
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("b"));
}

TEST_F(MessageQueuesTest, WhatComesLaterWaitsBehindItInOrder) {
  StartSynced();
  const RequestId first = Send("1");
  const RequestId second = Send("2");
  const RequestId third = Send("3");
  EXPECT_THAT(PublishedNow(), UnorderedElementsAre("1", "2", "3")) << "all at once";
  Refuse(third);
  Send("4");
  Send("5");
  Refuse(first);  // was sent before the others, and so is again
  Take(second);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk));
  EXPECT_THAT(PublishedNow(), IsEmpty());
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1")) << "one, to see whether there is room";
  Take(ids_[0]);
  EXPECT_THAT(PublishedNow(), ElementsAre("3", "4")) << "more with each success";
  const std::vector<RequestId> two = ids_;
  Take(two[0]);
  EXPECT_THAT(PublishedNow(), ElementsAre("5"));
  Take(two[1]);
  Take(ids_[0]);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk, kOk, kOk, kOk));
  for (const char* payload : {"6", "7", "8", "9", "10", "11"}) Send(payload);
  EXPECT_EQ(PublishedNow().size(), 6u) << "nothing waits, so nothing queues";
}

TEST_F(MessageQueuesTest, ARefusalInTheMiddleOfAQueueStopsItAgain) {
  StartSynced();
  SendRefused("1");
  for (const char* payload : {"2", "3", "4"}) Send(payload);
  scheduler_.Advance(kFirst);
  PublishedNow();
  Take(ids_[0]);
  EXPECT_THAT(PublishedNow(), ElementsAre("2", "3"));
  const std::vector<RequestId> two = ids_;
  Refuse(two[0]);
  Take(two[1]);
  EXPECT_THAT(PublishedNow(), IsEmpty()) << "2 waits, so do those behind it";
  scheduler_.Advance(kSecond);
  EXPECT_THAT(PublishedNow(), ElementsAre("2"));
}

TEST_F(MessageQueuesTest, OtherSinksGoOn) {
  StartSynced();
  SendRefused("1");
  Send("behind");
  Send("elsewhere", absl::Seconds(2), "t");
  EXPECT_THAT(PublishedNow(), ElementsAre("elsewhere"));
}

TEST_F(MessageQueuesTest, AnotherErrorIsNotTriedAgainAndTheNextGoesOn) {
  StartSynced();
  const RequestId first = Send("1");
  PublishedNow();
  Refuse(first);
  Send("2");
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  AnswerSend(first, gw::INVALID_DEST_ADDRESS);
  EXPECT_THAT(EndedNow(), ElementsAre(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(PublishedNow(), ElementsAre("2"));
}

TEST_F(MessageQueuesTest, ALostAnswerHoldsUpOthersForALittleWhileOnly) {
  StartSynced();
  const RequestId id = Send("1", absl::Minutes(1));
  PublishedNow();
  Refuse(id);
  Send("2", absl::Minutes(1));
  Send("3", absl::Minutes(1));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  scheduler_.Advance(MessageQueues::kHoldsUp - kFirst);
  EXPECT_THAT(PublishedNow(), IsEmpty());
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("2")) << "and not more than one";
  Take(id);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk)) << "a late answer is still good";
  EXPECT_THAT(PublishedNow(), IsEmpty()) << "2 was tried, and is not answered";
  scheduler_.Advance(MessageQueues::kHoldsUp);
  EXPECT_THAT(PublishedNow(), ElementsAre("3"));
}

TEST_F(MessageQueuesTest, ALateRefusalIsTriedAgainInOrder) {
  StartSynced();
  const RequestId id = Send("1", absl::Minutes(1));
  PublishedNow();
  Refuse(id);
  Send("2", absl::Minutes(1));
  Send("3", absl::Minutes(1));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  scheduler_.Advance(MessageQueues::kHoldsUp);
  EXPECT_THAT(PublishedNow(), ElementsAre("2"));
  const RequestId second = ids_[0];
  Refuse(id);
  Take(second);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk));
  EXPECT_THAT(PublishedNow(), IsEmpty());
  scheduler_.Advance(kSecond);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
}

TEST_F(MessageQueuesTest, OnlyAnAnswerShowsThatThereIsRoom) {
  StartSynced();
  const RequestId id = Send("1", absl::Milliseconds(500));
  PublishedNow();
  Refuse(id);
  const MessageQueues::Key second = SendKey("2", absl::Minutes(1));
  for (const char* payload : {"3", "4"}) Send(payload, absl::Minutes(1));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  scheduler_.Advance(absl::Milliseconds(437));
  EXPECT_THAT(EndedNow(), ElementsAre(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(PublishedNow(), ElementsAre("2"));
  queues_.Cancel({second}, {});
  EXPECT_THAT(EndedNow(), ElementsAre(absl::StatusCode::kCancelled));
  EXPECT_THAT(PublishedNow(), ElementsAre("3"));
  Take(ids_[0]);
  EXPECT_THAT(PublishedNow(), ElementsAre("4"));
}

}  // namespace
}  // namespace wirepas_grpc::core
