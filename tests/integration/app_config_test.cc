// SPDX-License-Identifier: Apache-2.0
//
// The app configs of a network's sinks: read, changed, and left alone when one of them
// cannot be changed.
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/app_config_fixture.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class AppConfigTest : public AppConfigStack<AppConfigTest> {};

TEST_F(AppConfigTest, ListsWhatTheSinksHave) {
  SetData(kGateway, kSink, "text");
  mesh::ListAppConfigsRequest request;
  request.mutable_scope()->set_network_address(kMeshAddress);
  const auto result = Call(app_configs(), &AppConfigs::ListAppConfigs, request);
  ASSERT_TRUE(IsOk(result.status));
  ASSERT_EQ(result.response.app_configs_size(), 3);
  const mesh::SinkAppConfig& text = result.response.app_configs(0);
  EXPECT_EQ(text.sink().gateway_id(), kGateway);
  EXPECT_EQ(text.app_config().data(), "text");
  EXPECT_FALSE(text.is_tlv());
  EXPECT_THAT(text.entries(), IsEmpty());
  const mesh::SinkAppConfig& tlv = result.response.app_configs(1);
  EXPECT_EQ(tlv.sink().gateway_id(), kOtherGateway);
  EXPECT_EQ(tlv.sink().sink_id(), kSink);
  EXPECT_EQ(tlv.app_config().sequence(), 9u);
  EXPECT_EQ(tlv.app_config().diagnostics_interval().seconds(), 60);
  EXPECT_TRUE(tlv.is_tlv());
  ASSERT_EQ(tlv.entries_size(), 1);
  EXPECT_EQ(tlv.entries(0).type(), 5u);
  EXPECT_EQ(tlv.entries(0).value(), "X");
  EXPECT_EQ(tlv.max_size(), 80u);
  EXPECT_EQ(AppConfigOf(kGateway, kOtherSink).max_size(), 40u);
}

TEST_F(AppConfigTest, ListEndsWithNotFoundForANetworkWithoutSinks) {
  mesh::ListAppConfigsRequest request;
  request.mutable_scope()->set_network_address(5);
  ExpectFailure(Call(app_configs(), &AppConfigs::ListAppConfigs, request).status,
                StatusCode::NOT_FOUND, {.part = "network 5"});
  ExpectFailure(Update([] {
                  auto update = SetEntry(1, "x");
                  update.mutable_scope()->set_network_address(5);
                  return update;
                }())
                    .status,
                StatusCode::NOT_FOUND, {.part = "network 5"});
}

TEST_F(AppConfigTest, SetsReplacesAndRemovesInEverySink) {
  auto request = SetEntry(0x1234, std::string("\x00\xFF", 2));
  request.add_set_entries()->set_type(5);
  const auto result = Update(request);
  EXPECT_THAT(Outcomes(result), ElementsAre("CHANGED", "CHANGED", "CHANGED"));
  EXPECT_TRUE(result.response.complete());
  EXPECT_EQ(result.response.changes(0).size_before(), 6u);
  EXPECT_EQ(result.response.changes(0).size_after(), 10u);
  EXPECT_EQ(result.response.changes(0).max_size(), 80u);
  for (const std::string& gateway : kGateways) {
    const mesh::SinkAppConfig config = AppConfigOf(gateway);
    EXPECT_EQ(absl::BytesToHexString(config.app_config().data()), "f67e02050034821200ff");
    EXPECT_EQ(config.app_config().sequence(), 10u);
    EXPECT_EQ(config.app_config().diagnostics_interval().seconds(), 60);
  }
  // The same again changes nothing.
  const auto again = Update(request);
  EXPECT_THAT(Outcomes(again), ElementsAre("UNCHANGED", "UNCHANGED", "UNCHANGED"));
  EXPECT_TRUE(again.response.complete());
  EXPECT_EQ(AppConfigOf(kGateway).app_config().sequence(), 10u);

  mesh::UpdateAppConfigRequest removal;
  removal.mutable_scope()->set_network_address(kMeshAddress);
  removal.add_remove_types(0x1234);
  removal.add_remove_types(77);
  EXPECT_THAT(Outcomes(Update(removal)), ElementsAre("CHANGED", "CHANGED", "CHANGED"));
  EXPECT_EQ(HexOf(kThirdGateway), "f67e010500");
}

TEST_F(AppConfigTest, LeavesAloneTheSinkThatHasIt) {
  SetData(kOtherGateway, kSink, Bytes("f67e01070159"), 200);
  const auto peer = stack().NewPeer({"gw-request/set_config/#"});
  const auto result = Update(SetEntry(7, "Y"));
  EXPECT_THAT(Outcomes(result), ElementsAre("CHANGED", "UNCHANGED", "CHANGED"));
  EXPECT_TRUE(result.response.complete());
  EXPECT_EQ(AppConfigOf(kOtherGateway).app_config().sequence(), 200u);
  EXPECT_TRUE(
      peer->Take(OnTopic(absl::StrCat("gw-request/set_config/", kGateway, "/", kSink))).ok());
}

TEST_F(AppConfigTest, SequenceGoesOnAt0After254) {
  SetData(kGateway, kSink, Bytes("f67e00"), 254);
  EXPECT_THAT(Outcomes(Update(SetEntry(7, "Y"))), ElementsAre("CHANGED", "CHANGED", "CHANGED"));
  EXPECT_EQ(AppConfigOf(kGateway).app_config().sequence(), 0u);
}

TEST_F(AppConfigTest, DryRunChecksOnly) {
  auto request = SetEntry(7, "Y");
  request.set_dry_run(true);
  const auto result = Update(request);
  EXPECT_THAT(Outcomes(result), ElementsAre("CHECKED", "CHECKED", "CHECKED"));
  EXPECT_TRUE(result.response.complete());
  EXPECT_EQ(result.response.changes(2).size_after(), 9u);
  ExpectUntouched();
}

TEST_F(AppConfigTest, OneThatIsNotTlvKeepsAllUntouchedUnlessOverridden) {
  SetData(kOtherGateway, kSink, "text", 9);
  auto request = SetEntry(7, "Y");
  const auto refused = Update(request);
  EXPECT_THAT(Outcomes(refused), ElementsAre("CHECKED", "REFUSED", "CHECKED"));
  EXPECT_FALSE(refused.response.complete());
  ExpectFailure(refused.response.changes(1).error(), StatusCode::FAILED_PRECONDITION,
                {.part = "not in TLV form", .gateway_id = kOtherGateway, .sink_id = kSink});
  EXPECT_EQ(HexOf(kGateway), "f67e01050158");

  request.set_override_non_tlv(true);
  EXPECT_THAT(Outcomes(Update(request)), ElementsAre("CHANGED", "CHANGED", "CHANGED"));
  EXPECT_EQ(HexOf(kOtherGateway), "f67e01070159");
  EXPECT_EQ(HexOf(kGateway), "f67e02050158070159");
}

TEST_F(AppConfigTest, EightyBytesFitAndNotOneMore) {
  const auto full = Update(SetEntry(7, std::string(72, 'x')));
  EXPECT_THAT(Outcomes(full), ElementsAre("CHANGED", "CHANGED", "CHANGED"));
  EXPECT_EQ(full.response.changes(0).size_after(), 80u);
  EXPECT_EQ(AppConfigOf(kGateway).app_config().data().size(), 80u);
  const auto over = Update(SetEntry(7, std::string(73, 'x')));
  EXPECT_THAT(Outcomes(over), ElementsAre("REFUSED", "REFUSED", "REFUSED"));
  EXPECT_EQ(over.response.changes(0).size_before(), 80u);
  EXPECT_EQ(over.response.changes(0).size_after(), 81u);
  ExpectFailure(over.response.changes(0).error(), StatusCode::RESOURCE_EXHAUSTED,
                {.part = "81 bytes, 80 are possible", .gateway_id = kGateway, .sink_id = kSink});
}

TEST_F(AppConfigTest, ASinkThatTakesLessKeepsAllUntouched) {
  auto request = SetEntry(7, std::string(40, 'x'));
  request.mutable_scope()->clear_network_address();
  AddSink(kGateway, kSink, request.mutable_scope());
  AddSink(kGateway, kOtherSink, request.mutable_scope());
  const auto refused = Update(request);
  EXPECT_THAT(Outcomes(refused), ElementsAre("CHECKED", "REFUSED"));
  ExpectFailure(
      refused.response.changes(1).error(), StatusCode::RESOURCE_EXHAUSTED,
      {.part = "45 bytes, 40 are possible", .gateway_id = kGateway, .sink_id = kOtherSink});
  ExpectUntouched();
}

TEST_F(AppConfigTest, LocalProvisioningIsAnEntry) {
  mesh::SetLocalProvisioningRequest request;
  request.mutable_scope()->set_network_address(kMeshAddress);
  request.set_enabled(true);
  const auto set = [&] {
    return Outcomes(Call(app_configs(), &AppConfigs::SetLocalProvisioning, request));
  };
  EXPECT_THAT(set(), ElementsAre("CHANGED", "CHANGED", "CHANGED"));
  EXPECT_EQ(HexOf(kGateway), "f67e02050158c40101");
  request.set_key_id("abcd");
  request.set_key(std::string(32, 'k'));
  request.set_dry_run(true);
  EXPECT_THAT(set(), ElementsAre("CHECKED", "CHECKED", "CHECKED"));
  request.set_dry_run(false);
  EXPECT_THAT(set(), ElementsAre("CHANGED", "CHANGED", "CHANGED"));
  EXPECT_EQ(AppConfigOf(kGateway).entries(1).value(),
            "\x02"
            "abcd" +
                std::string(32, 'k'));
  request.clear_key_id();
  request.clear_key();
  request.set_enabled(false);
  EXPECT_THAT(set(), ElementsAre("CHANGED", "CHANGED", "CHANGED"));
  EXPECT_EQ(HexOf(kThirdGateway), "f67e02050158c40100");
  EXPECT_THAT(set(), ElementsAre("UNCHANGED", "UNCHANGED", "UNCHANGED"));
}

TEST_F(AppConfigTest, BadRequestsAreRefusedByTheirField) {
  const auto expect = [](const mesh::UpdateAppConfigRequest& request, const std::string& part) {
    ExpectFailure(Update(request).status, StatusCode::INVALID_ARGUMENT, {.part = part});
  };
  auto request = SetEntry(65536, "x");
  expect(request, "set_entries[0].type");
  request = SetEntry(1, std::string(128, 'x'));
  expect(request, "set_entries[0].value");
  request = SetEntry(1, "x");
  *request.add_set_entries() = request.set_entries(0);
  expect(request, "set_entries[1].type: type 1 is there twice");
  request = SetEntry(1, "x");
  request.add_remove_types(2);
  request.add_remove_types(1);
  expect(request, "remove_types[1]");
  request.clear_set_entries();
  request.set_remove_types(0, 65536);
  expect(request, "remove_types[0]");
  request.clear_remove_types();
  expect(request, "set_entries: missing");
  request = SetEntry(1, "x");
  for (uint32_t i = 2; i < 40; ++i) request.add_set_entries()->set_type(i);
  expect(request, "set_entries");
  request = SetEntry(1, "x");
  request.clear_scope();
  expect(request, "scope: missing");

  mesh::SetLocalProvisioningRequest provisioning;
  provisioning.mutable_scope()->set_network_address(kMeshAddress);
  const auto expect_too = [&](const std::string& part) {
    ExpectFailure(Call(app_configs(), &AppConfigs::SetLocalProvisioning, provisioning).status,
                  StatusCode::INVALID_ARGUMENT, {.part = part});
  };
  provisioning.set_key("k");
  expect_too("key: not possible unless enabled");
  provisioning.set_enabled(true);
  expect_too("key_id: 0 bytes");
  provisioning.set_key_id("abcd");
  expect_too("key: 1 bytes; must have 32");
  ExpectUntouched();
}

class PaddedAppConfigTest : public SharedStack<PaddedAppConfigTest> {
 public:
  static Stack::Options StackOptions() {
    Stack::Options options;
    options.simulator = {"--gateways", "1", "--sinks", "1", "--rate", "0", "--pad_app_config"};
    return options;
  }
};

TEST_F(PaddedAppConfigTest, ZerosBehindTheEntriesDoNotCount) {
  const auto app_configs = mesh::AppConfigService::NewStub(stack().service().NewChannel());
  mesh::UpdateAppConfigRequest request;
  request.mutable_scope()->set_network_address(kNetwork);
  request.add_set_entries()->set_type(5);
  const auto update = [&] {
    const auto result = Call(app_configs.get(), &AppConfigs::UpdateAppConfig, request);
    EXPECT_TRUE(IsOk(result.status));
    return result.response.changes_size() == 1 ? result.response.changes(0)
                                               : mesh::AppConfigChange();
  };
  // Nothing but zeros may mean something to somebody.
  EXPECT_EQ(update().outcome(), mesh::APP_CONFIG_OUTCOME_REFUSED);
  request.set_override_non_tlv(true);
  EXPECT_EQ(update().outcome(), mesh::APP_CONFIG_OUTCOME_CHANGED);
  request.set_override_non_tlv(false);
  EXPECT_EQ(update().outcome(), mesh::APP_CONFIG_OUTCOME_UNCHANGED);
  request.mutable_set_entries(0)->set_type(6);
  const mesh::AppConfigChange change = update();
  EXPECT_EQ(change.outcome(), mesh::APP_CONFIG_OUTCOME_CHANGED);
  EXPECT_EQ(change.size_before(), 5u);
  EXPECT_EQ(change.size_after(), 7u);
}

}  // namespace
}  // namespace wirepas_grpc::integration
