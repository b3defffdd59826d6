// SPDX-License-Identifier: Apache-2.0
//
// What a watcher is told.
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/directory/directory.h"
#include "gtest/gtest.h"
#include "tests/core/directory/directory_fixture.h"

namespace wirepas_grpc::core {
namespace {

using Texts = std::vector<std::string>;

class DirectoryDiffTest : public DirectoryFixture {
 protected:
  // Since the last call.
  Texts News() {
    const SnapshotPtr now = directory_.Snapshot();
    const Texts texts = Changes(last_.get(), *now);
    last_ = now;
    return texts;
  }

 private:
  SnapshotPtr last_;
};

TEST_F(DirectoryDiffTest, NothingToSomethingTellsAll) {
  EXPECT_EQ(News(), Texts{});
  Online("b", {"s1", "s0"});
  Offline("a");
  EXPECT_EQ(News(), (Texts{"offline a", "online b", "sink+ b/s0", "sink+ b/s1"}));
  EXPECT_EQ(News(), Texts{});
}

TEST_F(DirectoryDiffTest, GoingOfflineAndComingBack) {
  Online("a", {"s0"});
  News();
  Offline("a");
  EXPECT_EQ(News(), Texts{"offline a"}) << "its sinks are still known";
  Online("a", {"s0"});
  EXPECT_EQ(News(), Texts{"online a"});
}

TEST_F(DirectoryDiffTest, AGatewayThatBlinkedIsNoNews) {
  Online("a", {"s0"});
  News();
  Offline("a");
  Online("a", {"s0"});
  EXPECT_EQ(News(), Texts{});
}

TEST_F(DirectoryDiffTest, AnUpdateOfTheGatewayItself) {
  Online("a", {"s0"});
  News();
  gw::StatusEvent status = StatusOf("a", gw::ON, {"s0"});
  status.set_gw_version("2");
  directory_.OnStatus("a", status, false);
  EXPECT_EQ(News(), Texts{"updated a"});
  status.add_gw_features(gw::SCRATCHPAD_CHUNK_V1);
  directory_.OnStatus("a", status, false);
  EXPECT_EQ(News(), Texts{"updated a"});
  status.set_max_scratchpad_size(5);
  directory_.OnStatus("a", status, false);
  EXPECT_EQ(News(), Texts{"updated a"});
}

TEST_F(DirectoryDiffTest, SinksComeChangeAndGo) {
  Online("a", {"s0", "s1"});
  News();
  SinkConfig config;
  config.set_sink_id("s1");
  config.set_network_channel(5);
  directory_.OnConfig("a", config);
  EXPECT_EQ(News(), Texts{"sink~ a/s1"});
  Configs("a", {"s0", "s2"});
  EXPECT_EQ(News(), (Texts{"updated a", "sink- a/s1", "sink+ a/s2"}));
  Configs("a", {});
  EXPECT_EQ(News(), (Texts{"updated a", "sink- a/s0", "sink- a/s2"}));
}

TEST_F(DirectoryDiffTest, TheChangedSinkIsGivenAsItIsNow) {
  Online("a", {"s0"});
  const SnapshotPtr before = directory_.Snapshot();
  SinkConfig config;
  config.set_sink_id("s0");
  config.set_network_channel(5);
  directory_.OnConfig("a", config);
  const std::vector<NetworkChange> changes = Diff(before.get(), *directory_.Snapshot());
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].sink->network_channel(), 5u);
  EXPECT_EQ(changes[0].gateway, directory_.Find("a"));
}

TEST_F(DirectoryDiffTest, ARemovedGatewayTakesItsSinksFirst) {
  Online("a", {"s0", "s1"});
  Online("b", {"s0"});
  const SnapshotPtr before = directory_.Snapshot();
  News();
  directory_.OnCleared("a");
  EXPECT_EQ(News(), (Texts{"sink- a/s0", "sink- a/s1", "removed a"}));
  const std::vector<NetworkChange> changes = Diff(before.get(), *directory_.Snapshot());
  EXPECT_EQ(changes.back().gateway, before->Find("a")) << "as it was";
}

TEST_F(DirectoryDiffTest, RemovedAndBackIsJudgedByWhatItIsNow) {
  Online("a", {"s0"});
  News();
  directory_.OnCleared("a");
  Online("a", {"s1"});
  EXPECT_EQ(News(), (Texts{"updated a", "sink- a/s0", "sink+ a/s1"}));
}

TEST_F(DirectoryDiffTest, OldGatewaysTurnFromUnknownSinksToKnown) {
  Online("a");
  EXPECT_EQ(News(), Texts{"online a"});
  Configs("a", {"s0"});
  EXPECT_EQ(News(), (Texts{"updated a", "sink+ a/s0"}));
}

// A watcher that applies what it is told knows what the directory knows.
TEST_F(DirectoryDiffTest, WhoFollowsTheChangesKnowsTheState) {
  std::mt19937_64 random(5);
  std::map<std::string, GatewayState> gateways;
  std::set<std::string> sinks;
  SnapshotPtr last;
  for (int i = 0; i < 3000; ++i) {
    const std::string id = absl::StrCat("g", random() % 5);
    switch (random() % 6) {
      case 0:
        Offline(id);
        break;
      case 1:
        directory_.OnCleared(id);
        break;
      case 2:
        Configs(id, {absl::StrCat("s", random() % 3)});
        break;
      case 3:
        directory_.OnHeard(id);
        break;
      default:
        Online(id, {absl::StrCat("s", random() % 3), absl::StrCat("s", random() % 3)});
    }
    if (random() % 3 == 0) continue;  // several changes at once
    const SnapshotPtr now = directory_.Snapshot();
    for (const NetworkChange& change : Diff(last.get(), *now)) {
      const std::string gateway = change.gateway->id;
      const std::string sink =
          change.sink == nullptr ? "" : absl::StrCat(gateway, "/", change.sink->sink_id());
      const auto turn = [&](GatewayState state) {
        const auto [known, fresh] = gateways.try_emplace(gateway, state);
        return fresh || std::exchange(known->second, state) != state;
      };
      switch (change.type) {
        case NetworkChange::Type::kGatewayOnline:
          ASSERT_TRUE(turn(GatewayState::kOnline));
          break;
        case NetworkChange::Type::kGatewayOffline:
          ASSERT_TRUE(turn(GatewayState::kOffline));
          break;
        case NetworkChange::Type::kGatewayFound:
          ASSERT_TRUE(turn(GatewayState::kUnknown));
          break;
        case NetworkChange::Type::kGatewayUpdated:
          ASSERT_TRUE(gateways.contains(gateway));
          break;
        case NetworkChange::Type::kGatewayRemoved:
          ASSERT_EQ(gateways.erase(gateway), 1u);
          break;
        case NetworkChange::Type::kSinkAdded:
          ASSERT_TRUE(gateways.contains(gateway)) << "a sink before its gateway";
          ASSERT_TRUE(sinks.insert(sink).second);
          break;
        case NetworkChange::Type::kSinkUpdated:
          ASSERT_TRUE(sinks.contains(sink));
          break;
        case NetworkChange::Type::kSinkRemoved:
          ASSERT_EQ(sinks.erase(sink), 1u);
          break;
      }
    }
    std::map<std::string, GatewayState> true_gateways;
    std::set<std::string> true_sinks;
    for (const GatewayPtr& gateway : now->gateways) {
      true_gateways.emplace(gateway->id, gateway->state);
      for (const std::string& sink : SinkIds(gateway)) {
        true_sinks.insert(absl::StrCat(gateway->id, "/", sink));
      }
    }
    ASSERT_EQ(gateways, true_gateways);
    ASSERT_EQ(sinks, true_sinks);
    last = now;
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
