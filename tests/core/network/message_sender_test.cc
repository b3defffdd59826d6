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

TEST_F(MessageSenderTest, TheNumberOfRememberedIdsIsBounded) {
  StartSynced();
  broker_.set_on_publish([this](const FakeBroker::Published& published) {
    gw::GenericMessage request;
    ASSERT_EQ(Decode(published.payload, &request), DropReason::kNone);
    AnswerSend(request.wirepas().send_packet_req().header().req_id());
  });
  MessageSender small(&network_, 100);
  const auto send = [&](RequestId id) {
    small.Send(g_, s_, Packet(), absl::Seconds(2), id, Keep());
    return Ended().status;
  };
  for (RequestId id = 1; id <= 100; ++id) ASSERT_TRUE(send(id).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(send(101)));
  EXPECT_TRUE(send(1).ok()) << "a known one is still good";
  scheduler_.Advance(MessageSender::kRemembered);
  EXPECT_TRUE(send(101).ok()) << "there is room again";
  Settle();
}

}  // namespace
}  // namespace wirepas_grpc::core
