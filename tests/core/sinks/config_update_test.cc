// SPDX-License-Identifier: Apache-2.0
#include "core/sinks/config_update.h"

#include <string>

#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;
using testing::ElementsAre;
using testing::HasSubstr;

// A sink that tells all.
SinkConfig Told() {
  SinkConfig told;
  told.set_sink_id("s");
  told.mutable_node_role()->set_role(gw::NodeRole::SINK);
  told.mutable_node_role()->add_flags(gw::NodeRole::LOW_LATENCY);
  told.set_node_address(1);
  told.set_network_address(7);
  told.set_network_channel(5);
  told.mutable_app_config()->set_diag_interval_s(60);
  told.mutable_app_config()->set_app_config_data("data");
  told.mutable_app_config()->set_seq(9);
  told.set_channel_map(15);
  told.mutable_current_ac_range()->set_min_ms(2000);
  told.mutable_current_ac_range()->set_max_ms(8000);
  told.mutable_ac_limits()->set_min_ms(2000);
  told.mutable_ac_limits()->set_max_ms(8000);
  told.mutable_channel_limits()->set_min_channel(1);
  told.mutable_channel_limits()->set_max_channel(40);
  told.set_app_config_max_size(80);
  told.set_sink_state(gw::ON);
  return told;
}

gw::SinkNewConfig Whole(const SinkConfigUpdate& update, const SinkConfig& told = Told()) {
  const auto config = MakeWhole(update, *SinkId::Parse("s"), told);
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? *config : gw::SinkNewConfig();
}
absl::Status Failure(const SinkConfigUpdate& update, const SinkConfig& told) {
  return MakeWhole(update, *SinkId::Parse("s"), told).status();
}

TEST(SinkConfigUpdateTest, DataAloneLeavesTheIntervalAndCountsTheSequence) {
  SinkConfigUpdate update;
  update.app_config = {.data = "new"};
  const gw::SinkNewConfig config = Whole(update);
  EXPECT_EQ(config.sink_id(), "s");
  EXPECT_EQ(config.app_config().app_config_data(), "new");
  EXPECT_EQ(config.app_config().diag_interval_s(), 60u);
  EXPECT_EQ(config.app_config().seq(), 10u);
  EXPECT_FALSE(config.has_node_role());
  EXPECT_FALSE(config.has_current_ac_range());
  EXPECT_TRUE(config.IsInitialized());
}

TEST(SinkConfigUpdateTest, AnIntervalAloneLeavesTheDataAndCountsTheSequence) {
  SinkConfigUpdate update;
  update.app_config = {.interval_seconds = 120};
  SinkConfig told = Told();
  told.mutable_app_config()->set_seq(254);
  const gw::SinkNewConfig config = Whole(update, told);
  EXPECT_EQ(config.app_config().app_config_data(), "data");
  EXPECT_EQ(config.app_config().diag_interval_s(), 120u);
  EXPECT_EQ(config.app_config().seq(), 0u);
}

TEST(SinkConfigUpdateTest, TheSequenceStaysWhenNothingElseChanges) {
  SinkConfigUpdate update;
  update.app_config = {.interval_seconds = 60, .data = "data"};
  EXPECT_EQ(Whole(update).app_config().seq(), 9u);
  // Sinks fill the data up with zeros.
  SinkConfig told = Told();
  told.mutable_app_config()->mutable_app_config_data()->resize(80);
  EXPECT_EQ(Whole(update, told).app_config().seq(), 9u);
  EXPECT_TRUE(IsPresent(Whole(update, told), told));
}

TEST(SinkConfigUpdateTest, AStatedSequenceIsTaken) {
  SinkConfigUpdate update;
  update.app_config = {.sequence = 3};
  const gw::SinkNewConfig config = Whole(update);
  EXPECT_EQ(config.app_config().seq(), 3u);
  EXPECT_EQ(config.app_config().app_config_data(), "data");
}

TEST(SinkConfigUpdateTest, PartsOfTheRoleStay) {
  SinkConfigUpdate update;
  update.node_role = {.role = gw::NodeRole::ROUTER};
  EXPECT_EQ(Whole(update).node_role().role(), gw::NodeRole::ROUTER);
  EXPECT_THAT(Whole(update).node_role().flags(), ElementsAre(gw::NodeRole::LOW_LATENCY));
  update.node_role = {.low_latency = false, .autorole = true};
  EXPECT_EQ(Whole(update).node_role().role(), gw::NodeRole::SINK);
  EXPECT_THAT(Whole(update).node_role().flags(), ElementsAre(gw::NodeRole::AUTOROLE));
}

TEST(SinkConfigUpdateTest, OneEndOfTheAccessCycleRangeStays) {
  SinkConfigUpdate update;
  update.access_cycle_range = {.min_ms = 4000};
  EXPECT_EQ(Whole(update).current_ac_range().min_ms(), 4000u);
  EXPECT_EQ(Whole(update).current_ac_range().max_ms(), 8000u);
  update.access_cycle_range = {.min_ms = 9000};
  EXPECT_EQ(FieldOf(Failure(update, Told())), "access_cycle_range.minimum");
  update.access_cycle_range = {.max_ms = 1000};
  const absl::Status status = Failure(update, Told());
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(FieldOf(status), "access_cycle_range.maximum");
}

TEST(SinkConfigUpdateTest, WhatIsToStayMustBeKnown) {
  SinkConfigUpdate role, app_config, range, nothing;
  role.node_role = {.role = gw::NodeRole::SINK};
  app_config.app_config = {.interval_seconds = 60, .data = "x"};
  range.access_cycle_range = {.max_ms = 4000};
  for (const SinkConfigUpdate& update : {role, app_config, range}) {
    EXPECT_TRUE(update.NeedsTold());
    const absl::Status status = Failure(update, SinkConfig());
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_EQ(ReasonOf(status), Reason::kSinkNotReady);
    EXPECT_THAT(std::string(status.message()), HasSubstr("does not tell its"));
  }
  role.node_role->low_latency = role.node_role->autorole = false;
  app_config.app_config->sequence = 1;
  range.access_cycle_range->min_ms = 4000;
  nothing.whole.set_network_channel(3);
  for (const SinkConfigUpdate& update : {role, app_config, range, nothing}) {
    EXPECT_FALSE(update.NeedsTold());
    EXPECT_TRUE(Whole(update, SinkConfig()).IsInitialized());
  }
}

TEST(SinkConfigUpdateTest, IsPresentWhenTheSinkTellsAllOfIt) {
  const auto told = [](auto change) {
    SinkConfigUpdate update;
    change(&update);
    return IsPresent(Whole(update), Told());
  };
  using Update = SinkConfigUpdate*;
  EXPECT_TRUE(told([](Update u) { u->whole.set_network_channel(5); }));
  EXPECT_FALSE(told([](Update u) { u->whole.set_network_channel(6); }));
  EXPECT_FALSE(told([](Update u) { u->whole.set_node_address(2); }));
  EXPECT_FALSE(told([](Update u) { u->whole.set_network_address(8); }));
  EXPECT_FALSE(told([](Update u) { u->whole.set_channel_map(1); }));
  EXPECT_FALSE(told([](Update u) { u->whole.set_sink_state(gw::OFF); }));
  EXPECT_TRUE(told([](Update u) { u->app_config = {.data = "data"}; }));
  EXPECT_FALSE(told([](Update u) { u->app_config = {.data = "other"}; }));
  EXPECT_FALSE(told([](Update u) { u->app_config = {.sequence = 10}; }));
  EXPECT_TRUE(told([](Update u) { u->node_role = {.low_latency = true}; }));
  EXPECT_FALSE(told([](Update u) { u->node_role = {.low_latency = false}; }));
  EXPECT_TRUE(told([](Update u) { u->access_cycle_range = {.min_ms = 2000}; }));
  EXPECT_FALSE(told([](Update u) { u->access_cycle_range = {.min_ms = 3000}; }));
  EXPECT_FALSE(told([](Update u) {
    u->whole.set_network_channel(5);
    u->whole.set_sink_state(gw::OFF);
  })) << "all of it";
  SinkConfigUpdate update;
  update.whole.set_network_channel(0);
  EXPECT_FALSE(IsPresent(Whole(update), SinkConfig())) << "it tells nothing";
}

TEST(SinkConfigUpdateTest, KeysAreNeverPresent) {
  for (int kind = 0; kind < 3; ++kind) {
    SinkConfigUpdate update;
    update.whole.set_network_channel(5);
    if (kind == 0) update.whole.mutable_keys();
    if (kind == 1) update.whole.mutable_network_keys();
    if (kind == 2) update.whole.mutable_management_keys();
    SinkConfig told = Told();
    told.set_are_keys_set(true);
    EXPECT_TRUE(update.HasKeys());
    EXPECT_EQ(update.NeedsKeyManagement(), kind > 0);
    EXPECT_FALSE(IsPresent(Whole(update), told));
    EXPECT_EQ(update.CountChanges(), 2u);
  }
}

TEST(SinkConfigUpdateTest, LimitsAreThoseThatTheSinkTells) {
  const auto check = [](auto change, const SinkConfig& told = Told()) {
    SinkConfigUpdate update;
    change(&update);
    return CheckLimits(Whole(update), told);
  };
  using Update = SinkConfigUpdate*;
  const auto high_channel = [](Update u) { u->whole.set_network_channel(41); };
  EXPECT_TRUE(check([](Update u) { u->whole.set_network_channel(40); }).ok());
  EXPECT_EQ(FieldOf(check(high_channel)), "network_channel");
  EXPECT_TRUE(check(high_channel, SinkConfig()).ok()) << "it tells none";
  EXPECT_EQ(FieldOf(check([](Update u) { u->access_cycle_range = {.min_ms = 1999}; })),
            "access_cycle_range.minimum");
  EXPECT_EQ(FieldOf(check([](Update u) { u->access_cycle_range = {.max_ms = 8001}; })),
            "access_cycle_range.maximum");
}

TEST(SinkConfigUpdateTest, AppConfigsHaveTheSizeThatTheSinkTells) {
  SinkConfigUpdate update;
  update.app_config = {.data = std::string(80, 'x')};
  EXPECT_TRUE(CheckSize(update, Told()).ok());
  SinkConfig small = Told();
  small.set_app_config_max_size(79);
  const absl::Status status = CheckSize(update, small);
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_EQ(ReasonOf(status), Reason::kAppConfigTooLarge);
  // None takes more.
  EXPECT_TRUE(CheckSize(update, SinkConfig()).ok());
  update.app_config = {.data = std::string(81, 'x')};
  EXPECT_FALSE(CheckSize(update, SinkConfig()).ok());
  update.app_config = {.interval_seconds = 60};
  EXPECT_TRUE(CheckSize(update, small).ok());
}

TEST(SinkConfigUpdateTest, SequencesCountTo254) {
  EXPECT_EQ(NextAppConfigSequence(0), 1u);
  EXPECT_EQ(NextAppConfigSequence(253), 254u);
  EXPECT_EQ(NextAppConfigSequence(254), 0u);
  EXPECT_EQ(NextAppConfigSequence(255), 0u);
  EXPECT_EQ(NextAppConfigSequence(0xFFFFFFFF), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::core
