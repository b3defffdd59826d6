// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/filter.h"

#include <functional>
#include <memory>
#include <vector>

#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

// Gateway "a", sink "s".
std::unique_ptr<const Uplink> MakeOne() {
  auto uplink = std::make_unique<Uplink>();
  uplink->gateway_id = "a";
  uplink->sink_id = "s";
  uplink->network_address = 10;
  uplink->source_address = 100;
  uplink->source_endpoint = 1;
  uplink->destination_endpoint = 255;
  return uplink;
}

TEST(TrafficFilterTest, AnEmptyFilterTakesEverything) {
  EXPECT_TRUE(TrafficFilter().Matches(*MakeOne()));
  EXPECT_TRUE(TrafficFilter().Matches(Uplink()));
  EXPECT_TRUE(TrafficFilter().Matches(Downlink()));
}

TEST(TrafficFilterTest, APacketWithoutANetworkMatchesNoFilterByNetwork) {
  const Uplink uplink;
  TrafficFilter filter;
  filter.network_addresses.insert(0);
  EXPECT_FALSE(filter.Matches(uplink));
  filter.network_addresses.clear();
  EXPECT_TRUE(filter.Matches(uplink));
}

TEST(TrafficFilterTest, EachFieldHasToMatchByOneOfItsValues) {
  struct Case {
    std::function<void(TrafficFilter*)> matching;
    std::function<void(TrafficFilter*)> other;
  };
  const std::vector<Case> cases = {
      {[](auto* f) { f->gateway_ids.insert("a"); }, [](auto* f) { f->gateway_ids.insert("b"); }},
      {[](auto* f) { f->sink_ids.insert("s"); }, [](auto* f) { f->sink_ids.insert("S"); }},
      {[](auto* f) { f->network_addresses.insert(10); },
       [](auto* f) { f->network_addresses.insert(0); }},
      {[](auto* f) { f->source_addresses.insert(100); },
       [](auto* f) { f->source_addresses.insert(0xFFFFFFFF); }},
      {[](auto* f) { f->source_endpoints.set(1); }, [](auto* f) { f->source_endpoints.set(0); }},
      {[](auto* f) { f->destination_endpoints.set(255); },
       [](auto* f) { f->destination_endpoints.set(254); }},
  };
  const std::unique_ptr<const Uplink> kept = MakeOne();
  const Uplink& uplink = *kept;
  TrafficFilter all;
  for (const Case& c : cases) {
    TrafficFilter filter;
    c.other(&filter);
    EXPECT_FALSE(filter.Matches(uplink));
    c.matching(&filter);
    EXPECT_TRUE(filter.Matches(uplink)) << "either value is good enough";
    c.matching(&all);
  }
  EXPECT_TRUE(all.Matches(uplink));
  // One field that does not match spoils it, each in turn.
  for (size_t wrong = 0; wrong < cases.size(); ++wrong) {
    TrafficFilter filter;
    for (size_t i = 0; i < cases.size(); ++i) {
      (i == wrong ? cases[i].other : cases[i].matching)(&filter);
    }
    EXPECT_FALSE(filter.Matches(uplink)) << wrong;
  }
}

TEST(GatewayKeysTest, NeverPassOverAGatewayOfTheFilter) {
  EXPECT_TRUE(GatewayKeys(TrafficFilter()).MayMatch(GatewayKey("any")));
  TrafficFilter filter;
  for (int i = 0; i < 100; ++i) filter.gateway_ids.insert("wanted-" + std::to_string(i));
  const GatewayKeys keys(filter);
  for (const std::string& id : filter.gateway_ids) EXPECT_TRUE(keys.MayMatch(GatewayKey(id)));
  int passed_over = 0;
  for (int i = 0; i < 1000; ++i) {
    passed_over += !keys.MayMatch(GatewayKey("other-" + std::to_string(i)));
  }
  EXPECT_GT(passed_over, 700);
}

TEST(TrafficFilterTest, DownlinksMatchByTheFieldsTheyHave) {
  Downlink downlink;
  downlink.gateway_id = "a";
  downlink.sink_id = "s";
  downlink.request.set_source_endpoint(5);
  downlink.request.set_destination_endpoint(6);
  downlink.request.set_destination_address(0x80000001);
  TrafficFilter filter;
  filter.gateway_ids = {"a", "b"};
  filter.destination_addresses = {7, 0x80000001};
  filter.sink_ids = {"s"};
  filter.source_endpoints.set(5);
  filter.destination_endpoints.set(6);
  EXPECT_TRUE(filter.Matches(downlink));
  filter.network_addresses = {1};
  filter.source_addresses = {1};
  EXPECT_TRUE(filter.Matches(downlink)) << "a downlink has neither";
  for (const auto& spoil : std::vector<std::function<void(TrafficFilter*)>>{
           [](auto* f) { f->gateway_ids = {"b"}; }, [](auto* f) { f->sink_ids = {"t"}; },
           [](auto* f) { f->destination_addresses = {7}; },
           [](auto* f) { f->source_endpoints = std::bitset<256>().set(6); },
           [](auto* f) { f->destination_endpoints = std::bitset<256>().set(5); }}) {
    TrafficFilter other = filter;
    spoil(&other);
    EXPECT_FALSE(other.Matches(downlink));
  }
}

// Another backend may send anything; a filter must not take it for endpoint 0.
TEST(TrafficFilterTest, EndpointsOutOfRangeMatchNoEndpoint) {
  Downlink downlink;
  downlink.request.set_source_endpoint(256);
  downlink.request.set_destination_endpoint(0xFFFFFFFF);
  EXPECT_TRUE(TrafficFilter().Matches(downlink));
  TrafficFilter filter;
  filter.source_endpoints.set();
  EXPECT_FALSE(filter.Matches(downlink));
}

}  // namespace
}  // namespace wirepas_grpc::core
