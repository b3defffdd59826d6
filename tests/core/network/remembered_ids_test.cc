// SPDX-License-Identifier: Apache-2.0
//
// The ids that are remembered, beyond the calls that wait.
#include "core/network/message_sender.h"
#include "gtest/gtest.h"
#include "tests/core/network/message_sender_fixture.h"

namespace wirepas_grpc::core {
namespace {

class RememberedIdsTest : public MessageSenderTest {
 protected:
  size_t places_taken() { return network_.tracker().places().taken(); }

  absl::Status SendAnswered(MessageSender* sender, RequestId id) {
    sender->Send(g_, s_, Packet(), absl::Seconds(2), id, Keep());
    Settle();
    AnswerSend(id);
    return Ended().status;
  }
};

TEST_F(RememberedIdsTest, AnIdIsForgottenAfterFiveMinutes) {
  StartSynced();
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen);
  Ended();
  scheduler_.Advance(MessageSender::kRemembered - absl::Seconds(1));
  SendChosen();
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_EQ(PublishedNow(), 0u);
  scheduler_.Advance(absl::Seconds(1));
  SendChosen(absl::Seconds(2), Packet("something else"));
  EXPECT_EQ(PublishedNow(), 1u);
}

TEST_F(RememberedIdsTest, AJumpOfTheClockForgetsNoId) {
  StartSynced();
  for (const absl::Duration jump : {absl::Hours(1), -absl::Hours(1)}) {
    SendChosen();
    EXPECT_EQ(PublishedNow(), 1u);
    AnswerSend(kChosen);
    Ended();
    scheduler_.JumpTo(scheduler_.Now() + jump);
    scheduler_.Advance(MessageSender::kRemembered - absl::Seconds(1));
    SendChosen();
    EXPECT_TRUE(Ended().status.ok());
    EXPECT_EQ(PublishedNow(), 0u);
    scheduler_.Advance(absl::Seconds(1));
  }
}

TEST_F(RememberedIdsTest, AnUnansweredIdIsForgottenToo) {
  StartSynced();
  SendChosen();
  Settle();
  scheduler_.Advance(absl::Seconds(2));
  Ended();
  EXPECT_EQ(PublishedNow(), 1u);
  scheduler_.Advance(MessageSender::kRemembered);
  Settle();
  EXPECT_EQ(network_.tracker().pending(), 0u);
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
}

TEST_F(RememberedIdsTest, AJumpOfTheClockForgetsNothing) {
  StartSynced();
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen);
  Ended();
  for (const absl::Duration jump : {absl::Hours(24 * 365), -absl::Hours(24 * 365 * 2)}) {
    scheduler_.JumpTo(scheduler_.Now() + jump);
    SendChosen();
    EXPECT_TRUE(Ended().status.ok());
    EXPECT_EQ(PublishedNow(), 0u);
  }
  scheduler_.Advance(MessageSender::kRemembered);
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u) << "after its time, whatever the clock says";
}

TEST_F(RememberedIdsTest, AnUnansweredIdHoldsNoPlaceAfterItsCallsTime) {
  StartSynced();
  SendChosen();
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  EXPECT_EQ(places_taken(), 1u) << "a repetition needs none";
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  EXPECT_EQ(places_taken(), 0u);
  // Its answer is still good for a repetition.
  AnswerSend(kChosen);
  Settle();
  SendChosen();
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_EQ(PublishedNow(), 0u);
}

TEST_F(RememberedIdsTest, AnUnansweredIdHoldsNoPlaceAfterItsCallIsCancelled) {
  StartSynced();
  const MessageSender::Ticket ticket = SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  sender_.Cancel(ticket);
  Ended();
  EXPECT_EQ(places_taken(), 0u);
  SendChosen();
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_EQ(PublishedNow(), 0u);
}

TEST_F(RememberedIdsTest, APlaceThatARepetitionBringsIsHeldUntilItsCallEnds) {
  StartSynced();
  SendChosen();
  RequestLimit limit = absl::Seconds(1);
  limit.place = *network_.tracker().places().Take(nullptr);
  SendChosen(limit);
  limit.place = nullptr;
  EXPECT_EQ(places_taken(), 2u);
  Settle();
  scheduler_.Advance(absl::Seconds(1));
  Ended();
  EXPECT_EQ(places_taken(), 1u);
  AnswerSend(kChosen);
  Ended();
  EXPECT_EQ(places_taken(), 0u);
}

TEST_F(RememberedIdsTest, WhenThereIsNoRoomTheOldestIsForgotten) {
  StartSynced();
  MessageSender small(&network_, 100);
  for (RequestId id = 1; id <= 100; ++id) ASSERT_TRUE(SendAnswered(&small, id).ok());
  EXPECT_EQ(PublishedNow(), 100u);
  EXPECT_TRUE(SendAnswered(&small, 101).ok()) << "a new one is not refused";
  EXPECT_EQ(small.remembered(), 100u);
  EXPECT_EQ(PublishedNow(), 1u);
  small.Send(g_, s_, Packet(), absl::Seconds(2), 2, Keep());
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_EQ(PublishedNow(), 0u) << "the second oldest is remembered";
  EXPECT_TRUE(SendAnswered(&small, 1).ok());
  EXPECT_EQ(PublishedNow(), 1u) << "the oldest is sent anew";
  Settle();  // before the sender goes
}

TEST_F(RememberedIdsTest, OneThatACallWaitsForIsNotForgotten) {
  StartSynced();
  MessageSender small(&network_, 2);
  small.Send(g_, s_, Packet(), absl::Minutes(1), 1, Keep());
  small.Send(g_, s_, Packet(), absl::Minutes(1), 2, Keep());
  EXPECT_TRUE(SendAnswered(&small, 3).ok()) << "on top of those";
  EXPECT_EQ(small.remembered(), 3u);
  EXPECT_TRUE(SendAnswered(&small, 4).ok());
  EXPECT_EQ(small.remembered(), 3u) << "in place of the one before";
  EXPECT_EQ(PublishedNow(), 4u);
  for (const RequestId id : {1, 2}) {
    AnswerSend(id);
    EXPECT_EQ(Ended().request_id, id);
  }
  Settle();  // before the sender goes
}

TEST_F(RememberedIdsTest, AForgottenIdThatWasUnansweredIsFreeAtOnce) {
  StartSynced();
  MessageSender small(&network_, 1);
  small.Send(g_, s_, Packet("first"), absl::Seconds(2), kChosen, Keep());
  Settle();
  scheduler_.Advance(absl::Seconds(2));
  Ended();
  EXPECT_EQ(PublishedNow(), 1u);
  EXPECT_TRUE(SendAnswered(&small, 5).ok());  // for which it is forgotten
  EXPECT_EQ(network_.tracker().pending(), 0u) << "nor listened for";
  small.Send(g_, s_, Packet("second"), absl::Seconds(2), kChosen, Keep());
  EXPECT_EQ(PublishedNow(), 2u);
  EXPECT_TRUE(NothingEnded()) << "the end of the first is not that of the second";
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
  Settle();  // before the sender goes
}

TEST_F(RememberedIdsTest, OneWithoutAPlaceIsTriedAgainWhenARepetitionWantsIt) {
  StartSynced();
  SendChosen();
  Settle();
  scheduler_.Advance(absl::Seconds(2));
  Ended();
  EXPECT_EQ(PublishedNow(), 1u);
  SendChosen();
  AnswerSend(kChosen, gw::SINK_OUT_OF_MEMORY);
  Settle();
  scheduler_.Advance(absl::Milliseconds(63));
  Settle();
  ASSERT_EQ(broker_.published_count(), 1u);
  EXPECT_EQ(NextPublished().message.send_packet_req().payload(), Packet().payload());
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
}

// Nothing but its id tells what an answer is to.
TEST_F(RememberedIdsTest, ALateAnswerToAForgottenIdIsThatToTheNextMessageWithIt) {
  StartSynced();
  MessageSender small(&network_, 1);
  small.Send(g_, s_, Packet("first"), absl::Seconds(2), kChosen, Keep());
  Settle();
  scheduler_.Advance(absl::Seconds(2));
  Ended();
  EXPECT_TRUE(SendAnswered(&small, 5).ok());  // for which it is forgotten
  AnswerSend(kChosen);
  EXPECT_TRUE(NothingEnded()) << "nobody waits for it";
  small.Send(g_, s_, Packet("second"), absl::Seconds(2), kChosen, Keep());
  EXPECT_EQ(PublishedNow(), 3u);
  EXPECT_TRUE(NothingEnded()) << "what came before it was sent is not its answer";
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
  Settle();  // before `small` goes
}

}  // namespace
}  // namespace wirepas_grpc::core
