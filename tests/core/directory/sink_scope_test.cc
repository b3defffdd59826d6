// SPDX-License-Identifier: Apache-2.0
#include "core/directory/sink_scope.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A directory with three gateways: "a" and "b" online, "off" offline, and two that have
// not told their sinks: "new" online, "gone" offline.
class SinkScopeTest : public testing::Test {
 protected:
  SinkScopeTest() {
    Add("a", true, Sinks{{"s1", 12}, {"s2", 13}});
    Add("b", true, Sinks{{"s1", 12}});
    Add("gone", false, std::nullopt);
    Add("new", true, std::nullopt);
    Add("off", false, Sinks{{"s1", 12}});
  }

  using Sinks = std::vector<std::pair<std::string, uint32_t>>;

  void Add(const std::string& id, bool online, const std::optional<Sinks>& sinks) {
    auto gateway = std::make_shared<GatewayRecord>();
    gateway->id = id;
    gateway->state = online ? GatewayState::kOnline : GatewayState::kOffline;
    gateway->sinks_known = sinks.has_value();
    for (const auto& [sink_id, network] : sinks.value_or(Sinks())) {
      auto config = std::make_shared<SinkConfig>();
      config->set_sink_id(sink_id);
      if (network != 0) config->set_network_address(network);
      gateway->sinks.emplace(sink_id, std::move(config));
    }
    snapshot_.gateways.push_back(std::move(gateway));
  }

  static SinkScope OfNetwork(uint32_t network_address) {
    SinkScope scope;
    scope.network_address = network_address;
    return scope;
  }
  static GatewayId Gateway(const std::string& id) { return *GatewayId::Parse(id); }
  static SinkPath Sink(const std::string& gateway, const std::string& sink) {
    return {*GatewayId::Parse(gateway), *SinkId::Parse(sink)};
  }

  static std::vector<std::string> Texts(const SinkSelection& selection) {
    std::vector<std::string> texts;
    for (const ScopedSink& sink : selection.sinks) {
      std::string text = absl::StrCat(sink.path.gateway.value(), "/", sink.path.sink.value());
      if (sink.silent) absl::StrAppend(&text, " silent");
      if (absl::IsUnavailable(sink.status)) absl::StrAppend(&text, " offline");
      if (absl::IsDeadlineExceeded(sink.status)) absl::StrAppend(&text, " unasked");
      texts.push_back(text);
    }
    return texts;
  }

  SinkSelection Select(const SinkScope& scope, const std::vector<std::string>& silent = {}) {
    return SelectSinks(snapshot_, scope, {silent, {}});
  }

  std::vector<std::string> ToAsk(const SinkScope& scope, bool refresh = false) {
    std::vector<std::string> ids;
    for (const GatewayPtr& gateway : GatewaysToAsk(snapshot_, scope, refresh)) {
      ids.push_back(gateway->id);
    }
    return ids;
  }

  void ExpectNotFound(const SinkScope& scope, const std::string& gateway_id,
                      const std::string& sink_id, const std::string& words) {
    const SinkSelection selection = Select(scope);
    EXPECT_TRUE(absl::IsNotFound(selection.status)) << selection.status.message();
    EXPECT_THAT(std::string(selection.status.message()), HasSubstr(words));
    EXPECT_EQ(selection.gateway_id, gateway_id);
    EXPECT_EQ(selection.sink_id, sink_id);
    EXPECT_THAT(selection.sinks, IsEmpty());
  }

  DirectorySnapshot snapshot_;
};

TEST_F(SinkScopeTest, ANetworkHasTheSinksOfOfflineGatewaysToo) {
  const SinkSelection selection = Select(OfNetwork(12));
  EXPECT_TRUE(selection.status.ok());
  EXPECT_THAT(Texts(selection), ElementsAre("a/s1", "b/s1", "off/s1 offline"));
  EXPECT_EQ(selection.sinks[0].config->sink_id(), "s1");
  EXPECT_EQ(selection.sinks[1].gateway->id, "b");
  EXPECT_THAT(std::string(selection.sinks[2].status.message()), HasSubstr("'off', sink 's1'"));
}

TEST_F(SinkScopeTest, OfflineGatewaysCanBePassedOver) {
  SinkScope scope = OfNetwork(12);
  scope.skip_offline = true;
  EXPECT_THAT(Texts(Select(scope)), ElementsAre("a/s1", "b/s1"));
  scope.gateways = {Gateway("off")};
  ExpectNotFound(scope, "", "", "network 12 has no sink whose gateway is not offline");
}

TEST_F(SinkScopeTest, GatewaysNarrowANetwork) {
  SinkScope scope = OfNetwork(12);
  scope.gateways = {Gateway("b"), Gateway("off")};
  EXPECT_THAT(Texts(Select(scope)), ElementsAre("b/s1", "off/s1 offline"));
  scope.gateways.insert(Gateway("nobody"));
  ExpectNotFound(scope, "nobody", "", "not known");
}

TEST_F(SinkScopeTest, ASinkWithoutNetworkIsInNone) {
  Add("z", true, Sinks{{"s", 0}});
  SinkScope scope = OfNetwork(12);
  scope.gateways = {Gateway("z")};
  ExpectNotFound(scope, "", "", "network 12 has no sink in these gateways");
  SinkScope named;
  named.sinks = {Sink("z", "s")};
  EXPECT_THAT(Texts(Select(named)), ElementsAre("z/s"));
}

TEST_F(SinkScopeTest, NamedSinksMustBeKnownAndInTheNetwork) {
  SinkScope scope;
  scope.sinks = {Sink("b", "s1"), Sink("a", "s2"), Sink("a", "s1")};
  EXPECT_THAT(Texts(Select(scope)), ElementsAre("a/s1", "a/s2", "b/s1"));
  scope.network_address = 12;
  ExpectNotFound(scope, "a", "s2", "not in network 12");
  scope.sinks = {Sink("a", "s3")};
  ExpectNotFound(scope, "a", "s3", "the sink is not known");
  scope.sinks = {Sink("c", "s1")};
  ExpectNotFound(scope, "c", "", "the gateway is not known");
}

// Their sinks cannot be looked up, and still somebody wants something of them.
TEST_F(SinkScopeTest, NamedSinksOfGatewaysThatToldNothingHaveAResult) {
  SinkScope scope;
  scope.sinks = {Sink("gone", "s1"), Sink("new", "s1")};
  const SinkSelection selection = Select(scope, {"new"});
  EXPECT_THAT(Texts(selection), ElementsAre("gone/s1 offline", "new/s1 silent unasked"));
  EXPECT_EQ(selection.sinks[0].config->sink_id(), "s1");
}

TEST_F(SinkScopeTest, AGatewayWithoutAStatusCountsAsOneThatIsOnline) {
  Add("heard", true, Sinks{{"s1", 12}});
  Add("mute", true, std::nullopt);
  for (const size_t i : {5, 6}) {
    auto gateway = std::make_shared<GatewayRecord>(*snapshot_.gateways[i]);
    gateway->state = GatewayState::kUnknown;
    snapshot_.gateways[i] = std::move(gateway);
  }
  std::sort(snapshot_.gateways.begin(), snapshot_.gateways.end(),
            [](const GatewayPtr& a, const GatewayPtr& b) { return a->id < b->id; });
  SinkScope scope = OfNetwork(12);
  scope.skip_offline = true;
  EXPECT_THAT(Texts(Select(scope)), ElementsAre("a/s1", "b/s1", "heard/s1"));
  EXPECT_THAT(ToAsk(scope), ElementsAre("mute", "new"));
}

// They are asked for their sinks; those that answered are known after that.
TEST_F(SinkScopeTest, NamedGatewaysNeedNotBeKnownIfThatIsAllowed) {
  SinkScope scope = OfNetwork(12);
  scope.gateways = {Gateway("b"), Gateway("nobody")};
  EXPECT_THAT(ToAsk(scope), IsEmpty());
  scope.allow_unknown_gateway = true;
  EXPECT_THAT(ToAsk(scope), ElementsAre("nobody"));
  EXPECT_THAT(Texts(Select(scope, {"nobody"})), ElementsAre("b/s1"));

  SinkScope named;
  named.allow_unknown_gateway = true;
  named.sinks = {Sink("b", "s1"), Sink("nobody", "s1"), Sink("nobody", "s2")};
  EXPECT_THAT(ToAsk(named), ElementsAre("nobody"));
  EXPECT_THAT(Texts(Select(named, {"nobody"})),
              ElementsAre("b/s1", "nobody/s1 silent unasked", "nobody/s2 silent unasked"));
  named.sinks = {Sink("b", "s9")};
  ExpectNotFound(named, "b", "s9", "the sink is not known");
}

TEST_F(SinkScopeTest, TellsOfTheSinksOfItsNetworkThatItPassesOver) {
  const auto skipped = [&](const SinkScope& scope, size_t max = 10, size_t max_bytes = 1000) {
    std::vector<std::string> texts;
    for (const SkippedSink& sink : SkippedSinks(snapshot_, scope, max, max_bytes)) {
      texts.push_back(absl::StrCat(sink.path.gateway.value(), "/", sink.path.sink.value(),
                                   sink.in_scope ? " offline" : ""));
    }
    return texts;
  };
  SinkScope scope = OfNetwork(12);
  EXPECT_THAT(skipped(scope), IsEmpty());
  scope.skip_offline = true;
  EXPECT_THAT(skipped(scope), ElementsAre("off/s1 offline"));
  scope.gateways = {Gateway("b"), Gateway("off")};
  EXPECT_THAT(skipped(scope), ElementsAre("a/s1", "off/s1 offline"));
  scope.gateways = {Gateway("b")};
  EXPECT_THAT(skipped(scope), ElementsAre("a/s1", "off/s1")) << "not in the scope in any case";
  EXPECT_THAT(skipped(scope, 1), ElementsAre("a/s1"));
  EXPECT_THAT(skipped(scope, 10, 3), ElementsAre("a/s1"));
  scope.gateways.clear();
  scope.sinks = {Sink("a", "s1")};
  EXPECT_THAT(skipped(scope), ElementsAre("b/s1", "off/s1"));
  scope.network_address.reset();
  EXPECT_THAT(skipped(scope), IsEmpty()) << "there are no others without a network";
}

TEST_F(SinkScopeTest, HasABound) {
  for (size_t i = 0; i <= kMaxScopeSinks; ++i) Add(absl::StrCat("x", i), true, Sinks{{"s", 77}});
  EXPECT_TRUE(absl::IsResourceExhausted(Select(OfNetwork(77)).status));
  snapshot_.gateways.pop_back();
  EXPECT_EQ(Select(OfNetwork(77)).sinks.size(), kMaxScopeSinks);
}

TEST_F(SinkScopeTest, AnEmptyScopeTellsOfSilentGateways) {
  const SinkSelection selection = Select(OfNetwork(99), {"new"});
  EXPECT_TRUE(absl::IsNotFound(selection.status));
  EXPECT_THAT(std::string(selection.status.message()), HasSubstr("one of them 'new'"));
}

TEST_F(SinkScopeTest, MarksSinksOfSilentGateways) {
  EXPECT_THAT(Texts(Select(OfNetwork(12), {"a"})),
              ElementsAre("a/s1 silent", "b/s1", "off/s1 offline"));
}

TEST_F(SinkScopeTest, AsksGatewaysThatHaveNotToldTheirSinks) {
  EXPECT_THAT(ToAsk(OfNetwork(12)), ElementsAre("new"));
  SinkScope scope = OfNetwork(12);
  scope.gateways = {Gateway("a")};
  EXPECT_THAT(ToAsk(scope), IsEmpty());
  SinkScope named;
  named.sinks = {Sink("new", "s1"), Sink("new", "s2"), Sink("gone", "s1")};
  EXPECT_THAT(ToAsk(named), ElementsAre("new"));
}

TEST_F(SinkScopeTest, RefreshAsksAllOnlineGatewaysOfTheScope) {
  EXPECT_THAT(ToAsk(OfNetwork(12), true), ElementsAre("a", "b", "new"));
  EXPECT_THAT(ToAsk(OfNetwork(13), true), ElementsAre("a", "new"));
  SinkScope scope = OfNetwork(13);
  scope.gateways = {Gateway("b"), Gateway("off")};
  EXPECT_THAT(ToAsk(scope, true), ElementsAre("b"));
}

TEST_F(SinkScopeTest, ANamedSinkWhoseGatewayCouldNotBeAskedSaysWhy) {
  SinkScope scope;
  scope.sinks = {Sink("nobody", "s1")};
  scope.allow_unknown_gateway = true;
  SinkAnswers answers;
  RequestOutcome outcome;
  outcome.status = absl::ResourceExhaustedError("too many requests are pending");
  answers.failed.emplace_back("nobody", outcome);
  const SinkSelection selection = SelectSinks(snapshot_, scope, answers);
  ASSERT_EQ(selection.sinks.size(), 1u);
  EXPECT_FALSE(selection.sinks[0].silent);
  EXPECT_TRUE(absl::IsResourceExhausted(selection.sinks[0].status)) << selection.sinks[0].status;
  EXPECT_THAT(std::string(selection.sinks[0].status.message()),
              testing::AllOf(testing::HasSubstr("gateway 'nobody', sink 's1'"),
                             testing::HasSubstr("too many requests are pending")));
}

}  // namespace
}  // namespace wirepas_grpc::core
