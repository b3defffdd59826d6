// SPDX-License-Identifier: Apache-2.0
//
// Calls that end before their message does.
#include <atomic>
#include <memory>
#include <set>
#include <thread>

#include "core/network/message_sender.h"
#include "gtest/gtest.h"
#include "tests/core/network/message_sender_fixture.h"

namespace wirepas_grpc::core {
namespace {

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

// What waits in the client for its turn on the connection, as the broker is slow.
TEST_F(MessageSenderTest, WhatHadNoTurnWhenItsLastCallEndsIsNotSent) {
  StartSynced();
  broker_.HoldOutgoing(true);
  SendChosen(absl::Seconds(2));
  Settle();
  scheduler_.Advance(absl::Seconds(2));
  RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
  Settle();
  EXPECT_EQ(sender_.remembered(), 0u);

  sender_.Cancel(SendChosen());
  outcome = Ended();
  EXPECT_TRUE(absl::IsCancelled(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
  EXPECT_EQ(sender_.remembered(), 0u);

  SendChosen(absl::Seconds(2), Packet("the third"));
  broker_.HoldOutgoing(false);
  ASSERT_EQ(PublishedNow(), 1u) << "of three with the id, that which a call waits for";
  EXPECT_TRUE(NothingEnded());
  AnswerSend(kChosen);
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_EQ(network_.tracker().places().taken(), 0u);
}

// Its end comes while the message is on its way, at whatever stage.
TEST_F(MessageSenderTest, AVeryShortTimeEndsAMessageOnceAndTruly) {
  StartSynced();
  constexpr RequestId kCount = 2000;
  std::atomic<bool> over = false;
  std::thread clock([&] {
    while (!over) scheduler_.Advance(absl::Microseconds(1));
  });
  for (RequestId id = 1; id <= kCount; ++id) {
    const MessageSender::Ticket ticket = SendChosen(absl::Microseconds(id % 3), Packet(), id);
    if (id % 2 == 0) sender_.Cancel(ticket);
  }
  std::set<RequestId> maybe_sent;
  std::set<RequestId> cancelled;
  for (RequestId id = 1; id <= kCount; ++id) {
    const RequestOutcome outcome = Ended();
    if (outcome.request_id == 0) continue;
    if (absl::IsCancelled(outcome.status)) cancelled.insert(outcome.request_id);
    EXPECT_TRUE(maybe_sent.insert(outcome.request_id).second);
  }
  over = true;
  clock.join();
  EXPECT_TRUE(NothingEnded());
  std::set<RequestId> sent;
  while (broker_.published_count() > 0) {
    sent.insert(NextPublished().message.send_packet_req().header().req_id());
  }
  for (RequestId id = 1; id <= kCount; ++id) {
    // A call that is cancelled while its unsent message ends does not know that it was.
    if (!sent.contains(id) && cancelled.contains(id)) continue;
    EXPECT_EQ(sent.contains(id), maybe_sent.contains(id)) << id;
  }
  EXPECT_EQ(sender_.remembered(), sent.size());
  EXPECT_EQ(network_.tracker().places().taken(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
