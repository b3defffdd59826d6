// SPDX-License-Identifier: Apache-2.0
//
// Gateways that are known from their packets and answers.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/directory/directory.h"
#include "core/directory/gateway_bounds.h"
#include "gtest/gtest.h"
#include "tests/core/directory/directory_fixture.h"
#include "tests/core/directory/status_broker.h"

namespace wirepas_grpc::core {
namespace {

using Ids = std::vector<std::string>;
using Texts = std::vector<std::string>;

constexpr absl::Duration kRound = absl::Seconds(3);

class DirectoryHeardTest : public DirectoryFixture {
 protected:
  GatewayState StateOf(const std::string& gateway) const { return directory_.Find(gateway)->state; }
};

TEST_F(DirectoryHeardTest, AGatewayThatIsHeardIsKnownWithoutAStatus) {
  const SnapshotPtr before = directory_.Snapshot();
  EXPECT_TRUE(directory_.OnHeard("g"));
  const GatewayPtr gateway = directory_.Find("g");
  ASSERT_NE(gateway, nullptr);
  EXPECT_EQ(gateway->id, "g");
  EXPECT_EQ(gateway->state, GatewayState::kUnknown);
  EXPECT_TRUE(gateway->reachable());
  EXPECT_FALSE(gateway->sinks_known);
  EXPECT_EQ(gateway->status_time, absl::InfinitePast());
  EXPECT_EQ(Changes(before.get(), *directory_.Snapshot()), Texts{"found g"});
}

TEST_F(DirectoryHeardTest, ToHearItAgainIsNoNews) {
  directory_.OnHeard("g");
  const SnapshotPtr before = directory_.Snapshot();
  EXPECT_FALSE(directory_.OnHeard("g")) << "it was told already that its sinks are not known";
  EXPECT_EQ(directory_.Snapshot(), before);
}

TEST_F(DirectoryHeardTest, OneThatHasAStatusStaysAsItIs) {
  Online("on", {"s0"});
  Online("old");
  Offline("off");
  const SnapshotPtr before = directory_.Snapshot();
  EXPECT_FALSE(directory_.OnHeard("on"));
  EXPECT_FALSE(directory_.OnHeard("off"));
  EXPECT_TRUE(directory_.OnHeard("old")) << "its sinks are not known";
  EXPECT_FALSE(directory_.OnHeard("old"));
  EXPECT_EQ(directory_.Snapshot(), before);
}

TEST_F(DirectoryHeardTest, AStatusSaysWhetherItIsOnline) {
  directory_.OnHeard("a");
  directory_.OnHeard("b");
  const SnapshotPtr before = directory_.Snapshot();
  Online("a", {"s0"});
  Offline("b");
  EXPECT_EQ(Changes(before.get(), *directory_.Snapshot()),
            (Texts{"online a", "sink+ a/s0", "offline b"}));
}

TEST_F(DirectoryHeardTest, ItTellsItsSinksAndOfItselfWhenAsked) {
  directory_.OnHeard("g");
  Configs("g", {"s0"});
  gw::GatewayInfo info;
  info.set_gw_model("model");
  info.set_gw_version("1.4");
  info.set_max_scratchpad_size(1024);
  info.add_gw_features(gw::SCRATCHPAD_CHUNK_V1);
  directory_.OnInfo("g", info);
  const GatewayPtr gateway = directory_.Find("g");
  EXPECT_EQ(gateway->state, GatewayState::kUnknown);
  EXPECT_EQ(SinkIds(gateway), Ids{"s0"});
  EXPECT_EQ(gateway->model, "model");
  EXPECT_EQ(gateway->version, "1.4");
  EXPECT_EQ(gateway->max_scratchpad_size, 1024u);
  EXPECT_TRUE(gateway->HasFeature(gw::SCRATCHPAD_CHUNK_V1));
}

TEST_F(DirectoryHeardTest, WhatAStatusSaidIsNotTakenFromAnAnswer) {
  Online("g", {"s0"});
  const SnapshotPtr before = directory_.Snapshot();
  gw::GatewayInfo info;
  info.set_gw_model("model");
  directory_.OnInfo("g", info);
  directory_.OnInfo("nobody", info);
  EXPECT_EQ(directory_.Snapshot(), before);
}

// It has told them: an older gateway's status does not take that back.
TEST_F(DirectoryHeardTest, ItsSinksStayKnownWhenAStatusWithoutThemComes) {
  Configs("g", {"s0"});
  Online("g");
  EXPECT_TRUE(directory_.Find("g")->sinks_known);
  EXPECT_EQ(SinkIds(directory_.Find("g")), Ids{"s0"});
}

TEST_F(DirectoryHeardTest, AClearedGatewayIsFoundAgain) {
  Online("g", {"s0"});
  directory_.OnHeard("g");
  directory_.OnCleared("g");
  EXPECT_EQ(directory_.Find("g"), nullptr);
  EXPECT_TRUE(directory_.OnHeard("g"));
  EXPECT_EQ(StateOf("g"), GatewayState::kUnknown);
  directory_.OnCleared("g");
  EXPECT_EQ(directory_.Find("g"), nullptr) << "one without a status can be cleared too";
  EXPECT_TRUE(directory_.OnHeard("g"));
}

TEST_F(DirectoryHeardTest, AWatcherSeesAClearedGatewayTurnToOneWithoutAStatus) {
  Online("g", {"s0"});
  const SnapshotPtr before = directory_.Snapshot();
  directory_.OnCleared("g");
  directory_.OnHeard("g");
  EXPECT_EQ(Changes(before.get(), *directory_.Snapshot()), (Texts{"found g", "sink- g/s0"}));
}

TEST_F(DirectoryHeardTest, StaysOverAReconnectAndIsAskedOnceMore) {
  Online("a", {"s0"}, /*retained=*/true);
  directory_.OnStatusSubscribed();
  scheduler_.Advance(kRound);
  directory_.OnHeard("g");
  directory_.OnDisconnected();
  directory_.OnStatusSubscribed();
  Online("a", {"s0"}, /*retained=*/true);
  scheduler_.Advance(kRound);
  EXPECT_EQ(GatewayIds(), (Ids{"a", "g"}));
  EXPECT_TRUE(directory_.OnHeard("g"));
  EXPECT_FALSE(directory_.OnHeard("g"));
}

TEST_F(DirectoryHeardTest, OneWhoseStatusIsGoneAfterAReconnectIsFoundAgain) {
  StatusBroker broker(&directory_, &scheduler_);
  broker.retained = {"a", "b"};
  broker.Connect();
  scheduler_.Advance(kRound);
  broker.Disconnect();
  broker.retained.erase("b");
  directory_.OnHeard("b");
  broker.Connect();
  scheduler_.Advance(AbsenceCheck::kApart + kRound);
  EXPECT_EQ(GatewayIds(), Ids{"a"});
  EXPECT_TRUE(directory_.OnHeard("b"));
  EXPECT_EQ(StateOf("b"), GatewayState::kUnknown);
}

// Its status may be one that the broker had no room for.
TEST_F(DirectoryHeardTest, WhileItIsAskedForOneThatWasOfflineStaysSo) {
  StatusBroker broker(&directory_, &scheduler_);
  broker.retained = {"a", "b"};
  broker.Connect();
  scheduler_.Advance(kRound);
  Offline("b");
  broker.Disconnect();
  broker.room = 1;
  bool asked = false;
  broker.before_answers = [&] {
    asked = true;
    directory_.OnHeard("b");
    EXPECT_EQ(StateOf("b"), GatewayState::kOffline);
  };
  broker.Connect();
  scheduler_.Advance(absl::Seconds(1));
  EXPECT_TRUE(asked);
}

TEST_F(DirectoryHeardTest, OneThatWasOfflineAndIsHeardBeforeItIsAskedForAgainIsInDoubt) {
  StatusBroker broker(&directory_, &scheduler_);
  broker.retained = {"a", "b"};
  broker.Connect();
  scheduler_.Advance(kRound);
  Offline("b");
  broker.Disconnect();
  broker.retained.erase("b");
  broker.Connect();
  scheduler_.Advance(absl::Seconds(2));
  EXPECT_TRUE(broker.held.empty());
  directory_.OnHeard("b");
  EXPECT_EQ(StateOf("b"), GatewayState::kUnknown);
  scheduler_.Advance(2 * AbsenceCheck::kApart);
  EXPECT_EQ(GatewayIds(), (Ids{"a", "b"}));
}

TEST_F(DirectoryHeardTest, TheBoundOnGatewaysHolds) {
  NetworkDirectory small({.max_gateways = 3}, &executor_, &scheduler_);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 10; ++i) small.OnHeard(absl::StrCat("g", i));
  }
  EXPECT_EQ(small.Snapshot()->gateways.size(), 3u);
  EXPECT_EQ(small.Find("g9"), nullptr);
  EXPECT_GT(small.refused_gateways(), 0u);
  // Room is taken by whoever is heard next.
  small.OnCleared("g0");
  small.OnHeard("g9");
  EXPECT_NE(small.Find("g9"), nullptr);
}

// Anybody who may publish can make up ids.
TEST_F(DirectoryHeardTest, ThoseOnlyHeardAreFewAndKeepNobodyOut) {
  NetworkDirectory small({.max_gateways = NetworkDirectory::kMaxOnlyHeard + 1}, &executor_,
                         &scheduler_);
  for (size_t i = 0; i < 3 * NetworkDirectory::kMaxOnlyHeard; ++i) {
    small.OnHeard(absl::StrCat("made-up-", i));
  }
  EXPECT_EQ(small.Snapshot()->gateways.size(), NetworkDirectory::kMaxOnlyHeard);
  for (const char* id : {"a", "b", "c"}) small.OnStatus(id, StatusOf(id, gw::ON, {"s0"}), false);
  google::protobuf::RepeatedPtrField<SinkConfig> configs;
  configs.Add()->set_sink_id("s0");
  small.OnConfigs("d", configs);
  for (const char* id : {"a", "b", "c", "d"}) EXPECT_NE(small.Find(id), nullptr) << id;
  EXPECT_EQ(small.Snapshot()->gateways.size(), NetworkDirectory::kMaxOnlyHeard + 1);
}

TEST_F(DirectoryHeardTest, OneThatToldItsSinksMakesRoomForOthersThatAreHeard) {
  NetworkDirectory directory({}, &executor_, &scheduler_);
  google::protobuf::RepeatedPtrField<SinkConfig> configs;
  configs.Add()->set_sink_id("s0");
  for (size_t i = 0; i < 3 * NetworkDirectory::kMaxOnlyHeard; ++i) {
    const std::string id = absl::StrCat("g", i);
    EXPECT_TRUE(directory.OnHeard(id)) << id;
    directory.OnConfigs(id, configs);
  }
  EXPECT_EQ(directory.Snapshot()->gateways.size(), 3 * NetworkDirectory::kMaxOnlyHeard);
}

TEST_F(DirectoryHeardTest, OneThatWasAskedInVainIsMuteUntilItTells) {
  directory_.OnHeard("g");
  directory_.OnSilent("g");
  EXPECT_TRUE(directory_.Find("g")->mute);
  Configs("g", {"s0"});
  EXPECT_FALSE(directory_.Find("g")->mute);
  directory_.OnSilent("g");
  EXPECT_FALSE(directory_.Find("g")->mute) << "it has told them once";
}

// The broker retains nothing, so the status that it sent since was missed.
TEST_F(DirectoryHeardTest, OneThatWasOfflineBeforeTheConnectionMayBeBackWhenItIsHeard) {
  Online("g", {"s0"});
  Offline("g");
  directory_.OnStatusSubscribed();
  scheduler_.Advance(kRound);
  EXPECT_FALSE(directory_.OnHeard("g"));
  EXPECT_EQ(StateOf("g"), GatewayState::kOffline) << "what it sent before it went";
  directory_.OnDisconnected();
  directory_.OnConnected();
  directory_.OnHeard("g");
  EXPECT_EQ(StateOf("g"), GatewayState::kOffline) << "statuses may still come";
  directory_.OnStatusSubscribed();
  scheduler_.Advance(kRound);
  directory_.OnHeard("g");
  EXPECT_EQ(StateOf("g"), GatewayState::kUnknown);
  EXPECT_EQ(SinkIds(directory_.Find("g")), Ids{"s0"});
}

TEST_F(DirectoryHeardTest, OneWhoseOfflineStatusIsRetainedStaysOffline) {
  directory_.OnDisconnected();
  directory_.OnConnected();
  directory_.OnStatus("g", StatusOf("g", gw::OFF), /*retained=*/true);
  directory_.OnStatusSubscribed();
  scheduler_.Advance(kRound);
  directory_.OnHeard("g");
  EXPECT_EQ(StateOf("g"), GatewayState::kOffline);
}

TEST_F(DirectoryHeardTest, SinksToldOneByOneAreBounded) {
  Online("g", {"s0"});
  for (size_t i = 0; i < 2 * kMaxSinksOfGateway; ++i) {
    SinkConfig config;
    config.set_sink_id(absl::StrCat("sink-", i));
    config.set_network_channel(1);
    directory_.OnConfig("g", config);
  }
  EXPECT_EQ(directory_.Find("g")->sinks.size(), kMaxSinksOfGateway);
}

TEST_F(DirectoryHeardTest, OneBeyondTheBoundIsNoReasonToAsk) {
  NetworkDirectory small({.max_gateways = 1}, &executor_, &scheduler_);
  EXPECT_TRUE(small.OnHeard("a"));
  EXPECT_FALSE(small.OnHeard("b"));
}

}  // namespace
}  // namespace wirepas_grpc::core
