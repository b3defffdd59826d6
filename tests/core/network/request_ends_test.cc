// SPDX-License-Identifier: Apache-2.0
//
// How requests end other than by their answer.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/network/network.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

class RequestEndsTest : public NetworkFixture {};

TEST_F(RequestEndsTest, AnOfflineGatewayIsUnavailable) {
  StartSynced();
  Send("off");
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_NE(outcome.status.message().find("offline"), absl::string_view::npos) << outcome.status;
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(RequestEndsTest, WithoutABrokerItIsUnavailableAtOnce) {
  network_.Start();
  EXPECT_EQ(Send(), 0u);
  EXPECT_TRUE(absl::IsUnavailable(Ended().status));
  broker_.FailAttempt(DisconnectReason::kRefused);
  Settle();
  Send();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status));
  EXPECT_NE(outcome.status.message().find("connection refused"), absl::string_view::npos)
      << outcome.status;
  EXPECT_NE(outcome.status.message().find(FakeBroker::kEndpoint), absl::string_view::npos)
      << outcome.status;
}

TEST_F(RequestEndsTest, APublishThatFailsAtOnceIsUnsent) {
  StartSynced();
  broker_.set_publish_error(absl::ResourceExhaustedError("full"));
  Send();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
}

TEST_F(RequestEndsTest, APublishThatTheBrokerRefusesIsUnsent) {
  StartSynced();
  broker_.set_publish_result(absl::PermissionDeniedError("by the rules"));
  Send();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsPermissionDenied(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
}

TEST_F(RequestEndsTest, AConnectionLostBeforeSendingIsUnavailable) {
  StartSynced();
  broker_.HoldGrants(true);
  Send();
  Settle();
  broker_.Disconnect();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
}

TEST_F(RequestEndsTest, AConnectionLostAfterSendingMayHaveCarriedItOut) {
  StartSynced();
  broker_.HoldPublishes(true);
  const RequestId taken = Send();
  NextPublished();
  broker_.Disconnect();
  RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, taken);

  broker_.HoldPublishes(false);
  broker_.Connect();
  Settle();
  const RequestId published = Send();
  NextPublished();
  Settle();
  broker_.Disconnect();
  outcome = Ended();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, published);
  EXPECT_TRUE(NothingEnded());
}

TEST_F(RequestEndsTest, AfterAReconnectRequestsGoOn) {
  StartSynced();
  broker_.Disconnect();
  Settle();
  broker_.Connect();
  Settle();
  const RequestId id = Send();
  NextPublished();
  AnswerSend(id);
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(RequestEndsTest, NoAnswerInTime) {
  StartSynced();
  const RequestId id = Send("g", absl::Seconds(2));
  NextPublished();
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  AnswerSend(id);
  EXPECT_TRUE(NothingEnded()) << "a late answer";
}

TEST_F(RequestEndsTest, ACancelledRequestEndsWhereverItIs) {
  StartSynced();
  const RequestId sent = Send();
  NextPublished();
  network_.CancelRequest(sent);
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
  Settle();
  scheduler_.Advance(absl::Minutes(2));  // so that the next has to wait for answers
  broker_.HoldGrants(true);
  const RequestId waiting = Send();
  Settle();
  network_.CancelRequest(waiting);
  EXPECT_TRUE(absl::IsCancelled(Ended().status));
  broker_.HoldGrants(false);
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u) << "a cancelled one was sent";
  EXPECT_EQ(network_.tracker().pending(), 0u);
}

TEST_F(RequestEndsTest, TheBoundOnPendingRequestsIsToldToTheCaller) {
  Network::Options options;
  options.max_pending_requests = 2;
  FakeBroker broker;
  Network small(options, &broker, &executor_, &scheduler_);
  small.Start();
  broker.Connect();
  broker.Flush();
  gw::WirepasMessage message;
  *message.mutable_send_packet_req() = Packet();
  for (int i = 0; i < 3; ++i) {
    small.Request(RequestKind::kSendData, g_, &s_, message, absl::Seconds(2), std::nullopt, Keep());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(Ended().status));
  small.Stop();
  EXPECT_TRUE(absl::IsUnavailable(Ended().status));
  EXPECT_TRUE(absl::IsUnavailable(Ended().status));
  Drain(&executor_);
}

TEST_F(RequestEndsTest, StoppingEndsWhatIsPending) {
  StartSynced();
  Send();
  NextPublished();
  network_.Stop();
  EXPECT_FALSE(Ended().status.ok());
  EXPECT_EQ(network_.tracker().pending(), 0u);
}

TEST_F(RequestEndsTest, DrainingSendsNothingNew) {
  StartSynced();
  const RequestId under_way = Send();
  NextPublished();
  network_.Drain();
  EXPECT_EQ(Send(), 0u);
  const RequestOutcome late = Ended();
  EXPECT_TRUE(absl::IsUnavailable(late.status)) << late.status;
  EXPECT_EQ(late.fate(), RequestFate::kNotSent);
  EXPECT_EQ(broker_.published_count(), 0u);
  AnswerSend(under_way);
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(RequestEndsTest, DrainingWakesThoseWhoWaitForIt) {
  const auto calls = std::make_shared<Inbox<int>>();
  ASSERT_TRUE(network_.WaitDrain([calls] { calls->Put(1); }).has_value());
  const auto cancelled = network_.WaitDrain([calls] { calls->Put(2); });
  network_.CancelWaitDrain(*cancelled);
  network_.Drain();
  EXPECT_EQ(calls->Take(), 1);
  EXPECT_FALSE(network_.WaitDrain([calls] { calls->Put(3); }).has_value());
  Settle();
  EXPECT_TRUE(calls->empty());
}

TEST_F(RequestEndsTest, TheEndOfRequestsEndsAllByWhetherTheyWereSent) {
  StartSynced();
  const RequestId sent = Send();
  NextPublished();
  const auto cleared = std::make_shared<Inbox<absl::Status>>();
  broker_.HoldPublishes(true);
  network_.ClearGatewayStatus(g_, absl::Hours(1),
                              [cleared](const absl::Status& status) { cleared->Put(status); });
  Settle();
  network_.EndRequests();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, sent);
  EXPECT_TRUE(absl::IsDeadlineExceeded(*cleared->Take()));
  network_.ClearGatewayStatus(g_, absl::Hours(1),
                              [cleared](const absl::Status& status) { cleared->Put(status); });
  EXPECT_TRUE(absl::IsUnavailable(*cleared->Take()));
  RequestLimit admitted = absl::Seconds(2);
  admitted.admitted = true;
  gw::WirepasMessage message;
  *message.mutable_send_packet_req() = Packet();
  EXPECT_EQ(network_.Request(RequestKind::kSendData, g_, &s_, std::move(message), admitted,
                             std::nullopt, Keep()),
            0u);
  EXPECT_EQ(Ended().fate(), RequestFate::kNotSent);
}

// What waits in the client for its turn on the connection, as the broker is slow.
TEST_F(RequestEndsTest, WhatIsCancelledBeforeItsTurnIsNotSent) {
  StartSynced();
  broker_.HoldOutgoing(true);
  const RequestId id = Send();
  Settle();
  network_.CancelRequest(id);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsCancelled(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
  EXPECT_EQ(network_.tracker().places().taken(), 1u) << "it takes room in the client";
  broker_.HoldOutgoing(false);
  EXPECT_EQ(network_.tracker().places().taken(), 0u);
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u);
  EXPECT_TRUE(NothingEnded());
}

TEST_F(RequestEndsTest, WhatHadNoTurnInItsTimeIsNotSent) {
  StartSynced();
  broker_.HoldOutgoing(true);
  Send("g", absl::Seconds(2));
  Settle();
  scheduler_.Advance(absl::Seconds(2));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
  broker_.HoldOutgoing(false);
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(RequestEndsTest, WhatHadNoTurnWhenTheConnectionEndsIsNotSent) {
  StartSynced();
  broker_.HoldOutgoing(true);
  Send();
  network_.CancelRequest(Send());
  EXPECT_EQ(Ended().fate(), RequestFate::kNotSent);
  broker_.Disconnect();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
  Settle();
  EXPECT_EQ(network_.tracker().places().taken(), 0u);
}

TEST_F(RequestEndsTest, WhatHadNoTurnBeforeTheEndOfRequestsIsNotSent) {
  StartSynced();
  broker_.HoldOutgoing(true);
  Send();
  Settle();
  network_.EndRequests();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.fate(), RequestFate::kNotSent);
  broker_.HoldOutgoing(false);
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u);
}

// One that sends and cancels fast cannot fill the client's queue.
TEST_F(RequestEndsTest, WhoCancelsBeforeTheirTurnLeavesRoomForOthers) {
  Network::Options options;
  options.max_pending_requests = 90;
  FakeBroker broker;
  Network small(options, &broker, &executor_, &scheduler_);
  small.Start();
  broker.Connect();
  broker.Flush();
  broker.HoldOutgoing(true);
  RequestLimit limit = absl::Hours(1);
  limit.allow_unknown_gateway = true;
  gw::WirepasMessage message;
  *message.mutable_send_packet_req() = Packet();
  const auto send = [&](const std::string& asker) {
    limit.asker = small.tracker().places().Named(asker);
    return small.Request(RequestKind::kSendData, g_, &s_, message, limit, std::nullopt, Keep());
  };
  scheduler_.Advance(absl::Seconds(3));
  Drain(&executor_);
  ASSERT_TRUE(small.directory().synced());
  // The answers are subscribed to, so that what follows waits for its turn at once.
  const InterestPtr answers = small.AcquireDownlinks([] {});
  broker.Flush();
  int taken = 0;
  for (int i = 0; i < 1000; ++i) {
    const RequestId id = send("fast");
    if (id == 0) break;
    ++taken;
    small.CancelRequest(id);
  }
  EXPECT_EQ(taken, 80) << "its share";
  EXPECT_NE(send("other"), 0u);
  limit.asker = nullptr;
  small.Stop();
  Drain(&executor_, 2);
}

TEST_F(RequestEndsTest, ARemovalOfAStatusHasAPlaceAndIsNotSentAfterItsEnd) {
  StartSynced();
  broker_.HoldOutgoing(true);
  const auto cleared = std::make_shared<Inbox<absl::Status>>();
  const auto clear = [&] {
    network_.ClearGatewayStatus(g_, absl::Seconds(2),
                                [cleared](const absl::Status& status) { cleared->Put(status); });
  };
  clear();
  EXPECT_EQ(network_.tracker().places().taken(), 1u);
  scheduler_.Advance(absl::Seconds(2));
  const absl::Status unsent = *cleared->Take();
  EXPECT_TRUE(absl::IsUnavailable(unsent)) << unsent;
  EXPECT_EQ(network_.tracker().places().taken(), 1u) << "it takes room in the client";
  broker_.HoldOutgoing(false);
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u);
  EXPECT_EQ(network_.tracker().places().taken(), 0u);

  broker_.HoldPublishes(true);
  clear();
  const std::optional<FakeBroker::Published> published = broker_.NextPublished();
  ASSERT_TRUE(published.has_value());
  EXPECT_EQ(published->topic, "gw-event/status/g");
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_TRUE(absl::IsDeadlineExceeded(*cleared->Take()));
  EXPECT_EQ(network_.tracker().places().taken(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
