// SPDX-License-Identifier: Apache-2.0
#include "core/network/message_queues.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/network/message_sender.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The longest that the first pauses can be, with what chance adds to them.
constexpr absl::Duration kFirst = absl::Milliseconds(63);
constexpr absl::Duration kSecond = absl::Milliseconds(126);

class MessageQueuesTest : public NetworkFixture {
 protected:
  explicit MessageQueuesTest(const Network::Options& options = {}) : NetworkFixture(options) {}
  // Nothing may run any more when the queues go.
  ~MessageQueuesTest() override {
    network_.Stop();
    executor_.Stop();
  }

  RequestId Send(const std::string& payload, const RequestLimit& limit = absl::Seconds(2),
                 const std::string& sink = "s") {
    return queues_.Send(g_, *SinkId::Parse(sink), Packet(payload), {.limit = limit}, Keep());
  }

  // The payloads of what was published since the last call; their ids in ids_.
  std::vector<std::string> PublishedNow() {
    Settle();
    std::vector<std::string> payloads;
    ids_.clear();
    while (broker_.published_count() > 0) {
      const gw::SendPacketReq packet = NextPublished().message.send_packet_req();
      payloads.push_back(packet.payload());
      ids_.push_back(packet.header().req_id());
    }
    return payloads;
  }
  void Refuse(RequestId id) {
    AnswerSend(id, gw::SINK_OUT_OF_MEMORY);
    Settle();
  }
  void SendRefused(const std::string& payload) {
    const RequestId id = Send(payload);
    PublishedNow();
    Refuse(id);
  }
  void Take(RequestId id) {
    AnswerSend(id);
    Settle();
  }
  std::vector<absl::StatusCode> EndedNow() {
    Settle();
    std::vector<absl::StatusCode> codes;
    while (!ended_->empty()) codes.push_back(Ended().status.code());
    return codes;
  }

  static constexpr auto kOk = absl::StatusCode::kOk;
  static constexpr auto kFull = absl::StatusCode::kResourceExhausted;

  std::vector<RequestId> ids_;
  MessageQueues queues_{&network_};
};

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
  const RequestId first = Send("1");
  PublishedNow();
  Refuse(first);
  const RequestId second = Send("2");
  Send("3");
  queues_.Cancel({second}, {});
  RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsCancelled(outcome.status));
  EXPECT_EQ(outcome.request_id, 0u);
  queues_.Cancel({first}, {});
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("3"));
  queues_.Cancel({ids_[0]}, {});
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
  for (const char* payload : {"2", "3", "4"}) Send(payload, absl::Minutes(1));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  scheduler_.Advance(absl::Milliseconds(437));
  EXPECT_THAT(EndedNow(), ElementsAre(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(PublishedNow(), ElementsAre("2"));
  queues_.Cancel({ids_[0]}, {});
  EXPECT_THAT(EndedNow(), ElementsAre(absl::StatusCode::kCancelled));
  EXPECT_THAT(PublishedNow(), ElementsAre("3"));
  Take(ids_[0]);
  EXPECT_THAT(PublishedNow(), ElementsAre("4"));
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

TEST_F(MessageQueuesTest, AChosenIdEndsWithItsRefusalAtTheFirstCallersTime) {
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
  send(absl::Minutes(1));
  outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
  scheduler_.Advance(absl::Minutes(1));
  EXPECT_THAT(PublishedNow(), IsEmpty());
  network_.Stop();
  executor_.Stop();
}

class FewPendingTest : public MessageQueuesTest {
 protected:
  FewPendingTest() : MessageQueuesTest(FewPending()) {}

  static Network::Options FewPending() {
    Network::Options options;
    options.max_pending_requests = 3;
    return options;
  }
};

TEST_F(FewPendingTest, AsManyMayWaitAsMayBePending) {
  StartSynced();
  const RequestId first = Send("1");
  PublishedNow();
  Refuse(first);
  Send("2");
  Send("3");
  EXPECT_TRUE(NothingEnded());
  Send("4");
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status));
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("the bound is 3"));
  EXPECT_FALSE(outcome.answer.has_value());
}

TEST_F(FewPendingTest, TheBoundCountsWhatWaitsForOtherSinks) {
  StartSynced();
  SendRefused("1");
  Send("2");
  Send("3");
  Send("4", absl::Seconds(2), "t");
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("the bound is 3"));
  EXPECT_THAT(PublishedNow(), IsEmpty());
}

TEST_F(FewPendingTest, WhatWaitsKeepsItsPlace) {
  StartSynced();
  const RequestId id = Send("1");
  PublishedNow();
  Refuse(id);
  NetworkFixture::Send("h", absl::Minutes(1));
  NetworkFixture::Send("h", absl::Minutes(1));
  EXPECT_EQ(PublishedNow().size(), 2u);
  NetworkFixture::Send("h", absl::Minutes(1));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  Take(id);
  EXPECT_THAT(EndedNow(), ElementsAre(kOk));
  NetworkFixture::Send("h", absl::Minutes(1));
  EXPECT_EQ(PublishedNow().size(), 1u);
}

TEST_F(FewPendingTest, WhenTheBrokerTakesNoMoreOneThatWaitsGoesOnWaiting) {
  StartSynced();
  const RequestId id = Send("1", absl::Milliseconds(300));
  PublishedNow();
  Refuse(id);
  broker_.set_publish_error(absl::ResourceExhaustedError("too many messages wait"));
  scheduler_.Advance(kFirst);
  EXPECT_THAT(PublishedNow(), IsEmpty());
  EXPECT_TRUE(NothingEnded());
  broker_.set_publish_error(absl::OkStatus());
  scheduler_.Advance(kSecond);
  EXPECT_THAT(PublishedNow(), ElementsAre("1"));
  Refuse(id);
  scheduler_.Advance(absl::Milliseconds(300));
  const RequestOutcome outcome = Ended();
  EXPECT_EQ(outcome.answer, gw::SINK_OUT_OF_MEMORY);
  EXPECT_EQ(outcome.request_id, id);
}

}  // namespace
}  // namespace wirepas_grpc::core
