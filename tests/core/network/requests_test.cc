// SPDX-License-Identifier: Apache-2.0
//
// Requests, from the caller to the broker and back.
#include <set>
#include <string>
#include <vector>

#include "core/network/network.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

class NetworkRequestsTest : public NetworkFixture {};

TEST_F(NetworkRequestsTest, ARequestIsPublishedAndItsAnswerEndsIt) {
  StartSynced();
  const RequestId id = Send();
  const Published published = NextPublished();
  EXPECT_EQ(published.raw.topic, "gw-request/send_data/g/s");
  EXPECT_EQ(published.raw.qos, 2);
  EXPECT_FALSE(published.raw.retain);
  const gw::SendPacketReq& request = published.message.send_packet_req();
  EXPECT_EQ(request.header().req_id(), id);
  EXPECT_EQ(request.header().sink_id(), "s");
  EXPECT_EQ(request.header().time_ms_epoch(),
            static_cast<uint64_t>(absl::ToUnixMillis(scheduler_.Now())));
  EXPECT_EQ(request.payload(), "payload");
  EXPECT_EQ(request.destination_address(), 42u);
  EXPECT_TRUE(NothingEnded());
  scheduler_.Advance(absl::Milliseconds(700));
  EXPECT_TRUE(AnswerSend(id)) << "the answers were not subscribed to";
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.request_id, id);
  EXPECT_EQ(outcome.gateway_time, absl::Milliseconds(700));
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(NetworkRequestsTest, AGatewaysErrorIsTheCallers) {
  StartSynced();
  const RequestId id = Send();
  NextPublished();
  AnswerSend(id, gw::SINK_OUT_OF_MEMORY);
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status));
  EXPECT_EQ(outcome.answer, gw::SINK_OUT_OF_MEMORY);
}

TEST_F(NetworkRequestsTest, EveryKindHasItsTopic) {
  StartSynced();
  struct Case {
    RequestKind kind;
    gw::WirepasMessage message;
    std::string topic;
  };
  std::vector<Case> cases(10);
  cases[0] = {RequestKind::kGetConfigs, {}, "gw-request/get_configs/g"};
  cases[0].message.mutable_get_configs_req();
  cases[1] = {RequestKind::kGetGatewayInfo, {}, "gw-request/get_gw_info/g"};
  cases[1].message.mutable_get_gateway_info_req();
  cases[2] = {RequestKind::kSetConfig, {}, "gw-request/set_config/g/s"};
  cases[2].message.mutable_set_config_req()->mutable_config()->set_sink_id("s");
  cases[3] = {RequestKind::kSendData, {}, "gw-request/send_data/g/s"};
  *cases[3].message.mutable_send_packet_req() = Packet();
  cases[4] = {RequestKind::kOtapStatus, {}, "gw-request/otap_status/g/s"};
  cases[4].message.mutable_get_scratchpad_status_req();
  cases[5] = {RequestKind::kOtapLoadScratchpad, {}, "gw-request/otap_load_scratchpad/g/s"};
  cases[5].message.mutable_upload_scratchpad_req()->set_seq(1);
  cases[6] = {RequestKind::kOtapProcessScratchpad, {}, "gw-request/otap_process_scratchpad/g/s"};
  cases[6].message.mutable_process_scratchpad_req();
  cases[7] = {RequestKind::kOtapSetTarget, {}, "gw-request/otap_set_target_scratchpad/g/s"};
  cases[7]
      .message.mutable_set_scratchpad_target_and_action_req()
      ->mutable_target_and_action()
      ->set_action(gw::NO_OTAP);
  cases[8] = {
      RequestKind::kSetConfigurationDataItem, {}, "gw-request/set_configuration_data_item/g/s"};
  auto* item =
      cases[8].message.mutable_set_configuration_data_item_req()->mutable_configuration_data_item();
  item->set_endpoint(1);
  item->set_payload("");
  cases[9] = {
      RequestKind::kGetConfigurationDataItem, {}, "gw-request/get_configuration_data_item/g/s"};
  cases[9].message.mutable_get_configuration_data_item_req()->set_endpoint(1);
  for (const Case& c : cases) {
    const bool to_sink = c.topic.ends_with("/s");
    const RequestId id = network_.Request(c.kind, g_, to_sink ? &s_ : nullptr, c.message,
                                          absl::Seconds(2), std::nullopt, Keep());
    Published published = NextPublished();
    EXPECT_EQ(published.raw.topic, c.topic);
    const gw::RequestHeader* header = MutableRequestHeader(&published.message);
    ASSERT_NE(header, nullptr) << c.topic;
    EXPECT_EQ(header->req_id(), id) << c.topic;
    EXPECT_EQ(header->has_sink_id(), to_sink) << c.topic;
  }
}

TEST_F(NetworkRequestsTest, AnswersAreSubscribedToWhileNeeded) {
  StartSynced();
  EXPECT_FALSE(broker_.wanted().contains(kResponseFilter));
  const RequestId id = Send();
  NextPublished();
  EXPECT_TRUE(broker_.wanted().contains(kResponseFilter));
  AnswerSend(id);
  Ended();
  Settle();
  EXPECT_TRUE(broker_.wanted().contains(kResponseFilter)) << "the next request comes soon";
  scheduler_.Advance(absl::Minutes(2));
  EXPECT_FALSE(broker_.wanted().contains(kResponseFilter));
}

TEST_F(NetworkRequestsTest, NothingIsPublishedBeforeTheAnswersAreSubscribedTo) {
  StartSynced();
  broker_.HoldGrants(true);
  Send();
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u);
  broker_.HoldGrants(false);
  NextPublished();
}

TEST_F(NetworkRequestsTest, WhenTheSubscriptionIsNotGrantedInTimeNothingIsSent) {
  StartSynced();
  broker_.HoldGrants(true);
  Send("g", absl::Seconds(2));
  scheduler_.Advance(absl::Seconds(2));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
  broker_.HoldGrants(false);
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u) << "its caller is gone";
}

TEST_F(NetworkRequestsTest, ARefusedSubscriptionIsToldEachTime) {
  StartSynced();
  broker_.RefuseSubscription(kResponseFilter, absl::PermissionDeniedError("by the rules"));
  for (int i = 0; i < 3; ++i) {
    Send();
    EXPECT_TRUE(absl::IsPermissionDenied(Ended().status)) << i;
  }
  EXPECT_EQ(broker_.published_count(), 0u);
  broker_.RefuseSubscription(kResponseFilter, absl::OkStatus());
  Send();
  NextPublished();
}

TEST_F(NetworkRequestsTest, ASubscriptionRefusedForNowIsWaitedFor) {
  StartSynced();
  broker_.AnswerSubscription(kResponseFilter, 0x91);
  Send("g", absl::Seconds(30));
  Settle();
  EXPECT_TRUE(NothingEnded());
  EXPECT_EQ(broker_.published_count(), 0u);
  broker_.AnswerSubscription(kResponseFilter, 1);
  scheduler_.Advance(absl::Seconds(1));
  NextPublished();
}

TEST_F(NetworkRequestsTest, AnUnknownGatewayIsNotFoundOnceSynced) {
  StartSynced();
  Send("nobody");
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsNotFound(outcome.status)) << outcome.status;
  EXPECT_NE(outcome.status.message().find("gateway 'nobody', sink 's'"), absl::string_view::npos);
  EXPECT_EQ(outcome.request_id, 0u);
}

TEST_F(NetworkRequestsTest, BeforeTheSyncAnUnknownGatewayIsWaitedFor) {
  network_.Start();
  broker_.Connect();
  Settle();
  Send("g");
  Send("nobody");
  EXPECT_TRUE(NothingEnded());
  RetainGateways();
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u) << "the sync is not over";
  scheduler_.Advance(absl::Milliseconds(1000));
  Settle();
  EXPECT_EQ(NextPublished().raw.topic, "gw-request/send_data/g/s");
  EXPECT_TRUE(absl::IsNotFound(Ended().status));
  EXPECT_TRUE(NothingEnded());
}

TEST_F(NetworkRequestsTest, AWaitForTheSyncEndsWithItsDeadline) {
  network_.Start();
  broker_.HoldGrants(true);  // never synced
  broker_.Connect();
  Settle();
  const RequestId id = Send("g", absl::Seconds(2));
  scheduler_.Advance(absl::Seconds(2));
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
  EXPECT_FALSE(network_.tracker().IsPending(id));
}

TEST_F(NetworkRequestsTest, AnOfflineGatewayIsUnavailable) {
  StartSynced();
  Send("off");
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_NE(outcome.status.message().find("offline"), absl::string_view::npos) << outcome.status;
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(NetworkRequestsTest, WithoutABrokerItIsUnavailableAtOnce) {
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

TEST_F(NetworkRequestsTest, APublishThatFailsAtOnceIsUnsent) {
  StartSynced();
  broker_.set_publish_error(absl::ResourceExhaustedError("full"));
  Send();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
}

TEST_F(NetworkRequestsTest, APublishThatTheBrokerRefusesIsUnsent) {
  StartSynced();
  broker_.set_publish_result(absl::PermissionDeniedError("by the rules"));
  Send();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsPermissionDenied(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
}

TEST_F(NetworkRequestsTest, AConnectionLostBeforeSendingIsUnavailable) {
  StartSynced();
  broker_.HoldGrants(true);
  Send();
  Settle();
  broker_.Disconnect();
  const RequestOutcome outcome = Ended();
  EXPECT_TRUE(absl::IsUnavailable(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.request_id, 0u);
}

TEST_F(NetworkRequestsTest, AConnectionLostAfterSendingMayHaveCarriedItOut) {
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

TEST_F(NetworkRequestsTest, AfterAReconnectRequestsGoOn) {
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

TEST_F(NetworkRequestsTest, NoAnswerInTime) {
  StartSynced();
  const RequestId id = Send("g", absl::Seconds(2));
  NextPublished();
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  AnswerSend(id);
  EXPECT_TRUE(NothingEnded()) << "a late answer";
}

TEST_F(NetworkRequestsTest, ACancelledRequestEndsWhereverItIs) {
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

// Many callers at once, answered in the order of a hash.
TEST_F(NetworkRequestsTest, AThousandRequestsEachGetTheirOwnAnswer) {
  broker_.set_on_publish([this](const FakeBroker::Published& published) {
    gw::GenericMessage request;
    ASSERT_EQ(Decode(published.payload, &request), DropReason::kNone);
    AnswerSend(request.wirepas().send_packet_req().header().req_id());
  });
  StartSynced();
  std::set<RequestId> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(Send());
  for (int i = 0; i < 1000; ++i) {
    const RequestOutcome outcome = Ended();
    ASSERT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_EQ(ids.erase(outcome.request_id), 1u);
  }
  EXPECT_TRUE(ids.empty());
}

TEST_F(NetworkRequestsTest, TheBoundOnPendingRequestsIsToldToTheCaller) {
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

TEST_F(NetworkRequestsTest, StoppingEndsWhatIsPending) {
  StartSynced();
  Send();
  NextPublished();
  network_.Stop();
  EXPECT_FALSE(Ended().status.ok());
  EXPECT_EQ(network_.tracker().pending(), 0u);
}

TEST_F(NetworkRequestsTest, DrainingSendsNothingNew) {
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

TEST_F(NetworkRequestsTest, DrainingWakesThoseWhoWaitForIt) {
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

TEST_F(NetworkRequestsTest, TheEndOfRequestsEndsAllByWhetherTheyWereSent) {
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

}  // namespace
}  // namespace wirepas_grpc::core
