// SPDX-License-Identifier: Apache-2.0
//
// Gateways that tell more than there can be.
#include <string>

#include "absl/strings/str_cat.h"
#include "core/directory/directory.h"
#include "core/directory/gateway_bounds.h"
#include "gtest/gtest.h"
#include "spdlog/spdlog.h"
#include "tests/core/directory/directory_fixture.h"

namespace wirepas_grpc::core {
namespace {

class DirectoryBoundsTest : public DirectoryFixture {
 protected:
  DirectoryBoundsTest() { spdlog::set_level(spdlog::level::off); }
  ~DirectoryBoundsTest() override { spdlog::set_level(spdlog::level::info); }

  // A status with sinks s0, s1, ..., each with an app config of so many bytes.
  static gw::StatusEvent Large(const std::string& gateway, size_t sinks, size_t bytes) {
    gw::StatusEvent status = StatusOf(gateway, gw::ON);
    for (size_t i = 0; i < sinks; ++i) {
      SinkConfig* config = status.add_configs();
      config->set_sink_id(absl::StrCat("s", i));
      config->mutable_app_config()->set_diag_interval_s(60);
      config->mutable_app_config()->set_seq(1);
      config->mutable_app_config()->set_app_config_data(std::string(bytes, 'x'));
    }
    return status;
  }

  // What the directory says that it keeps, which must be near the truth.
  size_t TrueMemory() const {
    size_t bytes = 0;
    for (const GatewayPtr& gateway : directory_.Snapshot()->gateways) {
      for (const auto& [id, config] : gateway->sinks) bytes += config->SpaceUsedLong();
    }
    return bytes;
  }
};

TEST_F(DirectoryBoundsTest, ThereIsRoomForHundredsOfFullSinks) {
  directory_.OnStatus("g", Large("g", kMaxSinksOfGateway, 80), false);
  EXPECT_EQ(directory_.Find("g")->sinks.size(), kMaxSinksOfGateway);
  EXPECT_EQ(directory_.refused_sinks(), 0u);
}

// Results of its sinks take a small part of what there is room for in one response.
TEST_F(DirectoryBoundsTest, SinksWithLongIdsAreFewer) {
  const std::string gateway(kMaxIdLength, 'g');
  gw::StatusEvent status = Large(gateway, kMaxSinksOfGateway, 0);
  for (SinkConfig& config : *status.mutable_configs()) {
    std::string id = config.sink_id() + "-";
    id.resize(kMaxIdLength, 'x');
    config.set_sink_id(id);
  }
  directory_.OnStatus(gateway, status, false);
  const size_t one = ResultBytesOf(gateway, gateway);
  const size_t taken = directory_.Find(gateway)->sinks.size();
  EXPECT_EQ(taken, kMaxResultBytesOfGateway / one);
  EXPECT_GE(taken, 32u);
  EXPECT_EQ(directory_.refused_sinks(), kMaxSinksOfGateway - taken);
  // Those that are there can change.
  directory_.OnConfig(gateway, status.configs(0));
  EXPECT_EQ(directory_.refused_sinks(), kMaxSinksOfGateway - taken);
}

TEST_F(DirectoryBoundsTest, AppConfigsTogetherAreBounded) {
  directory_.OnStatus("g", Large("g", 100, 1000), false);
  EXPECT_EQ(directory_.Find("g")->sinks.size(), kMaxAppConfigBytesOfGateway / 1000);
  // The larger config of one that is there is not taken either, and a smaller one is.
  const uint64_t refused = directory_.refused_sinks();
  directory_.OnConfig("g", Large("g", 1, 2000).configs(0));
  EXPECT_EQ(directory_.refused_sinks(), refused + 1);
  directory_.OnConfig("g", Large("g", 1, 10).configs(0));
  EXPECT_EQ(directory_.refused_sinks(), refused + 1);
}

TEST_F(DirectoryBoundsTest, MoreSinksThanThatAreNotTakenHoweverTheyAreTold) {
  const gw::StatusEvent status = Large("g", kMaxSinksOfGateway + 10, 1);
  directory_.OnStatus("g", status, false);
  EXPECT_EQ(directory_.Find("g")->sinks.size(), kMaxSinksOfGateway);
  EXPECT_EQ(directory_.refused_sinks(), 10u);
  directory_.OnConfigs("g", status.configs());
  EXPECT_EQ(directory_.Find("g")->sinks.size(), kMaxSinksOfGateway);
  EXPECT_EQ(directory_.refused_sinks(), 20u);
  SinkConfig one = status.configs(0);
  one.set_sink_id("one-more");
  directory_.OnConfig("g", one);
  EXPECT_EQ(directory_.Find("g")->sinks.size(), kMaxSinksOfGateway);
  EXPECT_EQ(directory_.refused_sinks(), 21u);
}

TEST_F(DirectoryBoundsTest, ASinkWithTooLargeAConfigIsNotTakenAndTheOthersAre) {
  gw::StatusEvent status = Large("g", 2, 10);
  status.mutable_configs(0)->mutable_app_config()->set_app_config_data(
      std::string(kMaxSinkConfigBytes, 'x'));
  directory_.OnStatus("g", status, false);
  EXPECT_EQ(SinkIds(directory_.Find("g")), std::vector<std::string>{"s1"});
  EXPECT_EQ(directory_.refused_sinks(), 1u);
}

// The sink keeps the config that it had.
TEST_F(DirectoryBoundsTest, AnAnswerWithTooLargeAConfigChangesNothing) {
  directory_.OnStatus("g", Large("g", 1, 10), false);
  const auto before = directory_.Find("g")->sinks;
  SinkConfig large = Large("g", 1, kMaxSinkConfigBytes).configs(0);
  directory_.OnConfig("g", large);
  EXPECT_EQ(directory_.Find("g")->sinks, before);
  EXPECT_EQ(directory_.refused_sinks(), 1u);
}

// Nothing is kept of it, not even when it came: an older one counts as the first.
TEST_F(DirectoryBoundsTest, AnAnswerThatIsNotTakenIsAsIfItHadNotCome) {
  directory_.OnStatus("g", Large("g", 1, 10), false);
  SinkConfig sink = Large("g", 1, kMaxSinkConfigBytes).configs(0);
  sink.set_sink_id("new");
  directory_.OnConfig("g", sink, 1'800'000'002'000);
  EXPECT_EQ(directory_.Find("g")->sinks.count("new"), 0u);
  sink.mutable_app_config()->set_app_config_data("small");
  directory_.OnConfig("g", sink, 1'800'000'001'000);
  EXPECT_EQ(directory_.Find("g")->sinks.count("new"), 1u);
}

// Items of a few bytes each take many times as much once they are decoded.
TEST_F(DirectoryBoundsTest, TheMemoryOfAGatewayIsBoundedWhateverItTells) {
  gw::StatusEvent status = Large("g", kMaxSinksOfGateway, 0);
  for (SinkConfig& config : *status.mutable_configs()) {
    for (int i = 0; i < 2000; ++i) {
      gw::ConfigurationDataItem* item = config.add_configuration_data_content();
      item->set_endpoint(1);
      item->set_payload("");
    }
  }
  directory_.OnStatus("g", status, false);
  EXPECT_LE(directory_.Find("g")->sink_memory, kMaxSinkMemoryOfGateway);
  EXPECT_LE(TrueMemory(), kMaxSinkMemoryOfGateway);
  EXPECT_GE(directory_.Find("g")->sinks.size(), 1u);
  // One by one neither.
  for (const SinkConfig& config : status.configs()) directory_.OnConfig("g", config);
  EXPECT_LE(TrueMemory(), kMaxSinkMemoryOfGateway);
}

TEST_F(DirectoryBoundsTest, ModelVersionAndFeaturesAreCut) {
  gw::StatusEvent status = StatusOf("g", gw::ON);
  status.set_gw_model(std::string(100'000, 'm'));
  status.set_gw_version(std::string(100'000, 'v'));
  for (int i = 0; i < 10'000; ++i) status.add_gw_features(gw::SCRATCHPAD_CHUNK_V1);
  directory_.OnStatus("g", status, false);
  const GatewayPtr gateway = directory_.Find("g");
  EXPECT_EQ(gateway->model, std::string(kMaxTextBytes, 'm'));
  EXPECT_EQ(gateway->version, std::string(kMaxTextBytes, 'v'));
  EXPECT_EQ(gateway->features, std::vector<int>{gw::SCRATCHPAD_CHUNK_V1});
}

TEST_F(DirectoryBoundsTest, TheMemoryOfAllIsBoundedAndThoseKnownStay) {
  constexpr size_t kBound = 4 << 20;
  NetworkDirectory small({.max_memory = kBound}, &executor_, &scheduler_);
  small.OnStatus("good", StatusOf("good", gw::ON, {"s"}), false);
  for (int i = 0; i < 200; ++i) {
    const std::string id = absl::StrCat("hostile-", i);
    small.OnStatus(id, Large(id, 32, 1000), false);
    EXPECT_LE(small.memory(), kBound);
  }
  EXPECT_GT(small.refused_gateways(), 50u);
  // Its state goes on being told, and its sinks stay though there is no room for more.
  small.OnStatus("good", StatusOf("good", gw::OFF), false);
  EXPECT_EQ(small.Find("good")->state, GatewayState::kOffline);
  small.OnStatus("good", Large("good", 300, 100), false);
  EXPECT_TRUE(small.Find("good")->online());
  EXPECT_EQ(small.Find("good")->sinks.count("s"), 1u);
  EXPECT_LE(small.memory(), kBound);
  EXPECT_GE(small.refused_sinks(), 300u);
  const uint64_t refused = small.refused_sinks();
  small.OnConfigs("good", Large("good", 300, 100).configs());
  EXPECT_EQ(small.refused_sinks(), refused + 300);
  EXPECT_EQ(small.Find("good")->sinks.size(), 1u);
  // Less than there was is taken even so.
  small.OnConfigs("hostile-0", Large("hostile-0", 1, 10).configs());
  EXPECT_EQ(small.Find("hostile-0")->sinks.size(), 1u);
  // Room comes back.
  for (int i = 0; i < 200; ++i) small.OnCleared(absl::StrCat("hostile-", i));
  small.OnStatus("good", Large("good", 300, 100), false);
  EXPECT_EQ(small.Find("good")->sinks.size(), 300u);
}

TEST_F(DirectoryBoundsTest, WhatIsGoneIsNotCounted) {
  const size_t empty = directory_.memory();
  for (int round = 0; round < 10; ++round) {
    directory_.OnStatus("g", Large("g", 100, 100 * static_cast<size_t>(round)), false);
    directory_.OnStatus("g", StatusOf("g", gw::OFF), false);
    directory_.OnConfigs("g", Large("g", 50, 10).configs());
    directory_.OnConfig("g", Large("g", 60, 20).configs(55));
  }
  EXPECT_GT(directory_.memory(), TrueMemory());
  EXPECT_LT(directory_.memory(), 3 * TrueMemory());
  directory_.OnCleared("g");
  EXPECT_EQ(directory_.memory(), empty);
}

}  // namespace
}  // namespace wirepas_grpc::core
