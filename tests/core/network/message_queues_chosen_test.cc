// SPDX-License-Identifier: Apache-2.0
//
// Messages that wait, with ids that their callers chose.
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/network/message_queues.h"
#include "core/network/message_sender.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/message_queues_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(MessageQueuesTest, WhatIsCancelledTogetherIsNotSentMeanwhile) {
  StartSynced();
  MessageSender sender(&network_);
  constexpr size_t kCount = 5000;
  std::vector<MessageSender::Ticket> tickets;
  const auto send = [&](size_t i) {
    tickets.push_back(sender.Send(g_, s_, Packet(absl::StrCat(i)), absl::Minutes(1),
                                  i % 2 == 0 ? std::nullopt : std::make_optional<RequestId>(i),
                                  Keep()));
  };
  send(0);
  PublishedNow();
  Refuse(tickets[0].request_id);
  for (size_t i = 1; i < kCount; ++i) send(i);
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("0"));
  sender.Cancel(tickets);
  EXPECT_THAT(PublishedNow(), IsEmpty());
  const std::vector<absl::StatusCode> ended = EndedNow();
  EXPECT_EQ(ended.size(), kCount);
  EXPECT_THAT(ended, Each(absl::StatusCode::kCancelled));
  network_.Stop();
  executor_.Stop();
}

TEST_F(MessageQueuesTest, ALostAnswerToAChosenIdHoldsUpNobodyForLong) {
  StartSynced();
  MessageSender sender(&network_);
  constexpr RequestId kChosen = 0x123456789ABCDEF0;
  const auto send = [&](const std::string& payload, std::optional<RequestId> id) {
    return sender.Send(g_, s_, Packet(payload), absl::Seconds(2), id, Keep());
  };
  send("1", kChosen);
  PublishedNow();
  Refuse(kChosen);
  send("2", std::nullopt);
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  scheduler_.Advance(MessageQueues::kHoldsUp);
  EXPECT_THAT(PublishedNow(), ElementsAre("2"));
  Take(ids_[0]);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk));
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_THAT(EndedNow(), ElementsAre(absl::StatusCode::kDeadlineExceeded));
  send("3", std::nullopt);
  EXPECT_THAT(PublishedNow(), ElementsAre("3")) << "nothing waits";
  AnswerSend(kChosen);
  send("1", kChosen);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk)) << "the answer came late, and is known";
  network_.Stop();
  executor_.Stop();
}

TEST_F(MessageQueuesTest, ChosenIdsAreTriedAgainAndKeepTheirResult) {
  StartSynced();
  MessageSender sender(&network_);
  constexpr RequestId kChosen = 0x123456789ABCDEF0;
  const auto send = [&] {
    return sender.Send(g_, s_, Packet("1"), absl::Seconds(2), kChosen, Keep());
  };
  send();
  PublishedNow();
  Refuse(kChosen);
  send();  // a repetition while it waits
  EXPECT_THAT(PublishedNow(), IsEmpty());
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  EXPECT_EQ(ids_[0], kChosen);
  Take(kChosen);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk, kOk));
  send();
  EXPECT_THAT(EndedNow(), ElementsAre(kOk));
  EXPECT_THAT(PublishedNow(), IsEmpty());
  network_.Stop();
  executor_.Stop();
}

TEST_F(MessageQueuesTest, AChosenIdThatNobodyWaitsForIsNotTriedAgain) {
  StartSynced();
  MessageSender sender(&network_);
  constexpr RequestId kChosen = 0x123456789ABCDEF0;
  const auto send = [&] {
    return sender.Send(g_, s_, Packet("1"), absl::Seconds(2), kChosen, Keep());
  };
  const MessageSender::Ticket ticket = send();
  PublishedNow();
  Refuse(kChosen);
  sender.Cancel(ticket);
  EXPECT_THAT(EndedNow(), ElementsAre(absl::StatusCode::kCancelled));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), IsEmpty());
  send();
  EXPECT_THAT(PublishedNow(), ElementsAre("1")) << "its sink did not take it, so it may come anew";
  network_.Stop();
  executor_.Stop();
}

TEST_F(MessageQueuesTest, AChosenIdThatEndsWithItsRefusalIsSentAnewWhenItIsRepeated) {
  StartSynced();
  MessageSender sender(&network_);
  constexpr RequestId kChosen = 0x123456789ABCDEF0;
  const auto send = [&](absl::Duration limit) {
    sender.Send(g_, s_, Packet("1"), limit, kChosen, Keep());
  };
  send(absl::Milliseconds(30));
  PublishedNow();
  Refuse(kChosen);
  scheduler_.Advance(absl::Milliseconds(27));
  RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, kChosen);
  EXPECT_EQ(outcome.fate(), RequestFate::kRefused);
  EXPECT_EQ(sender.remembered(), 0u);
  scheduler_.Advance(kFirst);
  send(absl::Minutes(1));
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  Take(kChosen);
  outcome = Ended();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.request_id, kChosen);
  network_.Stop();
  executor_.Stop();
}

}  // namespace
}  // namespace wirepas_grpc::core
