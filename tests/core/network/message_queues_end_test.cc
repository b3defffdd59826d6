// SPDX-License-Identifier: Apache-2.0
//
// How messages end that wait, and what time they have.
#include <algorithm>
#include <string>
#include <vector>

#include "core/network/message_queues.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/message_queues_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(MessageQueuesTest, WhenItsTimeIsOverARefusedMessageEndsWithTheRefusal) {
  StartSynced();
  const RequestId id = Send("1", absl::Milliseconds(150));
  const RequestId later = Send("2", absl::Minutes(1));
  PublishedNow();
  Refuse(id);
  Refuse(later);
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  Refuse(id);
  scheduler_.Advance(absl::Milliseconds(135) - kFirst);  // the next pause is longer
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.answer, gw::SINK_OUT_OF_MEMORY);
  EXPECT_EQ(outcome.request_id, id);
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(kSecond);
  EXPECT_THAT(PublishedNow(), ElementsAre("2")) << "the next goes on";
}

TEST_F(MessageQueuesTest, OneThatNeverHadItsTurnSaysThatNothingWasSent) {
  StartSynced();
  const RequestId first = Send("1", absl::Minutes(1));
  PublishedNow();
  Refuse(first);
  Send("2", absl::Milliseconds(40));
  Send("3", absl::ZeroDuration());
  scheduler_.Advance(absl::Milliseconds(36));
  for (int i = 0; i < 2; ++i) {
    const RequestOutcome outcome = Ended();
    EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
    EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("gateway 'g', sink 's'"));
    EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("nothing was sent"));
    EXPECT_EQ(outcome.answer, gw::SINK_OUT_OF_MEMORY);
    EXPECT_EQ(outcome.request_id, 0u);
  }
  EXPECT_THAT(PublishedNow(), IsEmpty());
}

TEST_F(MessageQueuesTest, ARetryHasWhatIsLeftOfTheTime) {
  StartSynced();
  const RequestId id = Send("1", absl::Seconds(1));
  PublishedNow();
  scheduler_.Advance(absl::Milliseconds(500));
  Refuse(id);
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  scheduler_.Advance(absl::Milliseconds(436));
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(EndedNow(), ElementsAre(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(MessageQueuesTest, ATimeFromTakenCountsOverAllTries) {
  StartSynced();
  broker_.HoldPublishes(true);
  RequestLimit limit = absl::Seconds(2);
  limit.from_taken = true;
  const RequestId id = Send("1", limit);
  Settle();
  scheduler_.Advance(absl::Seconds(30));
  broker_.HoldPublishes(false);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  scheduler_.Advance(absl::Seconds(1));
  Refuse(id);
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  Refuse(id);
  scheduler_.Advance(kSecond);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  scheduler_.Advance(absl::Milliseconds(951) - kFirst - kSecond);
  Refuse(id);
  EXPECT_THAT(EndedNow(), ElementsAre(kFull));
}

TEST_F(MessageQueuesTest, WhatWaitsCanBeCancelled) {
  StartSynced();
  const MessageQueues::Key first = SendKey("1");
  PublishedNow();
  Refuse(first.id);
  const MessageQueues::Key second = SendKey("2");
  const MessageQueues::Key third = SendKey("3");
  queues_.Cancel({second}, {});
  RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsCancelled(outcome.status));
  EXPECT_EQ(outcome.request_id, 0u);
  queues_.Cancel({first}, {});
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("3"));
  queues_.Cancel({third}, {});
  EXPECT_TRUE(absl::IsCancelled(Ended().status)) << "and what is sent, too";
  Send("4");
  EXPECT_THAT(PublishedNow(), ElementsAre("4"));
  EXPECT_TRUE(NothingEnded());
}

TEST_F(MessageQueuesTest, WithoutTheBrokerWhatWaitsEndsByWhetherItWasSent) {
  StartSynced();
  const RequestId first = Send("1");
  PublishedNow();
  Refuse(first);
  Send("2");
  broker_.Disconnect();
  Settle();
  scheduler_.Advance(kFirst);
  const RequestOutcome refused = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(refused.status)) << refused.status;
  EXPECT_EQ(refused.fate(), RequestFate::kRefused);
  const RequestOutcome unsent = Ended();
  EXPECT_TRUE(absl::IsUnavailable(unsent.status)) << unsent.status;
  EXPECT_EQ(unsent.fate(), RequestFate::kNotSent);
}

TEST_F(MessageQueuesTest, DrainingGoesOnWithWhatItHasAndTakesNoMore) {
  StartSynced();
  const RequestId first = Send("1");
  PublishedNow();
  Refuse(first);
  const RequestId second = Send("2");
  network_.Drain();
  Send("3");
  const RequestOutcome late = Ended();
  EXPECT_TRUE(absl::IsUnavailable(late.status)) << late.status;
  EXPECT_EQ(late.fate(), RequestFate::kNotSent);
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  Take(first);
  EXPECT_THAT(PublishedNow(), ElementsAre("2"));
  Take(second);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk, kOk));
}

TEST_F(MessageQueuesTest, ClosedItEndsWhatWaitsByWhetherItWasSent) {
  StartSynced();
  const RequestId first = Send("1");
  PublishedNow();
  Refuse(first);
  Send("2");
  network_.EndRequests();
  queues_.Close();
  std::vector<RequestFate> fates = {Ended().fate(), Ended().fate()};
  std::sort(fates.begin(), fates.end());
  EXPECT_THAT(fates, ElementsAre(RequestFate::kNotSent, RequestFate::kRefused));
  EXPECT_EQ(queues_.waiting(), 0u);
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), IsEmpty());
  EXPECT_TRUE(NothingEnded());
}

// Of an RPC that began before the shutdown.
TEST_F(MessageQueuesTest, ClosedItTakesNoneThatWouldWait) {
  StartSynced();
  const RequestId first = Send("1");
  PublishedNow();
  Refuse(first);
  network_.Drain();
  queues_.Close();
  Ended();
  RequestLimit limit = absl::Seconds(2);
  limit.admitted = true;
  Send("2", limit);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_FALSE(outcome.answer.has_value());
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
}

TEST_F(MessageQueuesTest, WithoutTheBrokerANewMessageDoesNotWait) {
  StartSynced();
  SendRefused("1");
  broker_.Disconnect();
  Settle();
  Send("2");
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
}

TEST_F(MessageQueuesTest, ToAnOfflineGatewayANewMessageDoesNotWait) {
  StartSynced();
  SendRefused("1");
  RetainStatus(StatusOf("g", gw::OFF, {"s", "t"}));
  Settle();
  Send("2");
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("offline"));
}

TEST_F(MessageQueuesTest, AJumpOfTheClockLeavesATryItsTime) {
  StartSynced();
  const RequestId id = Send("1");
  PublishedNow();
  Refuse(id);
  scheduler_.JumpTo(scheduler_.Now() + absl::Hours(1));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  scheduler_.Advance(absl::Milliseconds(20));  // the pause may have been 37 ms
  EXPECT_TRUE(NothingEnded());
  Take(id);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk));
  const RequestId next = Send("2");
  PublishedNow();
  Refuse(next);
  scheduler_.JumpTo(scheduler_.Now() - absl::Hours(1));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("2"));
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_THAT(EndedNow(), ElementsAre(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(MessageQueuesTest, AJumpOfTheClockEndsNothingThatWaitsAndPutsNothingOff) {
  StartSynced();
  for (const absl::Duration jump : {absl::Hours(1), -absl::Hours(1)}) {
    const RequestId id = Send("1", absl::Seconds(4));
    PublishedNow();
    scheduler_.Advance(absl::Seconds(1));
    scheduler_.JumpTo(scheduler_.Now() + jump);
    Refuse(id);
    EXPECT_TRUE(NothingEnded()) << "of 4 seconds 3 were left";
    scheduler_.Advance(kFirst);
    EXPECT_THAT(PublishedNow(), ElementsAre("1"));
    scheduler_.Advance(absl::Milliseconds(2900));
    EXPECT_TRUE(NothingEnded());
    scheduler_.Advance(absl::Milliseconds(150));
    EXPECT_EQ(EndedNow().size(), 1u);
  }
}

TEST_F(MessageQueuesTest, WhatIsEndedBeforeItBeginsIsNotSent) {
  StartSynced();
  const auto prepare = [&] {
    return queues_.Prepare(g_, s_, Packet(), {.limit = absl::Seconds(2), .id = 7}, Keep());
  };
  MessageQueues::MessagePtr message = prepare();
  const MessageQueues::Ended dropped = queues_.Cancel({}, {MessageQueues::KeyOf(message)});
  ASSERT_EQ(dropped.size(), 1u);
  EXPECT_TRUE(absl::IsUnavailable(dropped[0].second.status)) << dropped[0].second.status;
  EXPECT_EQ(dropped[0].second.fate(), RequestFate::kNotSent);
  queues_.Begin(message);
  EXPECT_THAT(PublishedNow(), IsEmpty());
  EXPECT_TRUE(NothingEnded());

  message = prepare();
  queues_.Cancel({MessageQueues::KeyOf(message)}, {});
  queues_.Begin(message);
  EXPECT_THAT(PublishedNow(), IsEmpty());
  RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsCancelled(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);

  message = prepare();
  queues_.Forget(MessageQueues::KeyOf(message));
  queues_.Begin(message);
  EXPECT_THAT(PublishedNow(), IsEmpty());
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
  EXPECT_TRUE(NothingEnded());
  EXPECT_EQ(network_.tracker().places().taken(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
