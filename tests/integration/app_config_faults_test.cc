// SPDX-License-Identifier: Apache-2.0
//
// Updates of app configs when gateways are offline, silent, slow or refuse them.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/app_config_fixture.h"

namespace wirepas_grpc::integration {
namespace {

using testing::ElementsAre;

class AppConfigFaultsTest : public AppConfigStack<AppConfigFaultsTest> {};

TEST_F(AppConfigFaultsTest, OfflineGatewayKeepsAllUntouchedUnlessPassedOver) {
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "stop"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(2)));
  auto request = SetEntry(7, "Y");
  const auto refused = Update(request);
  EXPECT_THAT(Outcomes(refused), ElementsAre("CHECKED", "REFUSED", "CHECKED"));
  ExpectFailure(refused.response.changes(1).error(), StatusCode::UNAVAILABLE,
                {.part = "offline", .gateway_id = kOtherGateway, .sink_id = kSink});
  EXPECT_EQ(HexOf(kGateway), "f67e01050158");
  EXPECT_EQ(HexOf(kOtherGateway), "f67e01050158");  // as it was last
  request.mutable_scope()->set_skip_offline(true);
  const auto passed = Update(request);
  EXPECT_THAT(Outcomes(passed), ElementsAre("CHANGED", "CHANGED"));
  EXPECT_TRUE(passed.response.complete());
  ASSERT_TRUE(IsOk(stack().Control(kOtherGateway, {{"command", "start"}})));
  ASSERT_TRUE(IsOk(stack().WaitForGateways(3)));
}

TEST_F(AppConfigFaultsTest, SilentGatewayKeepsAllUntouched) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kOtherGateway, {{"no_answer", {"get_configs"}}})));
  const absl::Time begin = absl::Now();
  const auto refused = Update(SetEntry(7, "Y"));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(8));
  EXPECT_THAT(Outcomes(refused), ElementsAre("CHECKED", "REFUSED", "CHECKED"));
  EXPECT_FALSE(refused.response.complete());
  ExpectFailure(refused.response.changes(1).error(), StatusCode::DEADLINE_EXCEEDED,
                {.part = "did not answer", .gateway_id = kOtherGateway, .sink_id = kSink});
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  ExpectUntouched();
}

TEST_F(AppConfigFaultsTest, SlowGatewaysAreWaitedFor) {
  ASSERT_TRUE(IsOk(stack().SetFaults("all", {{"answer_delay_ms", 700}})));
  EXPECT_THAT(Outcomes(Update(SetEntry(7, "Y"))), ElementsAre("CHANGED", "CHANGED", "CHANGED"));
}

TEST_F(AppConfigFaultsTest, OneThatRefusesDoesNotKeepTheOthersFromBeingChanged) {
  ASSERT_TRUE(IsOk(
      stack().SetFaults(kOtherGateway, {{"error_codes", {{"set_config", "INVALID_APP_CONFIG"}}}})));
  const auto result = Update(SetEntry(7, "Y"));
  EXPECT_THAT(Outcomes(result), ElementsAre("CHANGED", "FAILED", "CHANGED"));
  EXPECT_FALSE(result.response.complete());
  ExpectFailure(result.response.changes(1).error(), StatusCode::INVALID_ARGUMENT,
                {.part = "INVALID_APP_CONFIG",
                 .gateway_id = kOtherGateway,
                 .sink_id = kSink,
                 .result = mesh::RESULT_CODE_INVALID_APP_CONFIG,
                 .sent = true});
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_EQ(HexOf(kOtherGateway), "f67e01050158");
  // A repetition changes what was not.
  EXPECT_THAT(Outcomes(Update(SetEntry(7, "Y"))), ElementsAre("UNCHANGED", "CHANGED", "UNCHANGED"));
}

TEST_F(AppConfigFaultsTest, OneThatDoesNotAnswerFailsAlone) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kThirdGateway, {{"no_answer", {"set_config"}}})));
  const auto result = Update(SetEntry(7, "Y"));
  EXPECT_THAT(Outcomes(result), ElementsAre("CHANGED", "CHANGED", "FAILED"));
  ExpectFailure(result.response.changes(2).error(), StatusCode::DEADLINE_EXCEEDED,
                {.part = "", .gateway_id = kThirdGateway, .sink_id = kSink, .sent = true});
  // It was carried out, which the next update sees.
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_THAT(Outcomes(Update(SetEntry(7, "Y"))),
              ElementsAre("UNCHANGED", "UNCHANGED", "UNCHANGED"));
}

TEST_F(AppConfigFaultsTest, DeadlineOfTheClientLeavesAResultPerSink) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kThirdGateway, {{"no_answer", {"set_config"}}})));
  const auto result = Update(SetEntry(7, "Y"), absl::Seconds(2));
  EXPECT_THAT(Outcomes(result), ElementsAre("CHANGED", "CHANGED", "FAILED"));
}

TEST_F(AppConfigFaultsTest, UpdatesOfOneSinkDoNotOverlap) {
  ASSERT_TRUE(IsOk(stack().SetFaults(kThirdGateway, {{"no_answer", {"set_config"}}})));
  const auto peer = stack().NewPeer({"gw-request/set_config/#"});
  AsyncCall<mesh::UpdateAppConfigResponse> first(app_configs(), &AppConfigs::UpdateAppConfig,
                                                 SetEntry(7, "Y"));
  ASSERT_TRUE(
      peer->Take(OnTopic(absl::StrCat("gw-request/set_config/", kThirdGateway, "/", kSink))).ok());
  ExpectFailure(
      Update(SetEntry(8, "Z")).status, StatusCode::ABORTED,
      {.part = "another change of it is under way", .gateway_id = kGateway, .sink_id = kSink});
  first.Cancel();
  EXPECT_EQ(first.Get().status.error_code(), StatusCode::CANCELLED);
  ASSERT_TRUE(IsOk(stack().ClearFaults()));
  EXPECT_TRUE(Eventually([&] { return Update(SetEntry(8, "Z")).ok(); }));
}

}  // namespace
}  // namespace wirepas_grpc::integration
