// SPDX-License-Identifier: Apache-2.0
#include "core/network/message_sender.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

constexpr RequestId kChosen = 0xABCDEF0123456789;

class MessageSenderTest : public NetworkFixture {
 protected:
  // `sender_` refers to the network: nothing may run any more when it goes.
  ~MessageSenderTest() override {
    network_.Stop();
    executor_.Stop();
  }

  MessageSender::Ticket SendChosen(const RequestLimit& limit = absl::Seconds(2),
                                   const gw::SendPacketReq& packet = Packet(),
                                   RequestId id = kChosen) {
    return sender_.Send(g_, s_, packet, limit, id, Keep());
  }

  // How many were published since the last call.
  size_t PublishedNow() {
    Settle();
    const size_t count = broker_.published_count();
    for (size_t i = 0; i < count; ++i) broker_.NextPublished();
    return count;
  }

  MessageSender sender_{&network_};
};

TEST_F(MessageSenderTest, WithoutAChosenIdEachCallIsSent) {
  StartSynced();
  const MessageSender::Ticket first =
      sender_.Send(g_, s_, Packet(), absl::Seconds(2), std::nullopt, Keep());
  const MessageSender::Ticket second =
      sender_.Send(g_, s_, Packet(), absl::Seconds(2), std::nullopt, Keep());
  EXPECT_NE(first.request_id, second.request_id);
  EXPECT_EQ(PublishedNow(), 2u);
  AnswerSend(first.request_id);
  EXPECT_EQ(Ended().request_id, first.request_id);
  sender_.Cancel(second);
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
}

TEST_F(MessageSenderTest, TheChosenIdIsTheOneThatGoesToTheGateway) {
  StartSynced();
  SendChosen();
  EXPECT_EQ(NextPublished().message.send_packet_req().header().req_id(), kChosen);
  AnswerSend(kChosen);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.request_id, kChosen);
}

TEST_F(MessageSenderTest, ARepetitionWhilePendingWaitsForTheSameAnswer) {
  StartSynced();
  SendChosen();
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen, gw::ACCESS_DENIED);
  EXPECT_TRUE(absl::IsPermissionDenied(Ended().status));
  EXPECT_TRUE(absl::IsPermissionDenied(Ended().status));
  EXPECT_TRUE(NothingEnded());
}

TEST_F(MessageSenderTest, ARepetitionAfterTheAnswerGetsItAgain) {
  StartSynced();
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  scheduler_.Advance(absl::Milliseconds(100));
  AnswerSend(kChosen);
  Ended();
  for (int i = 0; i < 3; ++i) {
    scheduler_.Advance(absl::Minutes(1));
    SendChosen();
    const RequestOutcome outcome = Ended();
    EXPECT_TRUE(outcome.status.ok());
    EXPECT_EQ(outcome.request_id, kChosen);
    EXPECT_EQ(outcome.gateway_time, absl::Milliseconds(100)) << "that of the first";
  }
  EXPECT_EQ(PublishedNow(), 0u);
}

TEST_F(MessageSenderTest, ALateAnswerIsGoodForARepetition) {
  StartSynced();
  SendChosen(absl::Seconds(2));
  EXPECT_EQ(PublishedNow(), 1u);
  scheduler_.Advance(absl::Seconds(2));
  const RequestOutcome late = Ended();
  EXPECT_TRUE(absl::IsDeadlineExceeded(late.status));
  EXPECT_EQ(late.request_id, kChosen);
  AnswerSend(kChosen);
  EXPECT_TRUE(NothingEnded()) << "its caller gave up";
  SendChosen();
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_EQ(PublishedNow(), 0u);
}

TEST_F(MessageSenderTest, ARepetitionAfterATimeoutWaitsOn) {
  StartSynced();
  SendChosen(absl::Seconds(2));
  scheduler_.Advance(absl::Seconds(2));
  Ended();
  SendChosen(absl::Seconds(10));
  EXPECT_EQ(PublishedNow(), 1u) << "sent again";
  scheduler_.Advance(absl::Seconds(5));
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(MessageSenderTest, EachWaiterHasItsOwnTime) {
  StartSynced();
  SendChosen(absl::Seconds(5));
  SendChosen(absl::Seconds(1));
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  EXPECT_TRUE(NothingEnded());
  Settle();
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(MessageSenderTest, ATimeFromTakenIsTheGatewaysAlone) {
  StartSynced();
  broker_.HoldPublishes(true);
  RequestLimit limit = absl::Seconds(2);
  limit.from_taken = true;
  SendChosen(limit);
  sender_.Send(g_, s_, Packet(), limit, std::nullopt, Keep());
  Settle();
  scheduler_.Advance(absl::Seconds(30));
  EXPECT_TRUE(NothingEnded());
  broker_.HoldPublishes(false);
  Settle();
  scheduler_.Advance(absl::Milliseconds(1999));
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
}

TEST_F(MessageSenderTest, TheSameIdForSomethingElseIsRefused) {
  StartSynced();
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  gw::SendPacketReq other = Packet();
  other.set_hop_limit(3);
  SendChosen(absl::Seconds(2), other);
  RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsInvalidArgument(outcome.status)) << outcome.status;
  EXPECT_NE(outcome.status.message().find("request_id"), absl::string_view::npos);
  SendChosen(absl::Seconds(2), Packet("other payload"));
  EXPECT_TRUE(absl::IsInvalidArgument(Ended().status));
  sender_.Send(*GatewayId::Parse("h"), s_, Packet(), absl::Seconds(2), kChosen, Keep());
  EXPECT_TRUE(absl::IsInvalidArgument(Ended().status));
  sender_.Send(g_, *SinkId::Parse("t"), Packet(), absl::Seconds(2), kChosen, Keep());
  EXPECT_TRUE(absl::IsInvalidArgument(Ended().status));
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok()) << "the first one is not disturbed";
  SendChosen(absl::Seconds(2), other);
  EXPECT_TRUE(absl::IsInvalidArgument(Ended().status)) << "also after its end";
  EXPECT_EQ(PublishedNow(), 0u);
}

TEST_F(MessageSenderTest, TheHeaderOfARepetitionDoesNotMatter) {
  StartSynced();
  SendChosen();
  gw::SendPacketReq same = Packet();
  same.mutable_header()->set_req_id(5);
  same.mutable_header()->set_time_ms_epoch(6);
  SendChosen(absl::Seconds(2), same);
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(MessageSenderTest, WhenNothingWasSentARepetitionIsSent) {
  StartSynced();
  broker_.Disconnect();
  Settle();
  SendChosen();
  SendChosen(absl::Seconds(2), Packet("another"), kChosen + 1);
  EXPECT_TRUE(absl::IsUnavailable(Ended().status));
  EXPECT_TRUE(absl::IsUnavailable(Ended().status));
  broker_.Connect();
  Settle();
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
  // And even with another content: the id was never used.
  SendChosen(absl::Seconds(2), Packet("changed"), kChosen + 1);
  EXPECT_EQ(PublishedNow(), 1u);
}

TEST_F(MessageSenderTest, WhatMayHaveBeenSentIsNotSentAgain) {
  StartSynced();
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  broker_.Disconnect();
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  broker_.Connect();
  Settle();
  SendChosen();
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  EXPECT_EQ(PublishedNow(), 0u);
}

// It waits for the directory: the gateway's status may be on its way.
TEST_F(MessageSenderTest, WhatIsUnsentAtTheEndOfItsTimeIsNotSentLater) {
  network_.Start();
  broker_.Connect();
  Settle();
  SendChosen(absl::Milliseconds(50));
  EXPECT_EQ(PublishedNow(), 0u);
  scheduler_.Advance(absl::Milliseconds(50));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
  RetainGateways();
  Settle();
  scheduler_.Advance(absl::Seconds(3));
  EXPECT_EQ(PublishedNow(), 0u);
  EXPECT_EQ(sender_.remembered(), 0u);
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
}

TEST_F(MessageSenderTest, WhatIsUnsentWhenItsCallIsCancelledIsNotSentLater) {
  network_.Start();
  broker_.Connect();
  Settle();
  const MessageSender::Ticket ticket = SendChosen();
  EXPECT_EQ(PublishedNow(), 0u);
  sender_.Cancel(ticket);
  Ended();
  RetainGateways();
  Settle();
  scheduler_.Advance(absl::Seconds(3));
  EXPECT_EQ(PublishedNow(), 0u);
}

TEST_F(MessageSenderTest, WhatIsUnsentAtTheEndOfOneCallGoesOnForAnother) {
  network_.Start();
  broker_.Connect();
  Settle();
  SendChosen(absl::Milliseconds(50));
  SendChosen(absl::Seconds(10));
  EXPECT_EQ(PublishedNow(), 0u);
  scheduler_.Advance(absl::Milliseconds(50));
  EXPECT_EQ(Ended().fate(), RequestFate::kUnknown) << "it may be sent yet";
  RetainGateways();
  Settle();
  for (int i = 0; i < 20 && !network_.directory().synced(); ++i) {
    scheduler_.Advance(absl::Milliseconds(250));
    Settle();
  }
  EXPECT_EQ(NextPublished().message.send_packet_req().header().req_id(), kChosen);
}

TEST_F(MessageSenderTest, AnIdIsForgottenAfterFiveMinutes) {
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

TEST_F(MessageSenderTest, AJumpOfTheClockForgetsNoId) {
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

TEST_F(MessageSenderTest, AnUnansweredIdIsForgottenToo) {
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

TEST_F(MessageSenderTest, ACancelledCallLeavesTheOthersAndTheAnswer) {
  StartSynced();
  const MessageSender::Ticket first = SendChosen();
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  sender_.Cancel(first);
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
  sender_.Cancel(first);
  EXPECT_TRUE(NothingEnded());
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
  SendChosen();
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_EQ(PublishedNow(), 0u);
}

TEST_F(MessageSenderTest, ARepetitionAfterACancelledCallIsTriedAgain) {
  StartSynced();
  const MessageSender::Ticket first = SendChosen(absl::Milliseconds(200));
  EXPECT_EQ(PublishedNow(), 1u);
  sender_.Cancel(first);
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
  SendChosen(absl::Seconds(10));
  scheduler_.Advance(absl::Seconds(1));
  AnswerSend(kChosen, gw::SINK_OUT_OF_MEMORY);
  EXPECT_TRUE(NothingEnded()) << "the time is that of the repetition";
  scheduler_.Advance(absl::Milliseconds(63));
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(MessageSenderTest, ARepetitionProlongsTheWaiting) {
  StartSynced();
  SendChosen(absl::Milliseconds(30));
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen, gw::SINK_OUT_OF_MEMORY);
  Settle();
  SendChosen(absl::Seconds(2));
  scheduler_.Advance(absl::Milliseconds(30));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(absl::Milliseconds(33));
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(MessageSenderTest, ARefusalThatNobodyWaitsForIsNotTheResultOfARepetition) {
  StartSynced();
  const MessageSender::Ticket first = SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  sender_.Cancel(first);
  Ended();
  AnswerSend(kChosen, gw::SINK_OUT_OF_MEMORY);
  Settle();
  scheduler_.Advance(absl::Milliseconds(63));
  EXPECT_EQ(PublishedNow(), 0u) << "nobody wants it";
  SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(MessageSenderTest, ARepetitionRightAfterTheEndOfWaitingIsSent) {
  StartSynced();
  const MessageSender::Ticket first = SendChosen();
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen, gw::SINK_OUT_OF_MEMORY);
  Settle();
  // Nothing runs on the executor in between.
  auto cancelled = std::make_shared<Inbox<bool>>();
  executor_.Post([cancelled] { cancelled->Take(); });
  sender_.Cancel(first);
  SendChosen();
  cancelled->Put(true);
  EXPECT_TRUE(absl::IsCancelled(Ended().status)) << "the first";
  scheduler_.Advance(absl::Milliseconds(63));
  EXPECT_EQ(PublishedNow(), 1u);
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(MessageSenderTest, CancellingWhatHasEndedDoesNothing) {
  StartSynced();
  const MessageSender::Ticket ticket = SendChosen();
  Settle();
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
  sender_.Cancel(ticket);
  sender_.Cancel(MessageSender::Ticket());
  EXPECT_TRUE(NothingEnded());
}

TEST_F(MessageSenderTest, AJumpOfTheClockForgetsNothing) {
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

// What is remembered beyond the calls that wait.
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

}  // namespace
}  // namespace wirepas_grpc::core
