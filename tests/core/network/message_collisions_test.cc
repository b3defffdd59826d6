// SPDX-License-Identifier: Apache-2.0
//
// A caller chooses an id that belongs to a message, or a request, of somebody else. What ends
// for the one leaves the other alone, also before the executor tells of the refusal.
#include <string>

#include "core/network/message_queues.h"
#include "core/network/message_sender.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/busy.h"
#include "tests/core/network/message_queues_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MessageCollisionsTest : public MessageQueuesTest {
 protected:
  // Nothing may run any more when the sender goes.
  ~MessageCollisionsTest() override {
    network_.Stop();
    executor_.Stop();
  }

  // The service chooses the id.
  MessageSender::Ticket SendOwn(const RequestLimit& limit = absl::Minutes(1)) {
    return sender_.Send(g_, s_, Packet("own"), limit, std::nullopt, Keep());
  }
  MessageSender::Ticket SendForeign(RequestId id, const RequestLimit& limit = absl::Minutes(1)) {
    return sender_.Send(g_, s_, Packet("foreign"), limit, id, Keep());
  }
  void ExpectEnd(absl::StatusCode code, RequestId id) {
    const RequestOutcome outcome = Ended();
    EXPECT_EQ(outcome.status.code(), code) << outcome.status;
    EXPECT_EQ(outcome.request_id, id);
  }
  void ExpectSentAndTaken(RequestId id) {
    EXPECT_THAT(PublishedNow(), ElementsAre("own"));
    Take(id);
    ExpectEnd(kOk, id);
    EXPECT_TRUE(NothingEnded());
    EXPECT_EQ(sender_.remembered(), 0u);
    EXPECT_EQ(network_.tracker().places().taken(), 0u);
  }

  MessageSender sender_{&network_};
};

TEST_F(MessageCollisionsTest, ACancelLeavesTheOneThatWaits) {
  StartSynced();
  const RequestId id = SendOwn().request_id;
  PublishedNow();
  Refuse(id);
  {
    const Busy busy(&executor_);
    sender_.Cancel(SendForeign(id));
  }
  ExpectEnd(absl::StatusCode::kCancelled, 0);
  EXPECT_EQ(sender_.queues().waiting(), 1u);
  scheduler_.Advance(kFirst);
  ExpectSentAndTaken(id);
}

TEST_F(MessageCollisionsTest, AnEndOfTimeLeavesTheOneThatWaits) {
  StartSynced();
  const RequestId id = SendOwn().request_id;
  PublishedNow();
  Refuse(id);
  {
    const Busy busy(&executor_);
    SendForeign(id, absl::Milliseconds(1));
    scheduler_.Advance(absl::Milliseconds(1));
  }
  ExpectEnd(absl::StatusCode::kAlreadyExists, 0);
  EXPECT_EQ(sender_.queues().waiting(), 1u);
  scheduler_.Advance(kFirst);
  ExpectSentAndTaken(id);
}

TEST_F(MessageCollisionsTest, WhatIsUnderWayIsTriedAgain) {
  StartSynced();
  const RequestId id = SendOwn().request_id;
  PublishedNow();
  {
    const Busy busy(&executor_);
    sender_.Cancel(SendForeign(id));
  }
  ExpectEnd(absl::StatusCode::kCancelled, 0);
  Refuse(id);
  scheduler_.Advance(kFirst);
  ExpectSentAndTaken(id);
}

TEST_F(MessageCollisionsTest, WhatHadNoTurnOnTheConnectionYetIsSent) {
  StartSynced();
  broker_.HoldOutgoing(true);
  const RequestId id = SendOwn().request_id;
  {
    const Busy busy(&executor_);
    sender_.Cancel(SendForeign(id));
    SendForeign(id, absl::Milliseconds(1));
    scheduler_.Advance(absl::Milliseconds(1));
  }
  ExpectEnd(absl::StatusCode::kCancelled, 0);
  ExpectEnd(absl::StatusCode::kAlreadyExists, 0);
  broker_.HoldOutgoing(false);
  ExpectSentAndTaken(id);
}

TEST_F(MessageCollisionsTest, ARepetitionDoesNotProlongTheOther) {
  StartSynced();
  const RequestId id = SendOwn(absl::Milliseconds(30)).request_id;
  PublishedNow();
  Refuse(id);
  {
    const Busy busy(&executor_);
    SendForeign(id);
    SendForeign(id);
  }
  ExpectEnd(absl::StatusCode::kAlreadyExists, 0);
  ExpectEnd(absl::StatusCode::kAlreadyExists, 0);
  scheduler_.Advance(absl::Milliseconds(30));
  ExpectEnd(kFull, id);
}

TEST_F(MessageCollisionsTest, ATicketOfOneThatHasEndedIsNotThatOfTheNext) {
  StartSynced();
  const MessageSender::Ticket ended = SendOwn();
  const RequestId id = ended.request_id;
  PublishedNow();
  Take(id);
  ExpectEnd(kOk, id);
  SendForeign(id);
  EXPECT_THAT(PublishedNow(), ElementsAre("foreign"));
  sender_.Cancel(ended);
  EXPECT_TRUE(NothingEnded());
  Take(id);
  ExpectEnd(kOk, id);
}

// Requests of all kinds share the ids.
TEST_F(MessageCollisionsTest, ACancelLeavesARequestThatIsNoMessage) {
  StartSynced();
  broker_.HoldOutgoing(true);
  const RequestId id = NetworkFixture::Send();
  {
    const Busy busy(&executor_);
    sender_.Cancel(SendForeign(id));
  }
  EXPECT_EQ(Ended().status.code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(NothingEnded());
  broker_.HoldOutgoing(false);
  EXPECT_THAT(PublishedNow(), ElementsAre("payload"));
  Take(id);
  ExpectEnd(kOk, id);
}

}  // namespace
}  // namespace wirepas_grpc::core
