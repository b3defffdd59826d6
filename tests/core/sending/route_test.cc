// SPDX-License-Identifier: Apache-2.0
#include "core/sending/route.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/sending/derived_id.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr uint32_t kNetwork = 12;
constexpr uint32_t kNode = 4711;

// The gateways "a" and "b" online with two sinks each, "off" offline with one, all in network 12,
// and "untold", which has not told its sinks.
class RouteTest : public testing::Test {
 protected:
  RouteTest() {
    Add("a", true, {"s", "t"});
    Add("b", true, {"s", "t"});
    Add("off", false, {"s"});
    Add("untold", true, {});
  }

  std::shared_ptr<GatewayRecord> Add(const std::string& id, bool online,
                                     const std::vector<std::string>& sinks,
                                     uint32_t network = kNetwork) {
    auto gateway = std::make_shared<GatewayRecord>();
    gateway->id = id;
    gateway->state = online ? GatewayState::kOnline : GatewayState::kOffline;
    gateway->sinks_known = !sinks.empty();
    for (const std::string& sink : sinks) {
      auto config = std::make_shared<SinkConfig>();
      config->set_sink_id(sink);
      config->set_network_address(network);
      config->set_node_address(next_address_++);
      gateway->sinks.emplace(sink, std::move(config));
    }
    snapshot_->gateways.push_back(gateway);
    return gateway;
  }
  void Heard(const std::string& gateway, const std::string& sink) {
    heard_.sinks.push_back(std::make_shared<const SinkName>(SinkName{gateway, sink}));
  }
  absl::StatusOr<Route> Find(uint32_t destination = kNode, bool all_if_unheard = false,
                             uint32_t network = kNetwork) {
    return FindRoute({network, destination, all_if_unheard}, NetworkSinks(snapshot_), heard_);
  }
  std::vector<std::string> Texts(const absl::StatusOr<Route>& route) {
    std::vector<std::string> texts;
    if (!route.ok()) return {route.status().ToString()};
    for (const SinkPath& sink : **route) {
      texts.push_back(absl::StrCat(sink.gateway.value(), "/", sink.sink.value()));
    }
    return texts;
  }
  void ExpectFailure(const absl::Status& status, absl::StatusCode code, Reason reason,
                     const std::string& words) {
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_EQ(ReasonOf(status), reason) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(words));
    EXPECT_THAT(std::string(status.message()), HasSubstr("nothing was sent"));
    EXPECT_EQ(FactsOf(status)["network_address"], absl::StrCat(kNetwork));
  }

  std::shared_ptr<DirectorySnapshot> snapshot_ = std::make_shared<DirectorySnapshot>();
  uint32_t next_address_ = 100;
  HeardBy heard_;
};

TEST_F(RouteTest, GoesThroughTheLastSinkThatCanSend) {
  Heard("gone", "s");     // not known any more
  Heard("off", "s");      // offline
  Heard("a", "removed");  // the gateway has it no more
  Heard("b", "t");
  Heard("a", "s");
  EXPECT_THAT(Texts(Find()), ElementsAre("b/t"));
}

TEST_F(RouteTest, ASinkThatChangedToAnotherNetworkIsPassedOver) {
  Add("c", true, {"s"}, kNetwork + 1);
  Heard("c", "s");
  Heard("a", "t");
  EXPECT_THAT(Texts(Find()), ElementsAre("a/t"));
}

TEST_F(RouteTest, ASinkOfAGatewayThatHasNotToldItsSinksIsGoodEnough) {
  Heard("untold", "x");
  EXPECT_THAT(Texts(Find()), ElementsAre("untold/x"));
}

TEST_F(RouteTest, AMessageForManyGoesThroughAllSinksThatAreNotOffline) {
  Heard("a", "s");
  for (const uint32_t destination : {0x80000000u, 0x80FFFFFFu, 0xFFFFFFFEu, 0xFFFFFFFFu}) {
    EXPECT_THAT(Texts(Find(destination)), ElementsAre("a/s", "a/t", "b/s", "b/t")) << destination;
  }
  for (const uint32_t destination : {0x7FFFFFFFu, 0x81000000u, 0xFFFFFFFDu}) {
    EXPECT_THAT(Texts(Find(destination)), ElementsAre("a/s")) << destination;
  }
}

TEST_F(RouteTest, ASinksOwnAddressIsReachedThroughIt) {
  Heard("a", "s");
  EXPECT_THAT(Texts(Find(103)), ElementsAre("b/t"));
  const absl::Status offline = Find(104).status();
  ExpectFailure(offline, absl::StatusCode::kUnavailable, Reason::kGatewayOffline, "'off'");
  EXPECT_EQ(FactsOf(offline)["gateway_id"], "off");
  EXPECT_EQ(FactsOf(offline)["sink_id"], "s");
  // Two sinks with one address.
  next_address_ = 103;
  Add("z", true, {"s"});
  EXPECT_THAT(Texts(Find(103)), ElementsAre("b/t", "z/s"));
}

TEST_F(RouteTest, AnUnheardNodeFailsOrIsSentToThroughAllSinks) {
  const absl::Status unheard = Find().status();
  ExpectFailure(unheard, absl::StatusCode::kNotFound, Reason::kNodeNotHeard,
                "the service begins to listen");
  EXPECT_EQ(FactsOf(unheard)["node_address"], "4711");
  heard_.since = absl::FromUnixSeconds(1'700'000'000);
  ExpectFailure(Find().status(), absl::StatusCode::kNotFound, Reason::kNodeNotHeard,
                "since the service listens, 2023-11-14T22:13:20");
  Heard("off", "s");
  ExpectFailure(Find().status(), absl::StatusCode::kNotFound, Reason::kNodeNotHeard,
                "1 that are offline");
  EXPECT_THAT(Texts(Find(kNode, /*all_if_unheard=*/true)), ElementsAre("a/s", "a/t", "b/s", "b/t"));
}

TEST_F(RouteTest, WithoutASinkItFails) {
  for (const uint32_t destination : {kNode, 0xFFFFFFFFu}) {
    const absl::Status none = Find(destination, false, 13).status();
    EXPECT_EQ(none.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(ReasonOf(none), Reason::kNoSinks);
  }
  snapshot_->gateways.erase(snapshot_->gateways.begin(), snapshot_->gateways.begin() + 2);
  for (const uint32_t destination : {kNode, 0xFFFFFFFFu}) {
    ExpectFailure(Find(destination).status(), absl::StatusCode::kUnavailable,
                  Reason::kGatewayOffline, "offline");
  }
}

TEST_F(RouteTest, MoreSinksThanOneMessageGoesThroughAreTooMany) {
  std::vector<std::string> sinks;
  for (size_t i = 4; i < kMaxRouteSinks; ++i) sinks.push_back(absl::StrCat("s", 10000 + i));
  Add("z", true, sinks);
  EXPECT_EQ(Texts(Find(0xFFFFFFFF)).size(), kMaxRouteSinks);
  Add("zz", true, {"s"});
  ExpectFailure(Find(0xFFFFFFFF).status(), absl::StatusCode::kResourceExhausted, Reason::kTooLarge,
                "1001 sinks");
}

TEST(DerivedIdTest, IsOfTheIdAndTheSink) {
  const auto sink = [](const std::string& gateway, const std::string& id) {
    return SinkPath{*GatewayId::Parse(gateway), *SinkId::Parse(id)};
  };
  const RequestId id = DerivedId(77, sink("g", "s"));
  EXPECT_EQ(DerivedId(77, sink("g", "s")), id);
  EXPECT_NE(id, 0u);
  EXPECT_NE(id, 77u);
  EXPECT_NE(DerivedId(78, sink("g", "s")), id);
  EXPECT_NE(DerivedId(77, sink("g", "t")), id);
  EXPECT_NE(DerivedId(77, sink("gs", "x")), DerivedId(77, sink("g", "sx")));
}

}  // namespace
}  // namespace wirepas_grpc::core
