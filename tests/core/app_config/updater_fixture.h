// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_APP_CONFIG_UPDATER_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_APP_CONFIG_UPDATER_FIXTURE_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/app_config/updater.h"
#include "core/base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {

using SinkKey = std::pair<std::string, std::string>;

inline const std::string kOneEntry = "\xF6\x7E\x01\x05\x01X";

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
  static std::vector<AppConfigChange::Outcome> Outcomes(
      const std::vector<AppConfigChange>& changes) {
    std::vector<AppConfigChange::Outcome> outcomes;
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
    EXPECT_EQ(changes[index].outcome, AppConfigChange::Outcome::kRefused);
    EXPECT_EQ(changes[index].error.status.code(), code);
    EXPECT_THAT(std::string(changes[index].error.status.message()), testing::HasSubstr(words));
    EXPECT_EQ(changes[index].error.request_id, 0u);
    for (size_t i = 0; i < changes.size(); ++i) {
      if (i == index) continue;
      EXPECT_EQ(changes[i].outcome, AppConfigChange::Outcome::kChecked) << i;
    }
    EXPECT_THAT(gateways_.sets(), testing::IsEmpty());
  }

  std::shared_ptr<Inbox<AppConfigUpdater::Result>> results_ =
      std::make_shared<Inbox<AppConfigUpdater::Result>>();
  Gateways gateways_{&broker_};
  SinkHolds holds_{&scheduler_};
  AppConfigUpdater updater_{&network_, &holds_};
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_APP_CONFIG_UPDATER_FIXTURE_H_
