// SPDX-License-Identifier: Apache-2.0
#include "core/app_config/updater.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Outcome = AppConfigChange::Outcome;
using SinkKey = std::pair<std::string, std::string>;

const std::string kOneEntry = "\xF6\x7E\x01\x05\x01X";

// The gateways "g" and "h", each with the sinks "s" and "t" in network 7, as they
// answer. Called on the broker's thread and on the test's.
class Gateways {
 public:
  explicit Gateways(FakeBroker* broker) : broker_(broker) {
    for (const char* gateway : {"g", "h"}) {
      for (const char* sink : {"s", "t"}) {
        gw::SinkReadConfig& config = configs_[{gateway, sink}];
        config.set_sink_id(sink);
        config.set_network_address(7);
        config.mutable_app_config()->set_app_config_data(kOneEntry);
        config.mutable_app_config()->set_diag_interval_s(60);
        config.mutable_app_config()->set_seq(9);
      }
    }
    broker_->set_on_publish([this](const FakeBroker::Published& published) { On(published); });
  }

  template <typename Change>
  void Edit(const SinkKey& sink, Change change) {
    MutexLock lock(&mutex_);
    change(&configs_[sink]);
  }
  void Remove(const SinkKey& sink) {
    MutexLock lock(&mutex_);
    configs_.erase(sink);
  }
  void Silence(const std::string& gateway) {
    MutexLock lock(&mutex_);
    silent_.insert(gateway);
  }
  // What the sink answers to a new config; nothing: it does not.
  void Refuse(const SinkKey& sink, std::optional<gw::ErrorCode> code) {
    MutexLock lock(&mutex_);
    refused_[sink] = code;
  }
  // The new app configs that were asked for, in their order.
  std::vector<std::pair<SinkKey, gw::AppConfigData>> sets() const {
    MutexLock lock(&mutex_);
    return sets_;
  }
  int refreshes() const {
    MutexLock lock(&mutex_);
    return refreshes_;
  }

 private:
  void On(const FakeBroker::Published& published) {
    gw::GenericMessage decoded;
    if (Decode(published.payload, &decoded) != DropReason::kNone) return;
    const std::vector<std::string> levels = absl::StrSplit(published.topic, '/');
    const std::string& gateway = levels[2];
    gw::WirepasMessage answer;
    std::string topic;
    {
      MutexLock lock(&mutex_);
      if (decoded.wirepas().has_get_configs_req()) {
        ++refreshes_;
        if (silent_.contains(gateway)) return;
        gw::GetConfigsResp* response = answer.mutable_get_configs_resp();
        SetHeader(decoded.wirepas().get_configs_req().header(), gateway, gw::OK,
                  response->mutable_header());
        for (const auto& [key, config] : configs_) {
          if (key.first == gateway) *response->add_configs() = config;
        }
        topic = absl::StrCat("gw-response/get_configs/", gateway);
      } else {
        const SinkKey key(gateway, levels[3]);
        const gw::SetConfigReq& request = decoded.wirepas().set_config_req();
        sets_.emplace_back(key, request.config().app_config());
        const auto refused = refused_.find(key);
        if (refused != refused_.end() && !refused->second.has_value()) return;
        gw::SetConfigResp* response = answer.mutable_set_config_resp();
        const gw::ErrorCode code = refused == refused_.end() ? gw::OK : *refused->second;
        SetHeader(request.header(), gateway, code, response->mutable_header());
        if (code == gw::OK) *configs_[key].mutable_app_config() = request.config().app_config();
        *response->mutable_config() = configs_[key];
        topic = absl::StrCat("gw-response/set_config/", gateway, "/", key.second);
      }
    }
    broker_->Deliver(topic, Encode(answer));
  }

  static void SetHeader(const gw::RequestHeader& request, const std::string& gateway,
                        gw::ErrorCode code, gw::ResponseHeader* header) {
    header->set_req_id(request.req_id());
    header->set_gw_id(gateway);
    header->set_res(code);
  }

  FakeBroker* const broker_;
  mutable Mutex mutex_;
  std::map<SinkKey, gw::SinkReadConfig> configs_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> silent_ ABSL_GUARDED_BY(mutex_);
  std::map<SinkKey, std::optional<gw::ErrorCode>> refused_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<SinkKey, gw::AppConfigData>> sets_ ABSL_GUARDED_BY(mutex_);
  int refreshes_ ABSL_GUARDED_BY(mutex_) = 0;
};

class AppConfigUpdaterTest : public NetworkFixture {
 protected:
  AppConfigUpdaterTest() { StartSynced(); }
  // Nothing may run any more when the members go.
  ~AppConfigUpdaterTest() override {
    network_.Stop();
    executor_.Stop();
  }

  static SinkPath Path(const std::string& gateway, const std::string& sink) {
    return {*GatewayId::Parse(gateway), *SinkId::Parse(sink)};
  }

  // Sets entry 6 in all four sinks.
  static AppConfigUpdater::Job AllSinks() {
    AppConfigUpdater::Job job;
    for (const char* gateway : {"g", "h"}) {
      for (const char* sink : {"s", "t"}) job.sinks.push_back(Path(gateway, sink));
    }
    job.edit.set = {{6, "Y"}};
    return job;
  }

  std::shared_ptr<AppConfigUpdater::Update> Start(AppConfigUpdater::Job job) {
    auto update = updater_.Start(
        std::move(job),
        [results = results_](const AppConfigUpdater::Result& result) { results->Put(result); });
    Settle();
    Settle();
    return update;
  }

  bool Ended() { return !results_->empty(); }
  AppConfigUpdater::Result Result() {
    return results_->Take().value_or(absl::InternalError("it did not end"));
  }
  std::vector<AppConfigChange> Changes() {
    AppConfigUpdater::Result result = Result();
    EXPECT_TRUE(result.ok()) << result.status().message();
    return result.ok() ? *std::move(result) : std::vector<AppConfigChange>();
  }
  static std::vector<Outcome> Outcomes(const std::vector<AppConfigChange>& changes) {
    std::vector<Outcome> outcomes;
    for (const AppConfigChange& change : changes) outcomes.push_back(change.outcome);
    return outcomes;
  }

  // Runs an update of which one sink is to be refused, and expects that nothing is sent.
  void ExpectRefused(AppConfigUpdater::Job job, size_t index, absl::StatusCode code,
                     const std::string& words) {
    Start(std::move(job));
    if (!Ended()) {  // waits for somebody silent
      scheduler_.Advance(AppConfigUpdater::kRefreshLimit);
      Settle();
    }
    const std::vector<AppConfigChange> changes = Changes();
    ASSERT_GT(changes.size(), index);
    EXPECT_EQ(changes[index].outcome, Outcome::kRefused);
    EXPECT_EQ(changes[index].error.status.code(), code);
    EXPECT_THAT(std::string(changes[index].error.status.message()), HasSubstr(words));
    EXPECT_EQ(changes[index].error.request_id, 0u);
    for (size_t i = 0; i < changes.size(); ++i) {
      if (i == index) continue;
      EXPECT_EQ(changes[i].outcome, Outcome::kChecked) << i;
    }
    EXPECT_THAT(gateways_.sets(), IsEmpty());
  }

  std::shared_ptr<Inbox<AppConfigUpdater::Result>> results_ =
      std::make_shared<Inbox<AppConfigUpdater::Result>>();
  Gateways gateways_{&broker_};
  AppConfigUpdater updater_{&network_};
};

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
  scheduler_.Advance(AppConfigUpdater::kChangeLimit);
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
  scheduler_.Advance(AppConfigUpdater::kChangeLimit);
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

TEST_F(AppConfigUpdaterTest, WithoutBrokerAllAreRefused) {
  broker_.Disconnect();
  Settle();
  Start(AllSinks());
  for (const AppConfigChange& change : Changes()) {
    EXPECT_EQ(change.outcome, Outcome::kRefused);
    EXPECT_TRUE(absl::IsUnavailable(change.error.status));
  }
}

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
    scheduler_.Advance(AppConfigUpdater::kChangeLimit);
    Settle();
    EXPECT_EQ(gateways_.sets().size(), sent);
    EXPECT_FALSE(Ended());
  }
  scheduler_.Advance(AppConfigUpdater::kChangeLimit);
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
