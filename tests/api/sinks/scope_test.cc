// SPDX-License-Identifier: Apache-2.0
#include "api/sinks/scope.h"

#include "absl/strings/str_cat.h"
#include "api/call/validate.h"
#include "tests/api/fixture.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void ExpectRefused(const mesh::SinkScope* scope, const std::string& words) {
  const absl::StatusOr<core::SinkScope> parsed = ParseScope(scope);
  EXPECT_TRUE(absl::IsInvalidArgument(parsed.status()));
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(words));
}

TEST(ParseScopeTest, NeedsANetworkOrSinks) {
  ExpectRefused(nullptr, "scope: missing");
  mesh::SinkScope scope;
  ExpectRefused(&scope, "scope.network_address: missing");
  scope.add_gateway_ids("gw");
  ExpectRefused(&scope, "scope.network_address: missing");
  scope.set_network_address(0);
  ExpectRefused(&scope, "scope.network_address: 0");
  scope.set_network_address(0x1000000);
  ExpectRefused(&scope, "scope.network_address: 16777216");
  scope.set_network_address(0xffffff);
  EXPECT_TRUE(ParseScope(&scope).ok());
}

TEST(ParseScopeTest, NamesTheFieldThatIsWrong) {
  mesh::SinkScope scope;
  scope.set_network_address(12);
  scope.add_gateway_ids("gw");
  scope.add_gateway_ids("g+");
  ExpectRefused(&scope, "scope.gateway_ids[1]:");
  scope.mutable_gateway_ids()->RemoveLast();
  scope.add_sinks()->set_gateway_id("gw");
  ExpectRefused(&scope, "scope.gateway_ids: not possible together with sinks");
  scope.clear_gateway_ids();
  ExpectRefused(&scope, "scope.sinks[0].sink_id: missing");
  scope.mutable_sinks(0)->set_sink_id("s");
  EXPECT_TRUE(ParseScope(&scope).ok());
  scope.mutable_sinks(0)->set_gateway_id("");
  ExpectRefused(&scope, "scope.sinks[0].gateway_id: missing");
}

TEST(ParseScopeTest, BoundsHowManyAreNamed) {
  mesh::SinkScope scope;
  for (int i = 0; i <= kMaxFilterValues; ++i) {
    scope.add_sinks()->set_gateway_id(absl::StrCat("gw", i));
    scope.mutable_sinks(i)->set_sink_id("s");
  }
  ExpectRefused(&scope, "scope.sinks: 10001 values");
  scope.mutable_sinks()->RemoveLast();
  const absl::StatusOr<core::SinkScope> parsed = ParseScope(&scope);
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  EXPECT_EQ(parsed->sinks.size(), 10000u);
}

TEST(ParseScopeTest, TakesTheSameTwiceForOne) {
  mesh::SinkScope scope;
  for (int i = 0; i < 2; ++i) {
    scope.add_sinks()->set_gateway_id("gw");
    scope.mutable_sinks(i)->set_sink_id("s");
  }
  scope.set_skip_offline(true);
  const absl::StatusOr<core::SinkScope> parsed = ParseScope(&scope);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->sinks.size(), 1u);
  EXPECT_TRUE(parsed->skip_offline);
  EXPECT_FALSE(parsed->network_address.has_value());
}

class ResolveScopeTest : public ServiceTest {
 protected:
  static core::SinkScope OfNetwork(uint32_t network_address) {
    core::SinkScope scope;
    scope.network_address = network_address;
    return scope;
  }

  absl::AnyInvocable<void()> Resolve(core::SinkScope scope, ScopeOptions options = {}) {
    return ResolveScope(
        &network_, std::move(scope), options,
        [inbox = resolved_](const ResolvedScope& scope_of_call) { inbox->Put(scope_of_call); });
  }

  // The oldest result that was not taken.
  ResolvedScope Result() {
    Await([&] { return !resolved_->empty(); });
    return resolved_->Take().value_or(ResolvedScope());
  }

  static std::vector<std::string> Names(const ResolvedScope& resolved) {
    std::vector<std::string> names;
    for (const core::ScopedSink& sink : resolved.sinks) {
      names.push_back(absl::StrCat(sink.path.gateway.value(), "/", sink.path.sink.value(),
                                   sink.status.ok() ? "" : " offline"));
    }
    return names;
  }

  static gw::WirepasMessage Configs(const std::vector<std::string>& sinks) {
    gw::WirepasMessage answer;
    answer.mutable_get_configs_resp();
    for (const std::string& sink : sinks) {
      gw::SinkReadConfig* config = answer.mutable_get_configs_resp()->add_configs();
      config->set_sink_id(sink);
      config->set_network_address(12);
    }
    return answer;
  }

  // Shared with callbacks, which may run while the members go.
  const std::shared_ptr<core::Inbox<ResolvedScope>> resolved_ =
      std::make_shared<core::Inbox<ResolvedScope>>();
};

TEST_F(ResolveScopeTest, WaitsForTheDirectory) {
  AddGateway("gw2", {"b", "a"});
  AddGateway("gw1", {"c"});
  const auto cancel = Resolve(OfNetwork(12));
  EXPECT_TRUE(resolved_->empty());
  ConnectAndSync();
  const ResolvedScope resolved = Result();
  EXPECT_TRUE(resolved.grpc_status().ok()) << resolved.status.message();
  EXPECT_THAT(Names(resolved), ElementsAre("gw1/c", "gw2/a", "gw2/b"));
  EXPECT_EQ(resolved.sinks[0].config->network_address(), 12u);
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(ResolveScopeTest, WithoutBrokerNothingIsKnown) {
  const auto cancel = Resolve(OfNetwork(12));
  Advance(absl::Seconds(2));
  ExpectStatus(Result().grpc_status(), grpc::StatusCode::UNAVAILABLE, {"not connected"});
}

TEST_F(ResolveScopeTest, AsksGatewaysThatLeftTheirSinksOut) {
  AddGateway("gw1", {"a"});
  AddGateway("old", {});
  ConnectAndSync();
  const Incoming first = NextRequest();  // the service asks such gateways by itself
  const auto cancel = Resolve(OfNetwork(12));
  const Incoming second = NextRequest();
  EXPECT_EQ(second.topic, "gw-request/get_configs/old");
  Answer(second, Configs({"s"}));
  EXPECT_THAT(Names(Result()), ElementsAre("gw1/a", "old/s"));
}

TEST_F(ResolveScopeTest, ASilentGatewayHoldsNothingUpForLong) {
  AddGateway("gw1", {"a"});
  AddGateway("old", {});
  ConnectAndSync();
  const auto cancel = Resolve(OfNetwork(12));
  NextRequest();
  NextRequest();
  Advance(absl::Seconds(2));
  const ResolvedScope resolved = Result();
  EXPECT_THAT(Names(resolved), ElementsAre("gw1/a"));
  EXPECT_THAT(resolved.answers.silent, ElementsAre("old"));
}

TEST_F(ResolveScopeTest, RefreshesTheScope) {
  AddGateway("gw1", {"a"});
  AddGateway("gw2", {"b"});
  ConnectAndSync();
  const auto cancel = Resolve(OfNetwork(12), {.refresh = true});
  for (int i = 0; i < 2; ++i) {
    const Incoming incoming = NextRequest();
    if (incoming.topic == "gw-request/get_configs/gw1") Answer(incoming, Configs({"new"}));
  }
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(2));
  const ResolvedScope resolved = Result();
  EXPECT_THAT(Names(resolved), ElementsAre("gw1/new", "gw2/b"));
  EXPECT_FALSE(resolved.sinks[0].silent);
  EXPECT_TRUE(resolved.sinks[1].silent);
}

TEST_F(ResolveScopeTest, NothingFoundNamesWhatIsMissing) {
  AddGateway("gw1", {"a"});
  ConnectAndSync();
  core::SinkScope scope;
  scope.sinks = {{*core::GatewayId::Parse("gw1"), *core::SinkId::Parse("b")}};
  const auto cancel = Resolve(scope);
  const grpc::Status status = Result().grpc_status();
  ExpectStatus(status, grpc::StatusCode::NOT_FOUND, {"'gw1'", "'b'"});
  EXPECT_EQ(DetailOf(status).sink_id(), "b");
}

TEST_F(ResolveScopeTest, CancellingLeavesNothingBehind) {
  AddGateway("gw1", {"a"});
  auto waiting = Resolve(OfNetwork(12));
  waiting();
  ConnectAndSync();
  auto asking = Resolve(OfNetwork(12), {.refresh = true});
  NextRequest();
  EXPECT_EQ(network_.tracker().pending(), 1u);
  asking();
  asking();
  Await([&] { return network_.tracker().pending() == 0; });
  const auto other = Resolve(OfNetwork(12));
  EXPECT_THAT(Names(Result()), ElementsAre("gw1/a"));
  EXPECT_TRUE(resolved_->empty());
}

}  // namespace
}  // namespace wirepas_grpc::api
