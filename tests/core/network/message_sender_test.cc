// SPDX-License-Identifier: Apache-2.0
#include "core/network/message_sender.h"

#include <optional>

#include "gtest/gtest.h"
#include "tests/core/network/message_sender_fixture.h"

namespace wirepas_grpc::core {
namespace {

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

}  // namespace
}  // namespace wirepas_grpc::core
