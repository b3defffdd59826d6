// SPDX-License-Identifier: Apache-2.0
//
// How the network feeds its directory: statuses, answers, and the questions it asks
// on its own account.
#include <string>
#include <vector>

#include "core/network/network.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

class NetworkDirectoryTest : public NetworkFixture {
 protected:
  std::string ConfigsAnswer(const std::string& gateway, RequestId id,
                            const std::vector<std::string>& sinks, gw::ErrorCode code = gw::OK) {
    gw::WirepasMessage message;
    gw::GetConfigsResp* response = message.mutable_get_configs_resp();
    response->mutable_header()->set_req_id(id);
    response->mutable_header()->set_gw_id(gateway);
    response->mutable_header()->set_res(code);
    *response->mutable_configs() = StatusOf(gateway, gw::ON, sinks).configs();
    return Encode(message);
  }

  void TellStatus(const gw::StatusEvent& status) {
    gw::WirepasMessage message;
    *message.mutable_status_event() = status;
    EXPECT_TRUE(broker_.Deliver(absl::StrCat("gw-event/status/", status.header().gw_id()),
                                Encode(message)));
    Settle();
  }

  RequestId NextConfigsRequest(const std::string& gateway) {
    const Published published = NextPublished();
    EXPECT_EQ(published.raw.topic, absl::StrCat("gw-request/get_configs/", gateway));
    return published.message.get_configs_req().header().req_id();
  }

  GatewayPtr Find(const std::string& id) {
    Settle();
    return network_.directory().Find(id);
  }
};

TEST_F(NetworkDirectoryTest, StatusesAreSubscribedToFromTheStart) {
  network_.Start();
  broker_.Connect();
  broker_.Flush();
  EXPECT_EQ(broker_.wanted(), (std::map<std::string, int>{{kStatusFilter, 1}}));
}

TEST_F(NetworkDirectoryTest, AStatusChangesTheDirectory) {
  StartSynced();
  EXPECT_TRUE(Find("g")->online());
  TellStatus(StatusOf("g", gw::OFF));
  EXPECT_FALSE(Find("g")->online());
  EXPECT_EQ(Find("g")->max_scratchpad_size, 100u);
}

TEST_F(NetworkDirectoryTest, AnEmptyRetainedStatusRemovesTheGateway) {
  StartSynced();
  broker_.Retain("gw-event/status/g", "");
  EXPECT_EQ(Find("g"), nullptr);
}

TEST_F(NetworkDirectoryTest, AGatewayThatLeavesItsSinksOutIsAsked) {
  StartSynced();
  TellStatus(StatusOf("old", gw::ON));
  const RequestId id = NextConfigsRequest("old");
  EXPECT_FALSE(Find("old")->sinks_known);
  EXPECT_TRUE(broker_.Deliver("gw-response/get_configs/old", ConfigsAnswer("old", id, {"a", "b"})));
  EXPECT_TRUE(Find("old")->sinks_known);
  EXPECT_EQ(Find("old")->sinks.size(), 2u);
  // Back after it was away, it is asked again.
  TellStatus(StatusOf("old", gw::OFF));
  TellStatus(StatusOf("old", gw::ON));
  EXPECT_FALSE(Find("old")->sinks_known);
  NextConfigsRequest("old");
  EXPECT_EQ(broker_.published_count(), 0u) << "an offline one was asked";
}

// However often it tells its status: one question at a time, and one more for those
// that came meanwhile.
TEST_F(NetworkDirectoryTest, AGatewayIsAskedOneQuestionAtATime) {
  StartSynced();
  for (int i = 0; i < 50; ++i) TellStatus(StatusOf("old", gw::ON));
  NextConfigsRequest("old");
  EXPECT_EQ(broker_.published_count(), 0u);
  TellStatus(StatusOf("old", gw::OFF));
  TellStatus(StatusOf("old", gw::ON));
  scheduler_.Advance(absl::Seconds(10));  // it restarted and does not know the first
  Settle();
  const RequestId id = NextConfigsRequest("old");
  EXPECT_EQ(broker_.published_count(), 0u);
  EXPECT_TRUE(broker_.Deliver("gw-response/get_configs/old", ConfigsAnswer("old", id, {"a"})));
  EXPECT_TRUE(Find("old")->sinks_known);
  scheduler_.Advance(absl::Minutes(1));
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(NetworkDirectoryTest, AFailedAnswerTellsNoSinks) {
  StartSynced();
  const InterestPtr answers = network_.AcquireDownlinks([] {});
  Settle();
  broker_.Deliver("gw-response/get_configs/g", ConfigsAnswer("g", 1, {}, gw::INTERNAL_ERROR));
  EXPECT_EQ(Find("g")->sinks.size(), 2u);
}

// Gateways tell changes unasked, and other backends ask.
TEST_F(NetworkDirectoryTest, AnswersToOthersTellToo) {
  StartSynced();
  const InterestPtr answers = network_.AcquireDownlinks([] {});
  Settle();
  broker_.Deliver("gw-response/get_configs/g", ConfigsAnswer("g", 0, {"s", "t", "u"}));
  EXPECT_EQ(Find("g")->sinks.size(), 3u);

  gw::WirepasMessage message;
  gw::SetConfigResp* response = message.mutable_set_config_resp();
  response->mutable_header()->set_req_id(0);
  response->mutable_header()->set_gw_id("g");
  response->mutable_header()->set_res(gw::INVALID_PARAM);
  response->mutable_config()->set_sink_id("u");
  response->mutable_config()->set_network_channel(9);
  broker_.Deliver("gw-response/set_config/g/u", Encode(message));
  EXPECT_EQ(Find("g")->sinks.at("u")->network_channel(), 9u)
      << "a failed change tells the config that stands";
}

TEST_F(NetworkDirectoryTest, ARefusedStatusSubscriptionKeepsNobodyWaiting) {
  broker_.RefuseSubscription(kStatusFilter, absl::PermissionDeniedError("by the rules"));
  network_.Start();
  broker_.Connect();
  Settle();
  Send();
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_TRUE(absl::IsNotFound(Ended().status));
}

// It is needed whatever the reason: without it the directory is empty.
TEST_F(NetworkDirectoryTest, ARefusedStatusSubscriptionIsAskedForAgain) {
  RetainGateways();
  broker_.AnswerSubscription(kStatusFilter, 0x80);
  network_.Start();
  broker_.Connect();
  Settle();
  EXPECT_EQ(Find("g"), nullptr);
  broker_.AnswerSubscription(kStatusFilter, 1);
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_NE(Find("g"), nullptr);
}

TEST_F(NetworkDirectoryTest, AStatusSubscriptionRefusedForNowIsWaitedFor) {
  RetainGateways();
  broker_.AnswerSubscription(kStatusFilter, 0x91);
  network_.Start();
  broker_.Connect();
  Settle();
  Send("g", absl::Seconds(30));
  scheduler_.Advance(absl::Milliseconds(400));
  Settle();
  EXPECT_FALSE(network_.directory().synced());
  EXPECT_TRUE(NothingEnded());
  broker_.AnswerSubscription(kStatusFilter, 1);
  scheduler_.Advance(absl::Milliseconds(600));
  Settle();
  scheduler_.Advance(absl::Seconds(3));
  Settle();
  EXPECT_EQ(NextPublished().raw.topic, "gw-request/send_data/g/s");
}

TEST_F(NetworkDirectoryTest, AnswersThatAreWorseThanAskedForAreShown) {
  broker_.AnswerSubscription(kStatusFilter, 0x91);
  broker_.AnswerSubscription(kUplinkFilter, 0);
  broker_.AnswerSubscription(kResponseFilter, 0x87);
  network_.Start();
  broker_.Connect();
  const InterestPtr uplinks = network_.AcquireUplinks({}, [] {});
  const auto answers = network_.subscriptions().Acquire({kResponseFilter}, {}, [] {});
  Settle();
  const auto impaired = network_.broker().Get().impaired;
  ASSERT_EQ(impaired->size(), 3u);
  EXPECT_EQ(impaired->at(0).filter, kUplinkFilter);
  EXPECT_TRUE(impaired->at(0).answer.lowered());
  EXPECT_EQ(impaired->at(1).filter, kStatusFilter);
  EXPECT_EQ(impaired->at(1).answer.code, 0x91);
  EXPECT_TRUE(impaired->at(1).asked_again);
  EXPECT_EQ(impaired->at(2).answer.code, 0x87);
  EXPECT_FALSE(impaired->at(2).asked_again);
  EXPECT_EQ(uplinks->result(), absl::OkStatus()) << "it is granted all the same";
  broker_.AnswerSubscription(kStatusFilter, 1);
  scheduler_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_EQ(network_.broker().Get().impaired->size(), 2u);
}

TEST_F(NetworkDirectoryTest, WhatIsNoLongerAskedForIsNotShown) {
  network_.Start();
  for (const int code : {0x87, 0x91, 0}) {
    broker_.AnswerSubscription(kResponseFilter, code);
    broker_.Connect();
    auto answers = network_.subscriptions().Acquire({kResponseFilter}, {}, [] {});
    Settle();
    EXPECT_EQ(network_.broker().Get().impaired->size(), 1u) << code;
    answers.reset();
    Settle();
    EXPECT_TRUE(network_.broker().Get().impaired->empty()) << code;
    broker_.Disconnect();
    Settle();
  }
}

// Their sinks may have changed while nobody listened, but not between two subscriptions.
TEST_F(NetworkDirectoryTest, AStatusThatTheBrokerSendsAgainAsksNothing) {
  RetainStatus(StatusOf("old", gw::ON));
  StartSynced(4);
  NextConfigsRequest("old");
  scheduler_.Advance(absl::Minutes(1));
  Settle();
  ASSERT_TRUE(network_.subscriptions().AskAgain(kStatusFilter));
  Settle();
  EXPECT_EQ(broker_.published_count(), 0u);
  broker_.Disconnect();
  broker_.Connect();
  Settle();
  NextConfigsRequest("old");
}

TEST_F(NetworkDirectoryTest, WhatIsNoLongerRetainedAfterAReconnectIsRemoved) {
  StartSynced();
  broker_.Disconnect();
  Settle();
  broker_.Retain("gw-event/status/h", "");
  broker_.Connect();
  Settle();
  for (int i = 0; i < 20; ++i) {
    scheduler_.Advance(absl::Milliseconds(100));
    Settle();
  }
  EXPECT_NE(Find("h"), nullptr) << "it may come back";
  scheduler_.Advance(AbsenceCheck::kApart);
  for (int i = 0; i < 20; ++i) {
    scheduler_.Advance(absl::Milliseconds(100));
    Settle();
  }
  EXPECT_EQ(Find("h"), nullptr);
  EXPECT_NE(Find("g"), nullptr);
  EXPECT_EQ(broker_.subscribe_calls(kStatusFilter), 2) << "once on each connection";
  EXPECT_EQ(broker_.subscribe_calls("gw-event/status/h"), 2);
  EXPECT_EQ(broker_.held(), std::set<std::string>{kStatusFilter}) << "nothing is left over";
}

TEST_F(NetworkDirectoryTest, WhoMayNotBeAskedForStaysAndIsNoBrokersFault) {
  StartSynced();
  broker_.Disconnect();
  broker_.Retain("gw-event/status/h", "");
  broker_.AnswerSubscription("gw-event/status/h", 0x80);
  broker_.Connect();
  Settle();
  for (int i = 0; i < 100; ++i) {
    scheduler_.Advance(absl::Milliseconds(100));
    Settle();
  }
  EXPECT_EQ(broker_.subscribe_calls("gw-event/status/h"), 1);
  EXPECT_NE(Find("h"), nullptr);
  EXPECT_TRUE(network_.broker().Get().impaired->empty());
  EXPECT_EQ(network_.broker().refused(), 0u);
}

TEST_F(NetworkDirectoryTest, ClearingPublishesAnEmptyRetainedStatus) {
  StartSynced();
  Inbox<absl::Status> done;
  const auto clear = [&](absl::Duration timeout) {
    network_.ClearGatewayStatus(*GatewayId::Parse("off"), timeout,
                                [&](const absl::Status& status) { done.Put(status); });
  };
  clear(absl::Seconds(2));
  EXPECT_TRUE(done.Take()->ok());
  const std::optional<FakeBroker::Published> published = broker_.NextPublished();
  EXPECT_EQ(published->topic, "gw-event/status/off");
  EXPECT_EQ(published->payload, "");
  EXPECT_TRUE(published->retain);
  EXPECT_EQ(Find("off"), nullptr);

  broker_.HoldPublishes(true);
  clear(absl::Seconds(2));
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_TRUE(absl::IsDeadlineExceeded(*done.Take()));
  clear(absl::Seconds(2));
  broker_.Disconnect();
  EXPECT_TRUE(absl::IsDeadlineExceeded(*done.Take())) << "it may have been removed";
  clear(absl::Seconds(2));
  EXPECT_TRUE(absl::IsUnavailable(*done.Take()));
  broker_.HoldPublishes(false);
  broker_.Connect();
  Settle();
  broker_.set_publish_result(absl::PermissionDeniedError("by the rules"));
  clear(absl::Seconds(2));
  EXPECT_TRUE(absl::IsPermissionDenied(*done.Take()));
  Settle();
  EXPECT_TRUE(done.empty()) << "told twice";
}

class KeptSessionDirectoryTest : public NetworkFixture {
 protected:
  KeptSessionDirectoryTest() : NetworkFixture(OptionsWithSession()) {}

  static Network::Options OptionsWithSession() {
    Network::Options options;
    options.persistent_session = true;
    return options;
  }
  // An uplink after the other for so long.
  void Backlog(absl::Duration lasting) {
    for (absl::Duration passed; passed < lasting; passed += absl::Milliseconds(50)) {
      broker_.Inject("gw-event/received_data/g/s/7/1/2", UplinkPayload(++event_id_, "g"));
      broker_.Flush();
      scheduler_.Advance(absl::Milliseconds(50));
    }
  }

  uint64_t event_id_ = 0;
};

TEST_F(KeptSessionDirectoryTest, AfterABacklogStatusesAreAskedForAgain) {
  RetainGateways();
  network_.Start();
  broker_.Connect();
  Settle();
  Backlog(absl::Milliseconds(1400));
  EXPECT_FALSE(network_.directory().synced());
  Backlog(absl::Seconds(3));
  EXPECT_TRUE(network_.directory().synced());
  EXPECT_EQ(broker_.subscribe_calls(kStatusFilter), 1);
  scheduler_.Advance(absl::Milliseconds(500));
  EXPECT_EQ(broker_.subscribe_calls(kStatusFilter), 2);
  Settle();
  scheduler_.Advance(absl::Hours(1));
  EXPECT_EQ(broker_.subscribe_calls(kStatusFilter), 2);
  EXPECT_EQ(network_.directory().Snapshot()->gateways.size(), 3u);
}

// The directory waits for the end of the backlog for less time than requests have.
TEST_F(KeptSessionDirectoryTest, InABacklogARequestToAnUnknownGatewayIsToldSo) {
  network_.Start();
  broker_.Connect();
  Settle();
  Send("nobody", absl::Seconds(2));
  // It ends before its own time does.
  Backlog(StatusSync::kLimit + StatusSync::kQuiet);
  EXPECT_TRUE(absl::IsNotFound(Ended().status));
}

class FullDirectoryTest : public NetworkFixture {
 protected:
  FullDirectoryTest() : NetworkFixture(OptionsOf(3)) {}

  static Network::Options OptionsOf(size_t max_gateways) {
    Network::Options options;
    options.directory.max_gateways = max_gateways;
    return options;
  }
};

// Anybody can make up ids, and who is asked is remembered.
TEST_F(FullDirectoryTest, AGatewayThatIsNotTakenIsNotAsked) {
  StartSynced();
  for (int i = 0; i < 100; ++i) {
    gw::WirepasMessage message;
    *message.mutable_status_event() = StatusOf(absl::StrCat("more-", i), gw::ON);
    EXPECT_TRUE(broker_.Deliver(absl::StrCat("gw-event/status/more-", i), Encode(message)));
  }
  Settle();
  EXPECT_EQ(network_.directory().refused_gateways(), 100u);
  EXPECT_EQ(broker_.published_count(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
