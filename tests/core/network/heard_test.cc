// SPDX-License-Identifier: Apache-2.0
//
// Gateways without a status: how they are found, and asked for what a status would tell.
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/network/network.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

class NetworkHeardTest : public NetworkFixture {
 protected:
  void StartListening(size_t gateways = 3) {
    StartSynced(gateways);
    Listen();
  }
  void Listen() {
    uplinks_ = network_.AcquireUplinks({}, [] {});
    downlinks_ = network_.AcquireDownlinks([] {});
    Settle();
  }

  GatewayPtr Find(const std::string& id) {
    Settle();
    return network_.directory().Find(id);
  }

  RequestId NextConfigsRequest(const std::string& gateway) {
    const Published published = NextPublished();
    EXPECT_EQ(published.raw.topic, absl::StrCat("gw-request/get_configs/", gateway));
    return published.message.get_configs_req().header().req_id();
  }

  bool NothingAsked() {
    Settle();
    return broker_.published_count() == 0;
  }

  // With a sink of that channel, made at that second by the gateway's clock.
  bool AnswerConfigs(const std::string& gateway, RequestId id, uint32_t channel = 1,
                     uint64_t second = 0) {
    gw::WirepasMessage message;
    gw::GetConfigsResp* response = message.mutable_get_configs_resp();
    response->mutable_header()->set_req_id(id);
    response->mutable_header()->set_gw_id(gateway);
    response->mutable_header()->set_res(gw::OK);
    if (second > 0) response->mutable_header()->set_time_ms_epoch(second * 1000);
    response->add_configs()->set_sink_id("s");
    response->mutable_configs(0)->set_network_channel(channel);
    return broker_.Deliver(absl::StrCat("gw-response/get_configs/", gateway), Encode(message));
  }

  void TellStatus(const std::string& gateway, uint64_t second, uint32_t channel) {
    gw::WirepasMessage message;
    gw::StatusEvent* status = message.mutable_status_event();
    *status = StatusOf(gateway, gw::ON, {"s"});
    status->mutable_header()->set_time_ms_epoch(second * 1000);
    status->mutable_configs(0)->set_network_channel(channel);
    EXPECT_TRUE(broker_.Deliver(absl::StrCat("gw-event/status/", gateway), Encode(message)));
    Settle();
  }

  uint32_t Channel(const std::string& gateway) {
    return Find(gateway)->sinks.at("s")->network_channel();
  }

  InterestPtr uplinks_;
  InterestPtr downlinks_;
};

TEST_F(NetworkHeardTest, APacketMakesAGatewayKnownAndAsked) {
  StartListening();
  EXPECT_EQ(Find("new"), nullptr);
  DeliverUplink(1, "new");
  ASSERT_NE(Find("new"), nullptr);
  EXPECT_EQ(Find("new")->state, GatewayState::kUnknown);
  const RequestId id = NextConfigsRequest("new");
  EXPECT_TRUE(AnswerConfigs("new", id));
  EXPECT_EQ(Channel("new"), 1u);
  DeliverUplink(2, "new");
  EXPECT_TRUE(NothingAsked());
}

TEST_F(NetworkHeardTest, AnAnswerToAnybodyDoesToo) {
  StartListening();
  broker_.Deliver("gw-response/send_data/new/s", Answer(77, gw::INTERNAL_ERROR, "new"));
  ASSERT_NE(Find("new"), nullptr);
  NextConfigsRequest("new");
}

TEST_F(NetworkHeardTest, AnAnswerThatTellsTheSinksLeavesNothingToAsk) {
  StartListening();
  AnswerConfigs("new", 77);
  ASSERT_NE(Find("new"), nullptr);
  EXPECT_TRUE(Find("new")->sinks_known);
  EXPECT_TRUE(NothingAsked());
}

TEST_F(NetworkHeardTest, AnAnswerTellsOfTheGatewayItself) {
  StartListening();
  gw::WirepasMessage message;
  gw::GetGwInfoResp* response = message.mutable_get_gateway_info_resp();
  response->mutable_header()->set_req_id(77);
  response->mutable_header()->set_gw_id("new");
  response->mutable_header()->set_res(gw::OK);
  response->mutable_info()->set_current_time_s_epoch(1);
  response->mutable_info()->set_gw_model("model");
  broker_.Deliver("gw-response/get_gw_info/new", Encode(message));
  ASSERT_NE(Find("new"), nullptr);
  EXPECT_EQ(Find("new")->model, "model");
}

TEST_F(NetworkHeardTest, OneThatDoesNotAnswerIsMute) {
  StartListening();
  DeliverUplink(1, "new");
  NextConfigsRequest("new");
  EXPECT_FALSE(Find("new")->mute);
  scheduler_.Advance(SinkQuestions::kTimeout);
  Settle();
  EXPECT_TRUE(Find("new")->mute);
}

TEST_F(NetworkHeardTest, AClockThatIsPutBackMakesNoMuteGatewayAnother) {
  StartListening();
  DeliverUplink(1, "new");
  NextConfigsRequest("new");
  scheduler_.JumpTo(scheduler_.Now() - absl::Hours(1));
  scheduler_.Advance(SinkQuestions::kTimeout);
  Settle();
  EXPECT_TRUE(Find("new")->mute);
}

TEST_F(NetworkHeardTest, OneThatCouldNotBeAskedIsNotMuteAndIsAskedLater) {
  StartSynced();
  broker_.AnswerSubscription(kResponseFilter, 0x80);
  uplinks_ = network_.AcquireUplinks({}, [] {});
  Settle();
  DeliverUplink(1, "new");
  EXPECT_TRUE(NothingAsked());
  ASSERT_NE(Find("new"), nullptr);
  EXPECT_FALSE(Find("new")->mute);
  broker_.AnswerSubscription(kResponseFilter, 1);
  scheduler_.Advance(kLateNews);
  Settle();
  NextConfigsRequest("new");
}

// With two connections what waited for the one can come before the other is there.
TEST_F(NetworkHeardTest, OneThatIsHeardBeforeItCanBeAskedIsAskedLater) {
  StartListening();
  broker_.Disconnect();
  Settle();
  broker_.Inject("gw-event/received_data/new/s/7/1/2", UplinkPayload(1, "new"));
  ASSERT_NE(Find("new"), nullptr);
  EXPECT_TRUE(NothingAsked());
  broker_.Connect();
  Settle();
  NextConfigsRequest("new");
}

TEST_F(NetworkHeardTest, AnAnswerAboutAnotherSinkThanItsTopicsIsDropped) {
  StartListening();
  gw::WirepasMessage message;
  gw::SetConfigResp* response = message.mutable_set_config_resp();
  response->mutable_header()->set_req_id(0);
  response->mutable_header()->set_gw_id("g0");
  response->mutable_header()->set_res(gw::OK);
  response->mutable_config()->set_sink_id("made-up");
  response->mutable_config()->set_network_channel(1);
  broker_.Deliver("gw-response/set_config/g0/s", Encode(message));
  Settle();
  EXPECT_EQ(network_.drops().count(DropReason::kMismatch), 1u);
}

// Only what is good tells of a gateway; its topic alone may be anybody's.
TEST_F(NetworkHeardTest, WhatIsMalformedTellsOfNobody) {
  StartListening();
  broker_.Deliver("gw-event/received_data/x/s/7/1/2", "garbage");
  broker_.Deliver("gw-event/received_data/y/s/7/1/2", "");
  broker_.Deliver("gw-response/send_data/z/s", Answer(1, gw::OK, "another"));
  broker_.Deliver("gw-request/send_data/w/s", "garbage");
  for (const char* id : {"x", "y", "z", "w"}) EXPECT_EQ(Find(id), nullptr) << id;
  EXPECT_TRUE(NothingAsked());
}

// Somebody else's request says nothing of the gateway.
TEST_F(NetworkHeardTest, ARequestTellsOfNobody) {
  StartListening();
  gw::WirepasMessage message;
  *message.mutable_send_packet_req() = Packet();
  message.mutable_send_packet_req()->mutable_header()->set_req_id(5);
  message.mutable_send_packet_req()->mutable_header()->set_sink_id("s");
  EXPECT_TRUE(broker_.Deliver("gw-request/send_data/new/s", Encode(message)));
  EXPECT_EQ(Find("new"), nullptr);
}

TEST_F(NetworkHeardTest, RequestsGoToIt) {
  StartListening();
  DeliverUplink(1, "new");
  Settle();
  NextConfigsRequest("new");
  const RequestId id = Send("new");
  Settle();
  EXPECT_EQ(NextPublished().raw.topic, "gw-request/send_data/new/s");
  broker_.Deliver("gw-response/send_data/new/s", Answer(id, gw::OK, "new"));
  EXPECT_TRUE(Ended().status.ok());
}

TEST_F(NetworkHeardTest, AClearedGatewayThatGoesOnIsReachable) {
  StartListening();
  DeliverUplink(1);
  broker_.Retain("gw-event/status/g", "");
  EXPECT_EQ(Find("g"), nullptr);
  DeliverUplink(1);
  EXPECT_EQ(Find("g"), nullptr) << "a packet from before, delivered twice";
  DeliverUplink(2);
  ASSERT_NE(Find("g"), nullptr);
  NextConfigsRequest("g");
  Send();
  Settle();
  EXPECT_EQ(NextPublished().raw.topic, "gw-request/send_data/g/s");
}

// Its status may be on its way, and say that it is offline.
TEST_F(NetworkHeardTest, UntilTheStatusesAreReadNobodyIsAskedAndRequestsWait) {
  RetainGateways();
  network_.Start();
  broker_.Connect();
  Listen();
  EXPECT_TRUE(DeliverUplink(1, "new"));
  EXPECT_TRUE(DeliverUplink(2, "late"));
  EXPECT_NE(Find("late"), nullptr);
  Send("new");
  Send("late");
  EXPECT_TRUE(NothingAsked());
  RetainStatus(StatusOf("late", gw::OFF));
  Settle();
  scheduler_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_TRUE(absl::IsUnavailable(Ended().status));
  std::set<std::string> topics;
  for (int i = 0; i < 2; ++i) topics.insert(NextPublished().raw.topic);
  EXPECT_EQ(topics,
            (std::set<std::string>{"gw-request/get_configs/new", "gw-request/send_data/new/s"}));
  EXPECT_TRUE(NothingAsked());
}

TEST_F(NetworkHeardTest, OneThatDoesNotAnswerIsAskedOncePerConnection) {
  StartListening();
  for (int i = 0; i < 20; ++i) {
    DeliverUplink(i, "mute");
    Settle();
    scheduler_.Advance(absl::Minutes(1));
  }
  NextConfigsRequest("mute");
  EXPECT_TRUE(NothingAsked());
  broker_.Disconnect();
  broker_.Connect();
  Settle();
  scheduler_.Advance(absl::Seconds(3));
  DeliverUplink(100, "mute");
  DeliverUplink(101, "mute");
  Settle();
  NextConfigsRequest("mute");
  EXPECT_TRUE(NothingAsked());
}

TEST_F(NetworkHeardTest, SoManyAreAskedAtATime) {
  StartListening();
  const int kMany = static_cast<int>(SinkQuestions::kMaxAtOnce) + 5;
  for (int i = 0; i < kMany; ++i) DeliverUplink(i, absl::StrCat("n", i));
  Settle();
  EXPECT_EQ(network_.tracker().pending(), SinkQuestions::kMaxAtOnce);
  const RequestId id = NextConfigsRequest("n0");
  AnswerConfigs("n0", id);
  Settle();
  EXPECT_EQ(network_.tracker().pending(), SinkQuestions::kMaxAtOnce);
  scheduler_.Advance(SinkQuestions::kTimeout);
  Settle();
  EXPECT_EQ(network_.tracker().pending(), 4u);
}

// The gateway's clock may have been set back: what was left out might be the truth.
TEST_F(NetworkHeardTest, AfterOlderNewsTheGatewayIsAsked) {
  StartListening();
  TellStatus("g", 1'800'000'000, 5);
  TellStatus("g", 1'799'999'000, 6);
  TellStatus("g", 1'799'999'001, 7);
  EXPECT_EQ(Channel("g"), 5u);
  EXPECT_TRUE(NothingAsked());
  scheduler_.Advance(kLateNews);
  Settle();
  const RequestId id = NextConfigsRequest("g");
  EXPECT_TRUE(NothingAsked());
  AnswerConfigs("g", id, 8, 1'799'999'040);
  EXPECT_EQ(Channel("g"), 8u);
}

TEST_F(NetworkHeardTest, AnOlderAnswerIsSuchNewsToo) {
  StartListening();
  TellStatus("g", 1'800'000'000, 5);
  AnswerConfigs("g", 77, 6, 1'799'999'000);
  EXPECT_EQ(Channel("g"), 5u);
  scheduler_.Advance(kLateNews);
  Settle();
  NextConfigsRequest("g");
}

TEST_F(NetworkHeardTest, NewsInOrderAsksNothing) {
  StartListening();
  TellStatus("g", 1'800'000'000, 5);
  AnswerConfigs("g", 77, 6, 1'800'000'001);
  TellStatus("g", 1'800'000'001, 7);
  EXPECT_EQ(Channel("g"), 7u);
  scheduler_.Advance(kLateNews * 2);
  EXPECT_TRUE(NothingAsked());
}

TEST_F(NetworkHeardTest, ARequestMayGoToAGatewayThatNobodyHeardOf) {
  StartListening();
  gw::WirepasMessage message;
  *message.mutable_send_packet_req() = Packet();
  RequestLimit limit = absl::Seconds(2);
  limit.allow_unknown_gateway = true;
  const RequestId id = network_.Request(RequestKind::kSendData, *GatewayId::Parse("new"), &s_,
                                        message, limit, std::nullopt, Keep());
  Settle();
  EXPECT_EQ(NextPublished().raw.topic, "gw-request/send_data/new/s");
  EXPECT_EQ(Find("new"), nullptr) << "to be asked makes nobody known";
  broker_.Deliver("gw-response/send_data/new/s", Answer(id, gw::OK, "new"));
  EXPECT_TRUE(Ended().status.ok());
  EXPECT_NE(Find("new"), nullptr);

  network_.Request(RequestKind::kSendData, *GatewayId::Parse("nobody"), &s_, message, limit,
                   std::nullopt, Keep());
  Settle();
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ended().status));
  network_.Request(RequestKind::kSendData, *GatewayId::Parse("off"), &s_, message, limit,
                   std::nullopt, Keep());
  EXPECT_TRUE(absl::IsUnavailable(Ended().status)) << "what is known holds";
}

TEST_F(NetworkHeardTest, SuchARequestWaitsForTheStatusesAsOthersDo) {
  RetainStatus(StatusOf("off", gw::OFF, {"s"}));
  network_.Start();
  gw::WirepasMessage message;
  *message.mutable_send_packet_req() = Packet();
  RequestLimit limit = absl::Seconds(2);
  limit.allow_unknown_gateway = true;
  broker_.Connect();
  broker_.Flush();
  network_.Request(RequestKind::kSendData, *GatewayId::Parse("new"), &s_, message, limit,
                   std::nullopt, Keep());
  EXPECT_TRUE(NothingAsked());
  scheduler_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_EQ(NextPublished().raw.topic, "gw-request/send_data/new/s");
}

}  // namespace
}  // namespace wirepas_grpc::core
