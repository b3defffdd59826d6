// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/app_config/edit.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Stub = mesh::AppConfigService::Stub;
using UpdateCall = Call<mesh::UpdateAppConfigRequest, mesh::UpdateAppConfigResponse>;

// Entry 5 with the value "X".
const std::string kOneEntry = "\xF6\x7E\x01\x05\x01X";

class AppConfigServiceTest : public ServiceTest {
 protected:
  // The sinks of a gateway, each with its app config; nothing: it tells none.
  using Sinks = std::vector<std::pair<std::string, std::optional<std::string>>>;

  static gw::SinkReadConfig Config(const std::string& sink,
                                   const std::optional<std::string>& data) {
    gw::SinkReadConfig config;
    config.set_sink_id(sink);
    config.set_network_address(12);
    if (!data.has_value()) return config;
    config.mutable_app_config()->set_app_config_data(*data);
    config.mutable_app_config()->set_diag_interval_s(60);
    config.mutable_app_config()->set_seq(254);
    return config;
  }
  void AddSinks(const std::string& gateway, const Sinks& sinks, bool online = true) {
    gw::WirepasMessage status = Status(gateway, {}, online);
    for (const auto& [sink, data] : sinks) {
      *status.mutable_status_event()->add_configs() = Config(sink, data);
    }
    Retain(gateway, status);
  }
  // Answers the question for a gateway's sinks, which the next request must be, or this one.
  void TellSinks(const Sinks& sinks) { TellSinks(NextRequest(), sinks); }
  void TellSinks(const Incoming& incoming, const Sinks& sinks) {
    ASSERT_TRUE(incoming.message.has_get_configs_req()) << incoming.topic;
    gw::WirepasMessage answer;
    answer.mutable_get_configs_resp();
    for (const auto& [sink, data] : sinks) {
      *answer.mutable_get_configs_resp()->add_configs() = Config(sink, data);
    }
    Answer(incoming, answer);
  }
  // The next request, which must be for a new configuration.
  Incoming NextChange() {
    Incoming incoming = NextRequest();
    EXPECT_TRUE(incoming.message.has_set_config_req()) << incoming.topic;
    return incoming;
  }
  void AnswerChange(const Incoming& incoming, gw::ErrorCode result = gw::OK) {
    gw::WirepasMessage answer;
    const std::string& sink = incoming.message.set_config_req().config().sink_id();
    answer.mutable_set_config_resp()->mutable_config()->set_sink_id(sink);
    Answer(incoming, answer, result);
  }
  static std::string DataOf(const Incoming& incoming) {
    return incoming.message.set_config_req().config().app_config().app_config_data();
  }

  template <typename Request>
  static Request OfNetwork(uint32_t network_address = 12) {
    Request request;
    request.mutable_scope()->set_network_address(network_address);
    return request;
  }
  // Sets entry 7 to "Y".
  static mesh::UpdateAppConfigRequest SetEntry() {
    auto request = OfNetwork<mesh::UpdateAppConfigRequest>();
    request.add_set_entries()->set_type(7);
    request.mutable_set_entries(0)->set_value("Y");
    return request;
  }
  UpdateCall Update(const mesh::UpdateAppConfigRequest& request) {
    // With a bound: an update that should have ended may wait for an answer.
    return UpdateCall(app_config_stub_.get(), &Stub::UpdateAppConfig, request, absl::Seconds(30));
  }
  std::vector<mesh::SinkAppConfig> List(const mesh::ListAppConfigsRequest& request) {
    mesh::ListAppConfigsResponse response;
    grpc::ClientContext context;
    const grpc::Status status = app_config_stub_->ListAppConfigs(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return {response.app_configs().begin(), response.app_configs().end()};
  }

  // "gw1/a CHANGED 0", with the code of the error.
  template <typename Response>
  static std::vector<std::string> Changes(const Response& response) {
    constexpr size_t kPrefix = sizeof("APP_CONFIG_OUTCOME_") - 1;
    std::vector<std::string> changes;
    for (const mesh::AppConfigChange& change : response.changes()) {
      changes.push_back(absl::StrCat(change.sink().gateway_id(), "/", change.sink().sink_id(), " ",
                                     mesh::AppConfigOutcome_Name(change.outcome()).substr(kPrefix),
                                     " ", change.error().code()));
    }
    return changes;
  }
};

// ---- ListAppConfigs ----

TEST_F(AppConfigServiceTest, ListsWhatSinksHaveInWhateverForm) {
  AddSinks("gw1", {{"cut", kOneEntry.substr(0, 5)},
                   {"empty", ""},
                   {"none", std::nullopt},
                   {"padded", kOneEntry + std::string(70, '\0')}});
  AddSinks("gw0", {{"last", kOneEntry}}, /*online=*/false);
  ConnectAndSync();
  const auto configs = List(OfNetwork<mesh::ListAppConfigsRequest>());
  ASSERT_EQ(configs.size(), 5u);
  const mesh::SinkAppConfig& offline = configs[0];
  EXPECT_EQ(offline.sink().gateway_id(), "gw0");
  EXPECT_TRUE(offline.is_tlv()) << "as it was last";
  const mesh::SinkAppConfig& cut = configs[1];
  EXPECT_EQ(cut.sink().sink_id(), "cut");
  EXPECT_EQ(cut.app_config().data().size(), 5u);
  EXPECT_FALSE(cut.is_tlv());
  EXPECT_THAT(cut.entries(), IsEmpty());
  const mesh::SinkAppConfig& empty = configs[2];
  EXPECT_TRUE(empty.has_app_config());
  EXPECT_FALSE(empty.is_tlv());
  const mesh::SinkAppConfig& none = configs[3];
  EXPECT_FALSE(none.has_app_config());
  EXPECT_FALSE(none.is_tlv());
  EXPECT_EQ(none.max_size(), 80u);
  const mesh::SinkAppConfig& padded = configs[4];
  EXPECT_TRUE(padded.is_tlv());
  ASSERT_EQ(padded.entries_size(), 1);
  EXPECT_EQ(padded.entries(0).type(), 5u);
  EXPECT_EQ(padded.entries(0).value(), "X");
  EXPECT_EQ(padded.app_config().sequence(), 254u);
  EXPECT_EQ(broker_.published_count(), 0u) << "nobody is asked without need";
}

TEST_F(AppConfigServiceTest, RefreshAsksGatewaysAndListsWhatIsKnownOfTheSilent) {
  AddSinks("gw1", {{"a", "old"}});
  AddSinks("gw2", {{"a", "old"}});
  ConnectAndSync();
  auto request = OfNetwork<mesh::ListAppConfigsRequest>();
  request.set_refresh(true);
  Call call(app_config_stub_.get(), &Stub::ListAppConfigs, request);
  std::map<std::string, Incoming> requests;  // they come in any order
  for (int i = 0; i < 2; ++i) {
    const Incoming incoming = NextRequest();
    requests[incoming.topic] = incoming;
  }
  TellSinks(requests["gw-request/get_configs/gw1"], {{"a", "new"}, {"b", "more"}});
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(2));
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  std::vector<std::string> listed;
  for (const mesh::SinkAppConfig& config : call.response().app_configs()) {
    listed.push_back(absl::StrCat(config.sink().gateway_id(), "/", config.sink().sink_id(), " ",
                                  config.app_config().data()));
  }
  EXPECT_THAT(listed, ElementsAre("gw1/a new", "gw1/b more", "gw2/a old"));
}

TEST_F(AppConfigServiceTest, ListsPagesThatAskOnce) {
  AddSinks("gw1", {{"a", kOneEntry}, {"b", kOneEntry}});
  AddSinks("gw2", {{"a", kOneEntry}});
  ConnectAndSync();
  auto request = OfNetwork<mesh::ListAppConfigsRequest>();
  request.set_page_size(2);
  request.set_refresh(true);
  Call first(app_config_stub_.get(), &Stub::ListAppConfigs, request);
  for (int i = 0; i < 2; ++i) {
    const Incoming asked = NextRequest();
    const bool is_first = asked.topic == "gw-request/get_configs/gw1";
    TellSinks(asked,
              is_first ? Sinks{{"a", kOneEntry}, {"b", kOneEntry}} : Sinks{{"a", kOneEntry}});
  }
  ASSERT_TRUE(first.Finish().ok()) << first.Finish().error_message();
  ASSERT_EQ(first.response().app_configs_size(), 2);
  EXPECT_EQ(first.response().app_configs(1).sink().sink_id(), "b");
  ASSERT_NE(first.response().next_page_token(), "");
  // The sink that the page ended with goes, and so does no other.
  AddSinks("gw1", {{"a", kOneEntry}});
  request.set_page_token(first.response().next_page_token());
  Call last(app_config_stub_.get(), &Stub::ListAppConfigs, request);
  ASSERT_TRUE(last.Finish().ok()) << last.Finish().error_message();
  ASSERT_EQ(last.response().app_configs_size(), 1);
  EXPECT_EQ(last.response().app_configs(0).sink().gateway_id(), "gw2");
  EXPECT_EQ(last.response().next_page_token(), "");
  EXPECT_EQ(broker_.published_count(), 0u) << "the first page asked";
  request.mutable_scope()->set_skip_offline(true);
  Call other(app_config_stub_.get(), &Stub::ListAppConfigs, request);
  ExpectInvalidField(other.Finish(), "page_token");
  request.set_page_size(-1);
  Call negative(app_config_stub_.get(), &Stub::ListAppConfigs, request);
  ExpectInvalidField(negative.Finish(), "page_size");
}

// As many sinks as there can be, each with all that is kept of it: clients take 4 MiB.
TEST_F(AppConfigServiceTest, APageEndsBeforeItIsTooLargeForClients) {
  const std::string data = kOneEntry + std::string(75, '\x0');
  constexpr int kGateways = 100;
  constexpr int kSinks = 100;
  for (int i = 0; i < kGateways; ++i) {
    Sinks sinks;
    for (int j = 0; j < kSinks; ++j) sinks.emplace_back(absl::StrCat("sink-", j), data);
    AddSinks(absl::StrCat("gateway-", i), sinks);
  }
  ConnectAndSync();
  auto request = OfNetwork<mesh::ListAppConfigsRequest>();
  request.set_page_size(10000);
  std::set<std::pair<std::string, std::string>> listed;
  do {
    Call page(app_config_stub_.get(), &Stub::ListAppConfigs, request);
    ASSERT_TRUE(page.Finish().ok()) << page.Finish().error_message();
    EXPECT_LT(page.response().ByteSizeLong(), 3u << 20);
    for (const mesh::SinkAppConfig& config : page.response().app_configs()) {
      EXPECT_TRUE(listed.emplace(config.sink().gateway_id(), config.sink().sink_id()).second);
    }
    request.set_page_token(page.response().next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed.size(), static_cast<size_t>(kGateways * kSinks));
}

TEST_F(AppConfigServiceTest, ListNeedsAScopeWithSinks) {
  AddSinks("gw1", {{"a", kOneEntry}});
  ConnectAndSync();
  Call nothing(app_config_stub_.get(), &Stub::ListAppConfigs, mesh::ListAppConfigsRequest());
  ExpectStatus(nothing.Finish(), grpc::StatusCode::INVALID_ARGUMENT, {"scope: missing"});
  auto request = OfNetwork<mesh::ListAppConfigsRequest>();
  request.mutable_scope()->add_gateway_ids("gw9");
  Call unknown(app_config_stub_.get(), &Stub::ListAppConfigs, request);
  ExpectStatus(unknown.Finish(), grpc::StatusCode::NOT_FOUND, {"gw9"});
  EXPECT_EQ(DetailOf(unknown.Finish()).gateway_id(), "gw9");
}

// ---- UpdateAppConfig ----

TEST_F(AppConfigServiceTest, ChangesNothingButTheAppConfig) {
  AddSinks("gw1", {{"a", "known before"}});
  ConnectAndSync();
  UpdateCall call = Update(SetEntry());
  TellSinks({{"a", kOneEntry + std::string(3, '\0')}});
  const Incoming incoming = NextChange();
  EXPECT_EQ(incoming.topic, "gw-request/set_config/gw1/a");
  gw::SinkNewConfig wanted;
  wanted.set_sink_id("a");
  wanted.mutable_app_config()->set_app_config_data("\xF6\x7E\x02\x05\x01X\x07\x01Y");
  wanted.mutable_app_config()->set_diag_interval_s(60);
  wanted.mutable_app_config()->set_seq(0);  // follows 254
  EXPECT_EQ(incoming.message.set_config_req().config().SerializeAsString(),
            wanted.SerializeAsString());
  AnswerChange(incoming);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  ASSERT_THAT(Changes(call.response()), ElementsAre("gw1/a CHANGED 0"));
  EXPECT_TRUE(call.response().complete());
  const mesh::AppConfigChange& change = call.response().changes(0);
  EXPECT_FALSE(change.has_error());
  EXPECT_EQ(change.size_before(), 6u) << "zeros behind the last entry do not count";
  EXPECT_EQ(change.size_after(), 9u);
  EXPECT_EQ(change.max_size(), 80u);
}

TEST_F(AppConfigServiceTest, OneThatDoesNotPassTheCheckKeepsAllFromBeingChanged) {
  AddSinks("gw1", {{"a", kOneEntry}, {"b", "text"}, {"c", std::nullopt}});
  ConnectAndSync();
  UpdateCall call = Update(SetEntry());
  TellSinks({{"a", kOneEntry}, {"b", "text"}, {"c", std::nullopt}});
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Changes(call.response()),
              ElementsAre("gw1/a CHECKED 0", "gw1/b REFUSED 9", "gw1/c REFUSED 9"));
  EXPECT_FALSE(call.response().complete());
  EXPECT_EQ(broker_.published_count(), 0u);
  const mesh::AppConfigChange& refused = call.response().changes(1);
  EXPECT_THAT(refused.error().message(), HasSubstr("not in TLV form"));
  EXPECT_EQ(refused.error().gateway_error().gateway_id(), "gw1");
  EXPECT_EQ(refused.error().gateway_error().sink_id(), "b");
  EXPECT_EQ(refused.error().gateway_error().request_id(), 0u) << "nothing was sent";
  EXPECT_EQ(refused.size_before(), 4u);
  EXPECT_EQ(refused.size_after(), 4u);
  EXPECT_EQ(call.response().changes(0).size_after(), 9u) << "what it would have become";
}

TEST_F(AppConfigServiceTest, OverrideReplacesWhatIsNotTlvByTheEntriesAlone) {
  AddSinks("gw1", {{"a", "text"}});
  ConnectAndSync();
  auto request = SetEntry();
  request.add_remove_types(5);
  request.set_override_non_tlv(true);
  UpdateCall call = Update(request);
  TellSinks({{"a", "text"}});
  const Incoming incoming = NextChange();
  EXPECT_EQ(DataOf(incoming), "\xF6\x7E\x01\x07\x01Y");
  AnswerChange(incoming);
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Changes(call.response()), ElementsAre("gw1/a CHANGED 0"));
}

TEST_F(AppConfigServiceTest, OverrideWithNothingToSetLeavesAlone) {
  AddSinks("gw1", {{"a", "text"}});
  ConnectAndSync();
  auto request = OfNetwork<mesh::UpdateAppConfigRequest>();
  request.add_remove_types(5);
  request.set_override_non_tlv(true);
  UpdateCall call = Update(request);
  TellSinks({{"a", "text"}});
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Changes(call.response()), ElementsAre("gw1/a UNCHANGED 0"));
  EXPECT_TRUE(call.response().complete());
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(AppConfigServiceTest, ADryRunIsCompleteWhenTheCheckIsPassed) {
  AddSinks("gw1", {{"a", kOneEntry}, {"b", "\xF6\x7E\x01\x07\x01Y"}});
  ConnectAndSync();
  auto request = SetEntry();
  request.set_dry_run(true);
  UpdateCall call = Update(request);
  TellSinks({{"a", kOneEntry}, {"b", "\xF6\x7E\x01\x07\x01Y"}});
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_THAT(Changes(call.response()), ElementsAre("gw1/a CHECKED 0", "gw1/b UNCHANGED 0"));
  EXPECT_TRUE(call.response().complete());
  EXPECT_EQ(broker_.published_count(), 0u);

  UpdateCall refused = Update(request);
  TellSinks({{"a", "text"}, {"b", kOneEntry}});
  ASSERT_TRUE(refused.Finish().ok());
  EXPECT_THAT(Changes(refused.response()), ElementsAre("gw1/a REFUSED 9", "gw1/b CHECKED 0"));
  EXPECT_FALSE(refused.response().complete());
}

TEST_F(AppConfigServiceTest, WhatSomeSinksDidNotTakeIsTold) {
  const Sinks sinks = {{"a", kOneEntry}, {"b", kOneEntry}, {"c", kOneEntry}};
  AddSinks("gw1", sinks);
  ConnectAndSync();
  UpdateCall call = Update(SetEntry());
  TellSinks(sinks);
  std::map<std::string, Incoming> changes;
  for (int i = 0; i < 3; ++i) {
    const Incoming incoming = NextChange();
    changes[incoming.message.set_config_req().config().sink_id()] = incoming;
  }
  AnswerChange(changes["a"], gw::INVALID_APP_CONFIG);
  AnswerChange(changes["c"]);
  Await([&] { return network_.tracker().pending() == 1; });
  Advance(absl::Seconds(5));  // "b" is silent
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Changes(call.response()),
              ElementsAre("gw1/a FAILED 3", "gw1/b FAILED 4", "gw1/c CHANGED 0"));
  EXPECT_FALSE(call.response().complete());
  const mesh::GatewayError& refused = call.response().changes(0).error().gateway_error();
  EXPECT_EQ(refused.gateway_id(), "gw1");
  EXPECT_EQ(refused.sink_id(), "a");
  EXPECT_EQ(refused.result(), mesh::RESULT_CODE_INVALID_APP_CONFIG);
  EXPECT_EQ(refused.request_id(), changes["a"].id);
  const mesh::GatewayError& silent = call.response().changes(1).error().gateway_error();
  EXPECT_EQ(silent.result(), mesh::RESULT_CODE_UNSPECIFIED);
  EXPECT_EQ(silent.request_id(), changes["b"].id);
}

TEST_F(AppConfigServiceTest, ADryRunStandsInNobodysWay) {
  AddSinks("gw1", {{"a", kOneEntry}});
  ConnectAndSync();
  UpdateCall first = Update(SetEntry());
  TellSinks({{"a", kOneEntry}});
  const Incoming incoming = NextChange();
  UpdateCall second = Update(SetEntry());
  ExpectStatus(second.Finish(), grpc::StatusCode::ABORTED, {"'gw1', sink 'a'", "another change"});
  auto request = SetEntry();
  request.set_dry_run(true);
  UpdateCall dry = Update(request);
  TellSinks({{"a", kOneEntry}});
  ASSERT_TRUE(dry.Finish().ok()) << dry.Finish().error_message();
  AnswerChange(incoming);
  EXPECT_TRUE(first.Finish().ok());
}

TEST_F(AppConfigServiceTest, ACancelledUpdateSendsNothingFurther) {
  AddSinks("gw1", {{"a", kOneEntry}});
  ConnectAndSync();
  UpdateCall call = Update(SetEntry());
  const Incoming asked = NextRequest();
  ASSERT_TRUE(asked.message.has_get_configs_req());
  call.Cancel();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::CANCELLED);
  Await([&] { return network_.tracker().pending() == 0; });
  gw::WirepasMessage late;
  *late.mutable_get_configs_resp()->add_configs() = Config("a", kOneEntry);
  Answer(asked, late);
  broker_.Flush();
  EXPECT_EQ(broker_.published_count(), 0u);
}

TEST_F(AppConfigServiceTest, WithoutBrokerNothingIsUpdated) {
  AddSinks("gw1", {{"a", kOneEntry}});
  ConnectAndSync();
  broker_.Disconnect();
  broker_.Flush();
  UpdateCall call = Update(SetEntry());
  ExpectStatus(call.Finish(), grpc::StatusCode::UNAVAILABLE, {"not connected"});
}

// ---- SetLocalProvisioning ----

TEST_F(AppConfigServiceTest, LocalProvisioningReplacesItsEntryInItsPlace) {
  const std::string before = "\xF6\x7E\x02\xC4\x01\x01\x05\x01X";
  AddSinks("gw1", {{"a", before}});
  ConnectAndSync();
  auto request = OfNetwork<mesh::SetLocalProvisioningRequest>();
  request.set_enabled(true);
  request.set_key_id("abcd");
  request.set_key(std::string(32, 'k'));
  Call call(app_config_stub_.get(), &Stub::SetLocalProvisioning, request);
  TellSinks({{"a", before}});
  const Incoming incoming = NextChange();
  EXPECT_EQ(DataOf(incoming),
            "\xF6\x7E\x02\xC4\x25\x02" + ("abcd" + std::string(32, 'k')) + "\x05\x01X");
  AnswerChange(incoming);
  ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
  EXPECT_THAT(Changes(call.response()), ElementsAre("gw1/a CHANGED 0"));
  EXPECT_TRUE(call.response().complete());
  EXPECT_EQ(call.response().changes(0).size_before(), 9u);
  EXPECT_EQ(call.response().changes(0).size_after(), 45u);
}

TEST_F(AppConfigServiceTest, LocalProvisioningCanBeTriedAndCanOverride) {
  AddSinks("gw1", {{"a", "text"}});
  ConnectAndSync();
  auto request = OfNetwork<mesh::SetLocalProvisioningRequest>();
  request.set_dry_run(true);
  for (const bool override : {false, true}) {
    request.set_override_non_tlv(override);
    Call call(app_config_stub_.get(), &Stub::SetLocalProvisioning, request);
    TellSinks({{"a", "text"}});
    ASSERT_TRUE(call.Finish().ok()) << call.Finish().error_message();
    EXPECT_EQ(call.response().complete(), override);
    EXPECT_THAT(Changes(call.response()),
                ElementsAre(override ? "gw1/a CHECKED 0" : "gw1/a REFUSED 9"));
  }
  EXPECT_EQ(broker_.published_count(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::api
