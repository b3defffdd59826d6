// SPDX-License-Identifier: Apache-2.0
#include "core/network/traffic_counters.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::Pair;

const absl::Time kThen = absl::UnixEpoch() + absl::Hours(1);

bool All(const std::string&) { return true; }

TEST(TrafficCountersTest, CountsByGatewayAndNetwork) {
  TrafficCounters counters(10);
  counters.OnUplink("a", 1, kThen);
  counters.OnUplink("a", 2, kThen + absl::Seconds(1));
  counters.OnUplink("b", std::nullopt, kThen);
  counters.OnHeard("b", kThen + absl::Seconds(5));
  counters.OnUnanswered("c");
  const TrafficCounters::Snapshot got = counters.Get(kThen, All);
  ASSERT_EQ(got.gateways.size(), 3u);
  EXPECT_EQ(got.gateways.at("a").uplinks, 2u);
  EXPECT_EQ(got.gateways.at("a").heard, kThen + absl::Seconds(1));
  EXPECT_EQ(got.gateways.at("b").heard, kThen + absl::Seconds(5));
  EXPECT_EQ(got.gateways.at("c").unanswered, 1u);
  EXPECT_EQ(got.gateways.at("c").heard, absl::InfinitePast());
  EXPECT_THAT(got.network_uplinks, ElementsAre(Pair(1, 1), Pair(2, 1)));
  EXPECT_EQ(got.unknown_network_uplinks, 1u);
}

TEST(TrafficCountersTest, ThoseBeyondTheBoundAreOne) {
  TrafficCounters counters(2);
  for (const char* id : {"a", "b", "c", "d", "a"}) counters.OnUplink(id, id[0], kThen);
  const TrafficCounters::Snapshot got = counters.Get(kThen, All);
  EXPECT_EQ(got.gateways.size(), 2u);
  EXPECT_EQ(got.gateways.at("a").uplinks, 2u);
  EXPECT_EQ(got.other_gateways.uplinks, 2u);
  EXPECT_EQ(got.network_uplinks.size(), 2u);
  EXPECT_EQ(got.other_network_uplinks, 2u);
}

TEST(TrafficCountersTest, AForgottenGatewayMakesRoom) {
  TrafficCounters counters(1);
  counters.OnUplink("made up", 1, kThen);
  counters.Track("real", kThen);
  EXPECT_TRUE(
      counters.Get(kThen, [](const std::string& id) { return id == "real"; }).gateways.empty());
  counters.Track("real", kThen);
  counters.OnUplink("real", 1, kThen);
  const TrafficCounters::Snapshot got = counters.Get(kThen, All);
  EXPECT_EQ(got.gateways.at("real").uplinks, 1u);
  EXPECT_EQ(got.other_gateways.uplinks, 0u);
}

TEST(TrafficCountersTest, ASilentNetworkMakesRoom) {
  TrafficCounters counters(1);
  counters.OnUplink("a", 1, kThen);
  const absl::Time later = kThen + TrafficCounters::kForgetNetwork + absl::Seconds(1);
  EXPECT_TRUE(counters.Get(later, All).network_uplinks.empty());
  counters.OnUplink("a", 2, later);
  EXPECT_THAT(counters.Get(later, All).network_uplinks, ElementsAre(Pair(2, 1)));
}

// Else one that never says anything would never be silent for long.
TEST(TrafficCountersTest, AKnownGatewayCountsAsHeardFromThenOn) {
  TrafficCounters counters(1);
  counters.Track("a", kThen);
  counters.Track("a", kThen + absl::Seconds(9));
  EXPECT_EQ(counters.Get(kThen, All).gateways.at("a").heard, kThen);
}

}  // namespace
}  // namespace wirepas_grpc::core
