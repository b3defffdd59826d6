// SPDX-License-Identifier: Apache-2.0
//
// Many sinks changed at once, and what a change leaves as it is.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using Stub = mesh::NetworkService::Stub;

constexpr uint32_t kFirstNetwork = 1001;

// What came of a call: outcomes by sink, as in {"sim-gw-0/sink0", "CHANGED"}.
struct Changed {
  std::map<std::string, std::string> outcomes;
  std::map<std::string, mesh::CallError> errors;
  mesh::SinkChangeSummary summary;
  grpc::Status status;
};

template <typename Response>
Changed ReadToEnd(StreamReader<Response>* reader) {
  Changed changed;
  bool has_summary = false;
  while (const auto response = reader->Next()) {
    EXPECT_FALSE(has_summary) << "it is in the last response";
    for (const mesh::SinkChange& change : response->changes()) {
      const std::string name =
          absl::StrCat(change.sink().gateway_id(), "/", change.sink().sink_id());
      EXPECT_FALSE(changed.outcomes.contains(name)) << name;
      changed.outcomes[name] =
          mesh::SinkChangeOutcome_Name(change.outcome()).substr(sizeof("SINK_CHANGE_OUTCOME"));
      if (change.has_error()) changed.errors[name] = change.error();
    }
    if (!response->has_summary()) continue;
    has_summary = true;
    changed.summary = response->summary();
  }
  changed.status = reader->WaitForEnd().value_or(grpc::Status(StatusCode::UNKNOWN, "no end"));
  EXPECT_EQ(has_summary, changed.status.ok());
  return changed;
}

// Gateways with sink0 in network 1001 and sink1, which takes less app config, in 1002.
template <typename Suite>
class SinkChangesStack : public SharedStack<Suite> {
 public:
  static Stack::Options OptionsWith(const std::vector<std::string>& more) {
    Stack::Options options;
    options.simulator = {"--gateways",
                         "2",
                         "--sinks",
                         "2",
                         "--rate",
                         "0",
                         "--network_address",
                         "1001",
                         "1002",
                         "--app_config_max_size",
                         "80",
                         "40"};
    options.simulator.insert(options.simulator.end(), more.begin(), more.end());
    return options;
  }

 protected:
  template <typename Request>
  static Request OfFirstNetwork() {
    Request request;
    request.mutable_scope()->set_network_address(kFirstNetwork);
    return request;
  }
  static mesh::UpdateSinkConfigsRequest Channel(uint32_t channel) {
    auto request = OfFirstNetwork<mesh::UpdateSinkConfigsRequest>();
    request.mutable_update()->set_network_channel(channel);
    return request;
  }
  static mesh::SetConfigurationDataItemsRequest Item(uint32_t endpoint,
                                                     const std::string& payload) {
    auto request = OfFirstNetwork<mesh::SetConfigurationDataItemsRequest>();
    request.mutable_item()->set_endpoint(endpoint);
    request.mutable_item()->set_payload(payload);
    return request;
  }

  static Changed Update(const mesh::UpdateSinkConfigsRequest& request) {
    StreamReader<mesh::UpdateSinkConfigsResponse> reader(Suite::stub(), &Stub::UpdateSinkConfigs,
                                                         request);
    return ReadToEnd(&reader);
  }
  static Changed SetItems(const mesh::SetConfigurationDataItemsRequest& request) {
    StreamReader<mesh::SetConfigurationDataItemsResponse> reader(
        Suite::stub(), &Stub::SetConfigurationDataItems, request);
    return ReadToEnd(&reader);
  }

  static mesh::SinkConfig ConfigOf(const std::string& gateway, const std::string& sink) {
    mesh::ListSinksRequest request;
    request.add_gateway_ids(gateway);
    request.set_refresh(true);
    const auto result = Call(Suite::stub(), &Stub::ListSinks, request);
    EXPECT_TRUE(IsOk(result.status));
    for (const mesh::Sink& listed : result.response.sinks()) {
      if (listed.sink_id() == sink) return listed.config();
    }
    ADD_FAILURE() << "no " << sink;
    return {};
  }

  // The changes that have gone out to gateways: topics without their beginning. What the service
  // publishes later arrives later, so a question of this test's own marks the end.
  static std::vector<std::string> Sent(MqttPeer* peer) {
    std::vector<std::string> sent;
    EXPECT_TRUE(IsOk(Call(Suite::stub(), &Stub::GetScratchpadStatus,
                          To<mesh::GetScratchpadStatusRequest>(kGateway, kOtherSink))
                         .status));
    const auto seen =
        peer->TakeUpTo(OnTopic(absl::StrCat("gw-request/otap_status/", kGateway, "/", kOtherSink)));
    EXPECT_TRUE(IsOk(seen.status()));
    if (!seen.ok()) return sent;
    for (const MqttPeer::Message& message : *seen) {
      if (absl::StrContains(message.topic, "/set_")) {
        sent.push_back(message.topic.substr(sizeof("gw-request")));
      }
    }
    return sent;
  }
};

class SinkChangesTest : public SinkChangesStack<SinkChangesTest> {
 public:
  static Stack::Options StackOptions() { return OptionsWith({}); }
};

TEST_F(SinkChangesTest, AllSinksOfANetworkAreChangedAndThenLeftAlone) {
  auto request = Channel(7);
  request.mutable_update()->mutable_app_config()->set_data("hello");
  const auto peer = stack().NewPeer({"gw-request/#"});
  const Changed first = Update(request);
  ASSERT_TRUE(IsOk(first.status));
  EXPECT_THAT(first.outcomes,
              ElementsAre(Pair("sim-gw-0/sink0", "CHANGED"), Pair("sim-gw-1/sink0", "CHANGED")));
  EXPECT_EQ(first.summary.changed_count(), 2u);
  EXPECT_TRUE(first.summary.complete());
  for (const char* gateway : {kGateway, kOtherGateway}) {
    const mesh::SinkConfig config = ConfigOf(gateway, kSink);
    EXPECT_EQ(config.network_channel(), 7u);
    EXPECT_EQ(config.app_config().data(), "hello");
    EXPECT_NE(ConfigOf(gateway, kOtherSink).network_channel(), 7u);
  }
  EXPECT_THAT(Sent(peer.get()),
              UnorderedElementsAre("set_config/sim-gw-0/sink0", "set_config/sim-gw-1/sink0"));

  const Changed second = Update(request);
  EXPECT_THAT(second.outcomes, ElementsAre(Pair("sim-gw-0/sink0", "UNCHANGED"),
                                           Pair("sim-gw-1/sink0", "UNCHANGED")));
  EXPECT_EQ(second.summary.unchanged_count(), 2u);
  EXPECT_TRUE(second.summary.complete());
  EXPECT_THAT(Sent(peer.get()), IsEmpty());
}

TEST_F(SinkChangesTest, PartsThatAreUnsetStay) {
  auto whole = To<mesh::SetSinkConfigRequest>(kGateway, kSink);
  mesh::AppConfig* app_config = whole.mutable_update()->mutable_app_config();
  app_config->mutable_diagnostics_interval()->set_seconds(60);
  app_config->set_data("before");
  app_config->set_sequence(254);
  ASSERT_TRUE(IsOk(Call(stub(), &Stub::SetSinkConfig, whole).status));

  auto data = To<mesh::SetSinkConfigRequest>(kGateway, kSink);
  data.mutable_update()->mutable_app_config()->set_data("after");
  const auto set = Call(stub(), &Stub::SetSinkConfig, data);
  ASSERT_TRUE(IsOk(set.status));
  const mesh::AppConfig& told = set.response.sink().config().app_config();
  EXPECT_EQ(told.data(), "after");
  EXPECT_EQ(told.diagnostics_interval().seconds(), 60);
  EXPECT_EQ(told.sequence(), 0u) << "it follows 254";

  auto interval = OfFirstNetwork<mesh::UpdateSinkConfigsRequest>();
  interval.mutable_update()->mutable_app_config()->mutable_diagnostics_interval()->set_seconds(120);
  interval.mutable_update()->mutable_access_cycle_range()->mutable_minimum()->set_seconds(4);
  interval.mutable_update()->mutable_node_role()->set_low_latency(false);
  EXPECT_TRUE(Update(interval).summary.complete());
  const mesh::SinkConfig config = ConfigOf(kGateway, kSink);
  EXPECT_EQ(config.app_config().data(), "after");
  EXPECT_EQ(config.app_config().diagnostics_interval().seconds(), 120);
  EXPECT_EQ(config.app_config().sequence(), 1u);
  EXPECT_EQ(config.access_cycle_range().minimum().seconds(), 4);
  EXPECT_EQ(config.access_cycle_range().maximum().seconds(), 8);
  EXPECT_EQ(config.node_role().base_role(), mesh::BASE_ROLE_SINK);
  EXPECT_FALSE(config.node_role().low_latency());
}

TEST_F(SinkChangesTest, OneThatDoesNotPassTheCheckKeepsAllFromBeingSent) {
  mesh::UpdateSinkConfigsRequest request;
  for (const char* sink : {kSink, kOtherSink}) {
    mesh::SinkRef* ref = request.mutable_scope()->add_sinks();
    ref->set_gateway_id(kGateway);
    ref->set_sink_id(sink);
  }
  request.mutable_update()->mutable_app_config()->set_data(std::string(60, 'x'));
  const auto peer = stack().NewPeer({"gw-request/#"});
  const Changed changed = Update(request);
  ASSERT_TRUE(IsOk(changed.status));
  EXPECT_THAT(changed.outcomes,
              ElementsAre(Pair("sim-gw-0/sink0", "CHECKED"), Pair("sim-gw-0/sink1", "REFUSED")));
  EXPECT_EQ(changed.summary.checked_count(), 1u);
  EXPECT_EQ(changed.summary.refused_count(), 1u);
  EXPECT_FALSE(changed.summary.complete());
  const mesh::CallError& error = changed.errors.at("sim-gw-0/sink1");
  ExpectFailure(error, StatusCode::RESOURCE_EXHAUSTED, {"60 bytes", kGateway, kOtherSink});
  EXPECT_EQ(error.reason(), mesh::ERROR_REASON_APP_CONFIG_TOO_LARGE);
  EXPECT_THAT(Sent(peer.get()), IsEmpty());
}

TEST_F(SinkChangesTest, AnOfflineGatewayKeepsAllFromBeingSentUnlessPassedOver) {
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "stop"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(1)));
  auto request = Channel(9);
  const Changed refused = Update(request);
  EXPECT_THAT(refused.outcomes,
              ElementsAre(Pair("sim-gw-0/sink0", "CHECKED"), Pair("sim-gw-1/sink0", "REFUSED")));
  ExpectFailure(refused.errors.at("sim-gw-1/sink0"), StatusCode::UNAVAILABLE,
                {"offline", kOtherGateway, kSink});
  request.mutable_scope()->set_skip_offline(true);
  EXPECT_THAT(Update(request).outcomes, ElementsAre(Pair("sim-gw-0/sink0", "CHANGED")));
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "start"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(2)));
}

TEST_F(SinkChangesTest, OneThatFailsDoesNotKeepTheOthersFromBeingChanged) {
  ASSERT_TRUE(IsOk(
      stack().SetFaults(kGateway, {{"error_codes", {{"set_config", "INVALID_NETWORK_CHANNEL"}}}})));
  auto request = Channel(11);
  request.set_max_concurrent(1);
  const Changed changed = Update(request);
  ASSERT_TRUE(IsOk(changed.status));
  EXPECT_THAT(changed.outcomes,
              ElementsAre(Pair("sim-gw-0/sink0", "FAILED"), Pair("sim-gw-1/sink0", "CHANGED")));
  EXPECT_FALSE(changed.summary.complete());
  ExpectFailure(changed.errors.at("sim-gw-0/sink0"), StatusCode::INVALID_ARGUMENT,
                {.part = "INVALID_NETWORK_CHANNEL",
                 .gateway_id = kGateway,
                 .sink_id = kSink,
                 .result = mesh::RESULT_CODE_INVALID_NETWORK_CHANNEL,
                 .sent = true,
                 .outcome = mesh::REQUEST_OUTCOME_REFUSED});
  // A repetition changes what was not.
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_THAT(Update(request).outcomes,
              ElementsAre(Pair("sim-gw-0/sink0", "CHANGED"), Pair("sim-gw-1/sink0", "UNCHANGED")));
}

TEST_F(SinkChangesTest, ADryRunSendsNothing) {
  const auto peer = stack().NewPeer({"gw-request/#"});
  auto request = Channel(13);
  request.set_dry_run(true);
  const Changed changed = Update(request);
  EXPECT_THAT(changed.outcomes,
              ElementsAre(Pair("sim-gw-0/sink0", "CHECKED"), Pair("sim-gw-1/sink0", "CHECKED")));
  EXPECT_TRUE(changed.summary.complete());
  EXPECT_THAT(Sent(peer.get()), IsEmpty());
}

TEST_F(SinkChangesTest, KeysAreSetBothOrNone) {
  const auto peer = stack().NewPeer({"gw-request/#"});
  auto request = OfFirstNetwork<mesh::UpdateSinkConfigsRequest>();
  request.mutable_update()->mutable_keys()->set_cipher_key(std::string(16, 'c'));
  ExpectFailure(Update(request).status, StatusCode::INVALID_ARGUMENT,
                {.part = "update.keys.authentication_key"});
  request.mutable_update()->Clear();
  mesh::SecurityKeys* keys = request.mutable_update()->mutable_network_keys();
  keys->set_cipher_key(std::string(16, 'c'));
  keys->set_authentication_key(std::string(16, 'a'));
  ExpectFailure(Update(request).status, StatusCode::INVALID_ARGUMENT,
                {.part = "update.network_keys.sequence"});
  EXPECT_THAT(Sent(peer.get()), IsEmpty());
  keys->set_sequence(2);
  for (int i = 0; i < 2; ++i) {
    // Nobody tells which keys a sink has: they are sent each time.
    EXPECT_THAT(Update(request).outcomes,
                ElementsAre(Pair("sim-gw-0/sink0", "CHANGED"), Pair("sim-gw-1/sink0", "CHANGED")));
  }
}

TEST_F(SinkChangesTest, AddressesAreForOneSink) {
  auto request = OfFirstNetwork<mesh::UpdateSinkConfigsRequest>();
  request.mutable_update()->set_node_address(77);
  ExpectFailure(Update(request).status, StatusCode::INVALID_ARGUMENT,
                {.part = "update.node_address"});
}

TEST_F(SinkChangesTest, ItemsAreSetInAllSinksAndThenLeftAlone) {
  const auto peer = stack().NewPeer({"gw-request/#"});
  const Changed first = SetItems(Item(500, "data"));
  ASSERT_TRUE(IsOk(first.status));
  EXPECT_THAT(first.outcomes,
              ElementsAre(Pair("sim-gw-0/sink0", "CHANGED"), Pair("sim-gw-1/sink0", "CHANGED")));
  EXPECT_TRUE(first.summary.complete());
  EXPECT_THAT(Sent(peer.get()), UnorderedElementsAre("set_configuration_data_item/sim-gw-0/sink0",
                                                     "set_configuration_data_item/sim-gw-1/sink0"));
  auto get = To<mesh::GetConfigurationDataItemRequest>(kOtherGateway, kSink);
  get.set_endpoint(500);
  EXPECT_EQ(Call(stub(), &Stub::GetConfigurationDataItem, get).response.item().payload(), "data");

  EXPECT_THAT(
      SetItems(Item(500, "data")).outcomes,
      ElementsAre(Pair("sim-gw-0/sink0", "UNCHANGED"), Pair("sim-gw-1/sink0", "UNCHANGED")));
  EXPECT_THAT(Sent(peer.get()), IsEmpty());
  // What was there before the last change is not taken for what is there.
  EXPECT_EQ(SetItems(Item(500, "other")).summary.changed_count(), 2u);
  EXPECT_EQ(SetItems(Item(500, "data")).summary.changed_count(), 2u);
  EXPECT_EQ(SetItems(Item(500, "")).summary.changed_count(), 2u);
  EXPECT_FALSE(Call(stub(), &Stub::GetConfigurationDataItem, get).response.has_item());
}

TEST_F(SinkChangesTest, ChangesOfOneSinkDoNotOverlap) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kGateway, {{"no_answer", {"set_config"}}})));
  const auto peer = stack().NewPeer({"gw-request/#"});
  auto request = Channel(15);
  request.set_max_concurrent(1);
  StreamReader<mesh::UpdateSinkConfigsResponse> first(stub(), &Stub::UpdateSinkConfigs, request);
  ASSERT_TRUE(
      peer->Take(OnTopic(absl::StrCat("gw-request/set_config/", kGateway, "/", kSink))).ok());
  const Says says{"under way", kGateway, kSink};
  ExpectFailure(Update(Channel(16)).status, StatusCode::ABORTED, says);
  ExpectFailure(SetItems(Item(500, "data")).status, StatusCode::ABORTED, says);
  auto single = To<mesh::SetSinkConfigRequest>(kGateway, kSink);
  single.mutable_update()->set_network_channel(16);
  ExpectFailure(Call(stub(), &Stub::SetSinkConfig, single).status, StatusCode::ABORTED, says);

  // After a cancel nothing further is sent, and the sinks are free.
  first.Cancel();
  EXPECT_EQ(first.WaitForEnd()->error_code(), StatusCode::CANCELLED);
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_TRUE(Eventually([&] { return Call(stub(), &Stub::SetSinkConfig, single).ok(); }));
  EXPECT_THAT(Sent(peer.get()), ElementsAre("set_config/sim-gw-0/sink0"));
}

// Gateways that announce nothing, and sinks that tell no app config.
class FewFeaturesChangesTest : public SinkChangesStack<FewFeaturesChangesTest> {
 public:
  static Stack::Options StackOptions() {
    return OptionsWith({"--features", "none", "--no_app_config"});
  }
};

TEST_F(FewFeaturesChangesTest, WhatNeedsAFeatureIsNotSent) {
  const auto peer = stack().NewPeer({"gw-request/#"});
  auto update = OfFirstNetwork<mesh::UpdateSinkConfigsRequest>();
  mesh::SecurityKeys* keys = update.mutable_update()->mutable_management_keys();
  keys->set_cipher_key(std::string(16, 'c'));
  keys->set_authentication_key(std::string(16, 'a'));
  keys->set_sequence(2);
  for (const Changed& changed : {SetItems(Item(500, "data")), Update(update)}) {
    EXPECT_THAT(changed.outcomes,
                ElementsAre(Pair("sim-gw-0/sink0", "REFUSED"), Pair("sim-gw-1/sink0", "REFUSED")));
    EXPECT_EQ(changed.errors.at("sim-gw-1/sink0").reason(), mesh::ERROR_REASON_FEATURE_MISSING);
  }
  EXPECT_THAT(Sent(peer.get()), IsEmpty());
}

TEST_F(FewFeaturesChangesTest, WhatIsToStayMustBeKnown) {
  const auto peer = stack().NewPeer({"gw-request/#"});
  auto update = OfFirstNetwork<mesh::UpdateSinkConfigsRequest>();
  update.mutable_update()->mutable_app_config()->set_data("data");
  const Changed refused = Update(update);
  EXPECT_EQ(refused.summary.refused_count(), 2u);
  EXPECT_EQ(refused.errors.at("sim-gw-0/sink0").reason(), mesh::ERROR_REASON_SINK_NOT_READY);
  auto single = To<mesh::SetSinkConfigRequest>(kGateway, kSink);
  *single.mutable_update() = update.update();
  ExpectFailure(Call(stub(), &Stub::SetSinkConfig, single).status, StatusCode::FAILED_PRECONDITION,
                {"app config", kGateway, kSink});
  EXPECT_THAT(Sent(peer.get()), IsEmpty());
  // All of it needs nothing of before.
  mesh::AppConfig* app_config = update.mutable_update()->mutable_app_config();
  app_config->mutable_diagnostics_interval()->set_seconds(60);
  app_config->set_sequence(1);
  EXPECT_EQ(Update(update).summary.changed_count(), 2u);
}

}  // namespace
}  // namespace wirepas_grpc::integration
