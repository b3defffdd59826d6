// SPDX-License-Identifier: Apache-2.0
#include "tests/core/app_config/updater_fixture.h"

namespace wirepas_grpc::core {
namespace {

using Outcome = AppConfigChange::Outcome;

// One gateway with many sinks, none of which answers.
class ManySinksTest : public AppConfigUpdaterTest {
 protected:
  static constexpr size_t kSinks = 40;

  ManySinksTest() {
    for (size_t i = 0; i < kSinks; ++i) {
      const std::string sink = absl::StrCat("m", 100 + i);
      gateways_.Edit({"g", sink}, [&](gw::SinkReadConfig* config) {
        config->set_sink_id(sink);
        config->mutable_app_config()->set_app_config_data("");
        config->mutable_app_config()->set_diag_interval_s(0);
        config->mutable_app_config()->set_seq(254);
      });
      gateways_.Refuse({"g", sink}, std::nullopt);
      job_.sinks.push_back(Path("g", sink));
    }
    job_.edit.set = {{6, "Y"}};
  }

  AppConfigUpdater::Job job_;
};

TEST_F(ManySinksTest, AFewAreChangedAtATime) {
  Start(job_);
  EXPECT_EQ(gateways_.sets().size(), 16u);
  EXPECT_EQ(gateways_.sets()[0].second.seq(), 0u);
  for (const size_t sent : {32u, 40u}) {
    scheduler_.Advance(kChangeLimit);
    Settle();
    EXPECT_EQ(gateways_.sets().size(), sent);
    EXPECT_FALSE(Ended());
  }
  scheduler_.Advance(kChangeLimit);
  Settle();
  EXPECT_EQ(Changes().size(), kSinks);
}

TEST_F(ManySinksTest, ACancelStopsInTheMiddle) {
  const auto update = Start(job_);
  updater_.Cancel(update);
  Settle();
  EXPECT_TRUE(absl::IsCancelled(Result().status()));
  scheduler_.Advance(absl::Minutes(1));
  Settle();
  EXPECT_EQ(gateways_.sets().size(), 16u);
  updater_.Cancel(update);  // does nothing
  // They are free again.
  Start(job_);
  EXPECT_EQ(gateways_.sets().size(), 32u);
}

TEST_F(ManySinksTest, DrainingGoesOnAndTheEndOfRequestsTellsWhatWasSent) {
  Start(job_);
  network_.Drain();
  scheduler_.Advance(kChangeLimit);
  Settle();
  EXPECT_EQ(gateways_.sets().size(), 32u) << "it had begun";
  network_.EndRequests();
  const std::vector<AppConfigChange> changes = Changes();
  EXPECT_EQ(changes[31].error.fate(), RequestFate::kUnknown);
  EXPECT_TRUE(absl::IsUnavailable(changes[32].error.status)) << changes[32].error.status;
  EXPECT_EQ(changes[32].error.fate(), RequestFate::kNotSent);
  EXPECT_EQ(gateways_.sets().size(), 32u);
}

TEST_F(ManySinksTest, WhoseTurnDoesNotComeInTimeIsNotSent) {
  job_.limit = absl::Seconds(4);
  Start(job_);
  scheduler_.Advance(absl::Seconds(4));
  Settle();
  const std::vector<AppConfigChange> changes = Changes();
  EXPECT_TRUE(absl::IsDeadlineExceeded(changes[15].error.status));
  EXPECT_TRUE(absl::IsUnavailable(changes[16].error.status));
  EXPECT_EQ(changes[16].outcome, Outcome::kFailed);
  EXPECT_EQ(gateways_.sets().size(), 16u);
}

}  // namespace
}  // namespace wirepas_grpc::core
