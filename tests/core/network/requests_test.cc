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

}  // namespace
}  // namespace wirepas_grpc::core
