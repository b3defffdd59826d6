// SPDX-License-Identifier: Apache-2.0
#include "api/sinks/network_view.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

// A gateway whose sinks are in these networks.
core::GatewayPtr Gateway(const std::string& id, const std::map<std::string, uint32_t>& sinks,
                         bool online = true) {
  auto gateway = std::make_shared<core::GatewayRecord>();
  gateway->id = id;
  gateway->state = online ? core::GatewayState::kOnline : core::GatewayState::kOffline;
  for (const auto& [sink_id, network] : sinks) {
    auto config = std::make_shared<core::SinkConfig>();
    config->set_sink_id(sink_id);
    config->set_network_address(network);
    gateway->sinks[sink_id] = config;
  }
  return gateway;
}

core::SnapshotPtr Snapshot(uint64_t version, std::vector<core::GatewayPtr> gateways) {
  auto snapshot = std::make_shared<core::DirectorySnapshot>();
  snapshot->version = version;
  snapshot->gateways = std::move(gateways);
  return snapshot;
}

NetworkView View(const mesh::WatchNetworkRequest& request) { return *NetworkView::Parse(request); }

// "ONLINE gw1", "SINK_ADDED gw1/sink"
std::vector<std::string> Events(const NetworkView& view, const core::SnapshotPtr& before,
                                const core::SnapshotPtr& after) {
  const core::SnapshotPtr known = before == nullptr ? nullptr : view.Of(before);
  std::vector<std::string> events;
  for (const auto& change : core::Diff(known.get(), *view.Of(after))) {
    const mesh::NetworkEvent event = ToProto(change, before == nullptr);
    std::string text = mesh::NetworkEventType_Name(event.type()).substr(19);
    text += event.has_sink() ? " " + event.sink().gateway_id() + "/" + event.sink().sink_id()
                             : " " + event.gateway().gateway_id();
    events.push_back(text);
  }
  return events;
}

TEST(NetworkView, WithoutAFilterItIsTheDirectory) {
  const auto snapshot = Snapshot(1, {Gateway("gw1", {{"sink", 1}})});
  EXPECT_EQ(View({}).Of(snapshot), snapshot);
  EXPECT_THAT(Events(View({}), nullptr, snapshot),
              ElementsAre("GATEWAY_PRESENT gw1", "SINK_PRESENT gw1/sink"));
}

TEST(NetworkView, ShowsGatewaysOfTheListOnly) {
  mesh::WatchNetworkRequest request;
  request.add_gateway_ids("gw2");
  const auto before = Snapshot(1, {Gateway("gw1", {{"a", 1}})});
  const auto after = Snapshot(2, {Gateway("gw1", {}), Gateway("gw2", {{"b", 1}}, false)});
  EXPECT_THAT(Events(View(request), before, after),
              ElementsAre("GATEWAY_OFFLINE gw2", "SINK_ADDED gw2/b"));
}

TEST(NetworkView, ShowsSinksOfTheNetworkAndGatewaysThatHaveOne) {
  mesh::WatchNetworkRequest request;
  request.set_network_address(5);
  const auto snapshot =
      Snapshot(1, {Gateway("gw1", {{"a", 5}, {"b", 6}}), Gateway("gw2", {{"c", 6}})});
  EXPECT_THAT(Events(View(request), nullptr, snapshot),
              ElementsAre("GATEWAY_PRESENT gw1", "SINK_PRESENT gw1/a"));
}

TEST(NetworkView, WhatBeginsOrCeasesToMatchComesAndGoes) {
  mesh::WatchNetworkRequest request;
  request.set_network_address(5);
  const auto outside = Snapshot(1, {Gateway("gw1", {{"a", 6}})});
  const auto inside = Snapshot(2, {Gateway("gw1", {{"a", 5}})});
  EXPECT_THAT(Events(View(request), outside, inside),
              ElementsAre("GATEWAY_ONLINE gw1", "SINK_ADDED gw1/a"));
  EXPECT_THAT(Events(View(request), inside, outside),
              ElementsAre("SINK_REMOVED gw1/a", "GATEWAY_REMOVED gw1"));
}

TEST(NetworkView, ChangesOfOthersAreNone) {
  mesh::WatchNetworkRequest request;
  request.set_network_address(5);
  const core::GatewayPtr gateway = Gateway("gw1", {{"a", 5}, {"b", 6}});
  auto changed = std::make_shared<core::GatewayRecord>(*gateway);
  changed->sinks["b"] = std::make_shared<core::SinkConfig>(*gateway->sinks.at("b"));
  EXPECT_THAT(Events(View(request), Snapshot(1, {gateway}), Snapshot(2, {changed})), IsEmpty());
}

TEST(NetworkView, NamesTheFieldThatIsWrong) {
  mesh::WatchNetworkRequest request;
  request.set_network_address(0);
  EXPECT_THAT(std::string(NetworkView::Parse(request).status().message()),
              StartsWith("network_address:"));
  request.Clear();
  request.add_gateway_ids("+");
  EXPECT_THAT(std::string(NetworkView::Parse(request).status().message()),
              StartsWith("gateway_ids[0]:"));
  request.Clear();
  for (int i = 0; i <= 10000; ++i) request.add_gateway_ids("gw");
  EXPECT_FALSE(NetworkView::Parse(request).ok());
}

}  // namespace
}  // namespace wirepas_grpc::api
