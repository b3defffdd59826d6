// SPDX-License-Identifier: Apache-2.0
#include "tests/core/app_config/updater_fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Outcome = AppConfigChange::Outcome;

TEST_F(AppConfigUpdaterTest, ChangesEverySink) {
  Start(AllSinks());
  const std::vector<AppConfigChange> changes = Changes();
  EXPECT_THAT(Outcomes(changes), ElementsAre(Outcome::kChanged, Outcome::kChanged,
                                             Outcome::kChanged, Outcome::kChanged));
  EXPECT_EQ(changes[0].size_before, 6u);
  EXPECT_EQ(changes[0].size_after, 9u);
  EXPECT_EQ(changes[0].max_size, 80u);
  EXPECT_TRUE(changes[0].error.status.ok());
  const auto sets = gateways_.sets();
  ASSERT_EQ(sets.size(), 4u);
  for (const auto& [sink, app_config] : sets) {
    EXPECT_EQ(app_config.app_config_data(), "\xF6\x7E\x02\x05\x01X\x06\x01Y");
    EXPECT_EQ(app_config.seq(), 10u);
    EXPECT_EQ(app_config.diag_interval_s(), 60u);
  }
  EXPECT_EQ(gateways_.refreshes(), 2);
}

TEST_F(AppConfigUpdaterTest, LeavesAloneWhatIsAsWanted) {
  gateways_.Edit({"g", "t"}, [](gw::SinkReadConfig* config) {
    config->mutable_app_config()->set_app_config_data("\xF6\x7E\x01\x06\x01Y");
  });
  Start(AllSinks());
  const std::vector<AppConfigChange> changes = Changes();
  EXPECT_EQ(changes[1].outcome, Outcome::kUnchanged);
  EXPECT_EQ(gateways_.sets().size(), 3u);
  Start(AllSinks());
  for (const Outcome outcome : Outcomes(Changes())) EXPECT_EQ(outcome, Outcome::kUnchanged);
  EXPECT_EQ(gateways_.sets().size(), 3u);
}

TEST_F(AppConfigUpdaterTest, ADryRunSendsNothing) {
  AppConfigUpdater::Job job = AllSinks();
  job.dry_run = true;
  Start(job);
  for (const Outcome outcome : Outcomes(Changes())) EXPECT_EQ(outcome, Outcome::kChecked);
  EXPECT_THAT(gateways_.sets(), IsEmpty());
}

TEST_F(AppConfigUpdaterTest, OneThatDoesNotFitKeepsAllFromBeingChanged) {
  gateways_.Edit({"h", "s"},
                 [](gw::SinkReadConfig* config) { config->set_app_config_max_size(8); });
  ExpectRefused(AllSinks(), 2, absl::StatusCode::kResourceExhausted, "9 bytes, 8 are possible");
}

TEST_F(AppConfigUpdaterTest, OneThatIsNotTlvKeepsAllFromBeingChanged) {
  const auto spoil = [](gw::SinkReadConfig* config) {
    config->mutable_app_config()->set_app_config_data("text");
  };
  gateways_.Edit({"g", "s"}, spoil);
  AppConfigUpdater::Job job = AllSinks();
  ExpectRefused(job, 0, absl::StatusCode::kFailedPrecondition, "not in TLV form");
  job.edit.override_non_tlv = true;
  Start(job);
  EXPECT_EQ(Changes()[0].outcome, Outcome::kChanged);
  EXPECT_EQ(gateways_.sets()[0].second.app_config_data(), "\xF6\x7E\x01\x06\x01Y");
}

TEST_F(AppConfigUpdaterTest, OneThatTellsNoAppConfigIsRefused) {
  gateways_.Edit({"g", "s"}, [](gw::SinkReadConfig* config) { config->clear_app_config(); });
  ExpectRefused(AllSinks(), 0, absl::StatusCode::kFailedPrecondition, "does not tell");
}

TEST_F(AppConfigUpdaterTest, OneThatHasGoneIsRefused) {
  gateways_.Remove({"h", "t"});
  ExpectRefused(AllSinks(), 3, absl::StatusCode::kNotFound, "gateway 'h', sink 't'");
}

TEST_F(AppConfigUpdaterTest, OneThatHasGoneToAnotherNetworkIsRefused) {
  gateways_.Edit({"h", "t"}, [](gw::SinkReadConfig* config) { config->set_network_address(8); });
  AppConfigUpdater::Job job = AllSinks();
  job.network_address = 7;
  ExpectRefused(job, 3, absl::StatusCode::kNotFound, "not in network 7");
}

TEST_F(AppConfigUpdaterTest, SinksOfAnOfflineGatewayAreRefused) {
  AppConfigUpdater::Job job = AllSinks();
  job.sinks.push_back(Path("off", "s"));
  ExpectRefused(job, 4, absl::StatusCode::kUnavailable, "offline");
}

TEST_F(AppConfigUpdaterTest, SinksOfASilentGatewayAreRefused) {
  gateways_.Silence("h");
  AppConfigUpdater::Job job = AllSinks();
  job.sinks.pop_back();
  ExpectRefused(job, 2, absl::StatusCode::kDeadlineExceeded, "did not answer");
}

TEST_F(AppConfigUpdaterTest, OneThatFailsDoesNotKeepTheOthersFromBeingChanged) {
  gateways_.Refuse({"g", "t"}, gw::INVALID_APP_CONFIG);
  gateways_.Refuse({"h", "s"}, std::nullopt);
  Start(AllSinks());
  EXPECT_FALSE(Ended());
  scheduler_.Advance(kChangeLimit);
  Settle();
  const std::vector<AppConfigChange> changes = Changes();
  EXPECT_THAT(Outcomes(changes), ElementsAre(Outcome::kChanged, Outcome::kFailed, Outcome::kFailed,
                                             Outcome::kChanged));
  EXPECT_TRUE(absl::IsInvalidArgument(changes[1].error.status));
  EXPECT_EQ(changes[1].error.answer, gw::INVALID_APP_CONFIG);
  EXPECT_TRUE(absl::IsDeadlineExceeded(changes[2].error.status));
  EXPECT_NE(changes[2].error.request_id, 0u);
  // The next update finds them free.
  gateways_.Refuse({"g", "t"}, gw::OK);
  gateways_.Refuse({"h", "s"}, gw::OK);
  Start(AllSinks());
  EXPECT_THAT(Outcomes(Changes()), ElementsAre(Outcome::kUnchanged, Outcome::kChanged,
                                               Outcome::kChanged, Outcome::kUnchanged));
}

TEST_F(AppConfigUpdaterTest, TwoUpdatesOfOneSinkStandInEachOthersWay) {
  gateways_.Refuse({"g", "s"}, std::nullopt);
  Start(AllSinks());
  AppConfigUpdater::Job second;
  second.sinks = {Path("g", "s")};
  second.edit.set = {{7, "Z"}};
  Start(second);
  const AppConfigUpdater::Result aborted = Result();
  EXPECT_TRUE(absl::IsAborted(aborted.status()));
  EXPECT_THAT(std::string(aborted.status().message()), HasSubstr("gateway 'g', sink 's'"));
  // One that only looks does not.
  second.dry_run = true;
  Start(second);
  EXPECT_THAT(Outcomes(Changes()), ElementsAre(Outcome::kChecked));
  scheduler_.Advance(kChangeLimit);
  Settle();
  EXPECT_EQ(Changes()[0].outcome, Outcome::kFailed);
}

TEST_F(AppConfigUpdaterTest, NothingFurtherIsSentAfterACancel) {
  gateways_.Silence("g");
  const auto refreshing = Start(AllSinks());
  updater_.Cancel(refreshing);
  Settle();
  EXPECT_TRUE(absl::IsCancelled(Result().status()));
  EXPECT_THAT(gateways_.sets(), IsEmpty());
}

TEST_F(AppConfigUpdaterTest, TheTimeForAllOfItEnds) {
  gateways_.Silence("g");
  AppConfigUpdater::Job job = AllSinks();
  job.limit = absl::Seconds(1);
  Start(job);
  scheduler_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_EQ(Changes()[0].outcome, Outcome::kRefused);
}

TEST_F(AppConfigUpdaterTest, StepsOfTheWallClockAreNotOfThatTime) {
  for (const absl::Duration jump : {absl::Hours(24), -absl::Hours(24)}) {
    gateways_.Refuse({"g", "s"}, std::nullopt);  // it is silent
    AppConfigUpdater::Job job = AllSinks();
    job.edit.set = {{6, jump > absl::ZeroDuration() ? "Y" : "Z"}};
    job.limit = absl::Seconds(3);
    job.sinks = {Path("g", "s"), Path("g", "t")};
    Start(job);
    scheduler_.JumpTo(scheduler_.Now() + jump);
    scheduler_.Advance(absl::Seconds(3) - absl::Milliseconds(1));
    Settle();
    EXPECT_FALSE(Ended());
    scheduler_.Advance(absl::Milliseconds(1));
    Settle();
    const std::vector<AppConfigChange> changes = Changes();
    EXPECT_EQ(changes.at(0).outcome, Outcome::kFailed);
    EXPECT_EQ(changes.at(1).outcome, Outcome::kChanged);
  }
}

TEST_F(AppConfigUpdaterTest, WithoutBrokerAllAreRefused) {
  broker_.Disconnect();
  Settle();
  Start(AllSinks());
  for (const AppConfigChange& change : Changes()) {
    EXPECT_EQ(change.outcome, Outcome::kRefused);
    EXPECT_TRUE(absl::IsUnavailable(change.error.status));
  }
}

TEST_F(AppConfigUpdaterTest, DrainingBeginsNothing) {
  gateways_.Silence("g");
  Start(AllSinks());  // waits for answers
  network_.Drain();
  Start(AllSinks());
  EXPECT_TRUE(absl::IsUnavailable(Result().status()));
  scheduler_.Advance(AppConfigUpdater::kRefreshLimit);
  Settle();
  EXPECT_TRUE(absl::IsUnavailable(Result().status()));
  EXPECT_THAT(gateways_.sets(), IsEmpty());
}

TEST_F(AppConfigUpdaterTest, TheEndOfRequestsTellsOfEachSinkWhatWasSent) {
  gateways_.Refuse({"g", "s"}, std::nullopt);
  Start(AllSinks());
  network_.EndRequests();
  const std::vector<AppConfigChange> changes = Changes();
  ASSERT_EQ(changes.size(), 4u);
  EXPECT_TRUE(absl::IsDeadlineExceeded(changes[0].error.status)) << changes[0].error.status;
  EXPECT_EQ(changes[0].error.fate(), RequestFate::kUnknown);
  for (size_t i = 1; i < changes.size(); ++i) EXPECT_EQ(changes[i].outcome, Outcome::kChanged);
}

}  // namespace
}  // namespace wirepas_grpc::core
