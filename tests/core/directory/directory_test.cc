// SPDX-License-Identifier: Apache-2.0
#include "core/directory/directory.h"

#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/core/directory/directory_fixture.h"

namespace wirepas_grpc::core {
namespace {

using Ids = std::vector<std::string>;

class DirectoryTest : public DirectoryFixture {};

TEST_F(DirectoryTest, KnowsNobodyAtFirst) {
  EXPECT_TRUE(directory_.Snapshot()->gateways.empty());
  EXPECT_EQ(directory_.Find("g"), nullptr);
  EXPECT_EQ(directory_.Snapshot()->Find("g"), nullptr);
}

TEST_F(DirectoryTest, AStatusTellsTheGatewayAndItsSinks) {
  gw::StatusEvent status = StatusOf("g", gw::ON, {"s1", "s0"});
  status.set_gw_model("model");
  status.set_gw_version("1.4");
  status.set_max_scratchpad_size(1024);
  status.add_gw_features(gw::SCRATCHPAD_CHUNK_V1);
  status.mutable_configs(0)->set_node_address(5);
  directory_.OnStatus("g", status, /*retained=*/true);

  const GatewayPtr gateway = directory_.Find("g");
  ASSERT_NE(gateway, nullptr);
  EXPECT_EQ(gateway->id, "g");
  EXPECT_TRUE(gateway->online());
  EXPECT_EQ(gateway->model, "model");
  EXPECT_EQ(gateway->version, "1.4");
  EXPECT_EQ(gateway->max_scratchpad_size, 1024u);
  EXPECT_TRUE(gateway->HasFeature(gw::SCRATCHPAD_CHUNK_V1));
  EXPECT_FALSE(gateway->HasFeature(gw::CONFIGURATION_DATA_V1));
  EXPECT_EQ(gateway->status_time, absl::FromUnixMillis(1'700'000'000'000));
  EXPECT_TRUE(gateway->sinks_known);
  EXPECT_EQ(SinkIds(gateway), (Ids{"s0", "s1"}));
  EXPECT_EQ(gateway->sinks.at("s1")->node_address(), 5u);
  EXPECT_EQ(directory_.Snapshot()->Find("g"), gateway);
}

TEST_F(DirectoryTest, AStatusWithoutAGoodTimeHasThatOfItsArrival) {
  gw::StatusEvent status = StatusOf("g", gw::ON);
  for (const uint64_t time :
       {uint64_t{0}, uint64_t{253402300799001}, std::numeric_limits<uint64_t>::max()}) {
    scheduler_.Advance(absl::Seconds(1));
    status.mutable_header()->set_time_ms_epoch(time);
    directory_.OnStatus("g", status, false);
    EXPECT_EQ(directory_.Find("g")->status_time, absl::InfinitePast()) << time;
  }
}

TEST_F(DirectoryTest, AStatusWithoutConfigsLeavesTheSinksToBeAsked) {
  Online("old");
  EXPECT_FALSE(directory_.Find("old")->sinks_known);
  Configs("old", {"s0", "s1"});
  EXPECT_TRUE(directory_.Find("old")->sinks_known);
  EXPECT_EQ(SinkIds(directory_.Find("old")), (Ids{"s0", "s1"}));
  // It says once more that it is there: what it told still holds.
  Online("old");
  EXPECT_TRUE(directory_.Find("old")->sinks_known);
  EXPECT_EQ(SinkIds(directory_.Find("old")), (Ids{"s0", "s1"}));
}

TEST_F(DirectoryTest, AnAnswerWithoutSinksIsAnAnswer) {
  Online("old");
  Configs("old", {});
  EXPECT_TRUE(directory_.Find("old")->sinks_known);
  EXPECT_TRUE(directory_.Find("old")->sinks.empty());
}

TEST_F(DirectoryTest, AnOfflineGatewayKeepsWhatIsKnownOfIt) {
  gw::StatusEvent status = StatusOf("g", gw::ON, {"s0"});
  status.set_gw_model("model");
  status.set_gw_version("1.4");
  status.set_max_scratchpad_size(1024);
  status.add_gw_features(gw::SCRATCHPAD_CHUNK_V1);
  directory_.OnStatus("g", status, false);
  Offline("g");
  const GatewayPtr gateway = directory_.Find("g");
  EXPECT_FALSE(gateway->online());
  EXPECT_EQ(gateway->model, "model");
  EXPECT_EQ(gateway->version, "1.4");
  EXPECT_EQ(gateway->max_scratchpad_size, 1024u);
  EXPECT_TRUE(gateway->HasFeature(gw::SCRATCHPAD_CHUNK_V1));
  EXPECT_EQ(SinkIds(gateway), Ids{"s0"});
  EXPECT_TRUE(gateway->sinks_known);
}

TEST_F(DirectoryTest, BackOnlineWithoutConfigsMustBeAskedAgain) {
  Online("g");
  Configs("g", {"s0"});
  Offline("g");
  Online("g");
  EXPECT_FALSE(directory_.Find("g")->sinks_known) << "it may have other sinks now";
  EXPECT_EQ(SinkIds(directory_.Find("g")), Ids{"s0"}) << "the last known ones until then";
}

TEST_F(DirectoryTest, BackOnlineWithConfigsNeedsNoQuestion) {
  Online("g", {"s0", "s1"});
  Offline("g");
  Online("g", {"s1", "s2"});
  EXPECT_TRUE(directory_.Find("g")->sinks_known);
  EXPECT_EQ(SinkIds(directory_.Find("g")), (Ids{"s1", "s2"}));
}

TEST_F(DirectoryTest, AnOnlineStatusIsTheWholeTruthOfItsGateway) {
  gw::StatusEvent status = StatusOf("g", gw::ON, {"s0"});
  status.set_gw_model("model");
  status.set_max_scratchpad_size(1024);
  directory_.OnStatus("g", status, false);
  Online("g", {"s0"});
  EXPECT_EQ(directory_.Find("g")->model, "");
  EXPECT_FALSE(directory_.Find("g")->max_scratchpad_size.has_value());
}

TEST_F(DirectoryTest, AClearedGatewayIsGone) {
  Online("g", {"s0"});
  Online("h", {"s0"});
  directory_.OnCleared("g");
  directory_.OnCleared("never seen");
  EXPECT_EQ(GatewayIds(), Ids{"h"});
  Online("g", {"s1"});
  EXPECT_EQ(SinkIds(directory_.Find("g")), Ids{"s1"});
}

// The broker may keep no statuses: a gateway that answers is there.
TEST_F(DirectoryTest, AnUnknownGatewayThatAnswersIsKnownWithoutAStatus) {
  Configs("g", {"s0"});
  const GatewayPtr gateway = directory_.Find("g");
  ASSERT_NE(gateway, nullptr);
  EXPECT_EQ(gateway->id, "g");
  EXPECT_EQ(gateway->state, GatewayState::kUnknown);
  EXPECT_TRUE(gateway->reachable());
  EXPECT_FALSE(gateway->online());
  EXPECT_TRUE(gateway->sinks_known);
  EXPECT_EQ(gateway->status_time, absl::InfinitePast());
}

TEST_F(DirectoryTest, ALateAnswerOfAnOfflineGatewayLeavesItOffline) {
  Online("g");
  Offline("g");
  Configs("g", {"s0"});
  EXPECT_FALSE(directory_.Find("g")->online());
  EXPECT_EQ(SinkIds(directory_.Find("g")), Ids{"s0"});
  Online("g");
  EXPECT_FALSE(directory_.Find("g")->sinks_known) << "that answer was from before";
}

TEST_F(DirectoryTest, TheConfigOfOneSinkReplacesOrAddsIt) {
  Online("g", {"s0"});
  SinkConfig config;
  config.set_sink_id("s0");
  config.set_node_address(99);
  directory_.OnConfig("g", config);
  EXPECT_EQ(directory_.Find("g")->sinks.at("s0")->node_address(), 99u);
  EXPECT_FALSE(directory_.Find("g")->sinks.at("s0")->has_network_address());
  config.set_sink_id("s1");
  directory_.OnConfig("g", config);
  EXPECT_EQ(SinkIds(directory_.Find("g")), (Ids{"s0", "s1"}));
}

TEST_F(DirectoryTest, AConfigThatSaysNothingIsIgnored) {
  Online("g", {"s0"});
  const uint64_t version = directory_.Snapshot()->version;
  SinkConfig config;
  config.set_sink_id("s9");
  directory_.OnConfig("g", config);  // what a gateway answers for an unknown sink
  config.set_sink_id("s0");
  directory_.OnConfig("g", config);
  config.set_network_address(1);
  config.set_sink_id("a/b");
  directory_.OnConfig("g", config);
  config.set_sink_id("s0");
  directory_.OnConfig("unknown gateway", config);
  EXPECT_EQ(directory_.Snapshot()->version, version);
  EXPECT_EQ(GatewayIds(), Ids{"g"});
}

TEST_F(DirectoryTest, SinksThatCannotBeAddressedAreLeftOut) {
  Online("g", {"s0", "a/b", "", "#", "+", std::string(300, 'x'), "s1"});
  EXPECT_EQ(SinkIds(directory_.Find("g")), (Ids{"s0", "s1"}));
}

TEST_F(DirectoryTest, OfTwoConfigsOfOneSinkTheLastCounts) {
  gw::StatusEvent status = StatusOf("g", gw::ON, {"s0", "s0"});
  status.mutable_configs(0)->set_node_address(1);
  status.mutable_configs(1)->set_node_address(2);
  directory_.OnStatus("g", status, false);
  EXPECT_EQ(directory_.Find("g")->sinks.at("s0")->node_address(), 2u);
}

TEST_F(DirectoryTest, SnapshotsDoNotChange) {
  Online("g", {"s0"});
  const SnapshotPtr before = directory_.Snapshot();
  const GatewayPtr gateway = before->Find("g");
  EXPECT_EQ(directory_.Snapshot(), before) << "made anew without a change";
  Offline("g");
  Online("h");
  directory_.OnCleared("g");
  EXPECT_EQ(before->gateways.size(), 1u);
  EXPECT_TRUE(before->Find("g")->online());
  EXPECT_EQ(SinkIds(gateway), Ids{"s0"});
  EXPECT_GT(directory_.Snapshot()->version, before->version);
}

TEST_F(DirectoryTest, WhatDoesNotChangeIsSharedAndNotAnnounced) {
  Online("g", {"s0", "s1"});
  const SnapshotPtr before = directory_.Snapshot();
  Online("g", {"s0", "s1"});
  Configs("g", {"s0", "s1"});
  directory_.OnConfig("g", *before->Find("g")->sinks.at("s0"));
  EXPECT_EQ(directory_.Snapshot(), before);
  Online("g", {"s0", "s1", "s2"});
  EXPECT_EQ(directory_.Find("g")->sinks.at("s0"), before->Find("g")->sinks.at("s0"));
}

TEST_F(DirectoryTest, WaitsForTheNextVersion) {
  Inbox<int> woken;
  const uint64_t version = directory_.Snapshot()->version;
  const auto id = directory_.Wait(version, [&] { woken.Put(1); });
  ASSERT_TRUE(id.has_value());
  const auto cancelled = directory_.Wait(version, [] { FAIL(); });
  EXPECT_TRUE(directory_.CancelWait(*cancelled));
  Online("g");
  EXPECT_EQ(woken.Take(), 1);
  EXPECT_FALSE(directory_.Wait(version, [] { FAIL(); }).has_value()) << "it has come";
  Drain(&executor_);
}

TEST_F(DirectoryTest, TheBoundOnGatewaysHolds) {
  NetworkDirectory small({.max_gateways = 3}, &executor_, &scheduler_);
  for (int i = 0; i < 10; ++i) {
    const std::string id = absl::StrCat("g", i);
    small.OnStatus(id, StatusOf(id, gw::ON), false);
  }
  small.OnConfigs("another", StatusOf("another", gw::ON, {"s"}).configs());
  EXPECT_EQ(small.Snapshot()->gateways.size(), 3u);
  EXPECT_EQ(small.refused_gateways(), 8u);
  // Known ones go on, and a cleared one makes room.
  small.OnStatus("g0", StatusOf("g0", gw::OFF), false);
  EXPECT_FALSE(small.Find("g0")->online());
  small.OnCleared("g0");
  small.OnStatus("g9", StatusOf("g9", gw::ON), false);
  EXPECT_NE(small.Find("g9"), nullptr);
}

TEST_F(DirectoryTest, TenThousandGateways) {
  for (int i = 0; i < 10000; ++i) Online(absl::StrCat("gateway-", i), {"s0", "s1"});
  const SnapshotPtr all = directory_.Snapshot();
  ASSERT_EQ(all->gateways.size(), 10000u);
  for (size_t i = 1; i < all->gateways.size(); ++i) {
    ASSERT_LT(all->gateways[i - 1]->id, all->gateways[i]->id);
  }
  for (int i = 0; i < 10000; ++i) ASSERT_NE(all->Find(absl::StrCat("gateway-", i)), nullptr);
  EXPECT_EQ(Diff(nullptr, *all).size(), 30000u);
  Offline("gateway-5000");
  EXPECT_EQ(Diff(all.get(), *directory_.Snapshot()).size(), 1u);
}

TEST_F(DirectoryTest, ReadersSeeWholeStatesWhileItChanges) {
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      uint64_t version = 0;
      while (!done) {
        const SnapshotPtr snapshot = directory_.Snapshot();
        EXPECT_GE(snapshot->version, version);
        version = snapshot->version;
        for (const GatewayPtr& gateway : snapshot->gateways) {
          // Online ones have both sinks, offline ones keep them.
          EXPECT_EQ(gateway->sinks.size(), 2u);
        }
        directory_.Find("g0");
      }
    });
  }
  for (int i = 0; i < 2000; ++i) {
    Online(absl::StrCat("g", i % 10), {"s0", "s1"});
    Offline(absl::StrCat("g", (i + 5) % 10 < 5 ? 0 : i % 10));
    if (i % 3 == 0) directory_.OnCleared(absl::StrCat("g", (i + 1) % 10));
    if (directory_.Find("g0") == nullptr) Online("g0", {"s0", "s1"});
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace wirepas_grpc::core
