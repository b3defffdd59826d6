// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/sink_model.h"

#include <gtest/gtest.h>

#include <string>

namespace wirepas_grpc::sim {
namespace {

SinkSettings Settings() {
  SinkSettings settings;
  settings.sink_id = "sink0";
  return settings;
}

pb::SinkNewConfig NewConfig() {
  pb::SinkNewConfig config;
  config.set_sink_id("sink0");
  return config;
}

pb::SendPacketReq Packet() {
  pb::SendPacketReq packet;
  packet.set_destination_address(0xFFFFFFFF);
  packet.set_source_endpoint(1);
  packet.set_destination_endpoint(2);
  packet.set_qos(0);
  packet.set_payload("payload");
  return packet;
}

TEST(SinkModel, CanTakeLessAppConfigAndFillItUpWithZeros) {
  SinkSettings settings = Settings();
  settings.app_config_max_size = 4;
  settings.pads_app_config = true;
  SinkModel sink(settings);
  EXPECT_EQ(sink.Config().app_config_max_size(), 4U);
  pb::SinkNewConfig config = NewConfig();
  config.mutable_app_config()->set_diag_interval_s(0);
  config.mutable_app_config()->set_app_config_data("12345");
  config.mutable_app_config()->set_seq(1);
  EXPECT_EQ(sink.SetConfig(config), pb::INVALID_APP_CONFIG);
  config.mutable_app_config()->set_app_config_data("12");
  EXPECT_EQ(sink.SetConfig(config), pb::OK);
  EXPECT_EQ(sink.Config().app_config().app_config_data(), std::string("12\0\0", 4));
}

TEST(SinkModel, CanHaveNoAppConfigUntilItIsGivenOne) {
  SinkSettings settings = Settings();
  settings.has_app_config = false;
  settings.pads_app_config = true;
  SinkModel sink(settings);
  EXPECT_FALSE(sink.Config().has_app_config());
  pb::SinkNewConfig config = NewConfig();
  config.mutable_app_config()->set_diag_interval_s(60);
  config.mutable_app_config()->set_app_config_data("12");
  config.mutable_app_config()->set_seq(1);
  EXPECT_EQ(sink.SetConfig(config), pb::OK);
  EXPECT_EQ(sink.Config().app_config().diag_interval_s(), 60U);
}

TEST(SinkModel, ChangesWhatTheConfigNames) {
  SinkModel sink(Settings());
  pb::SinkNewConfig config = NewConfig();
  config.mutable_node_role()->set_role(pb::NodeRole::ROUTER);
  config.mutable_node_role()->add_flags(pb::NodeRole::AUTOROLE);
  config.set_node_address(99);
  config.set_network_address(0xABCDEF);
  config.set_network_channel(40);
  config.mutable_app_config()->set_diag_interval_s(1800);
  config.mutable_app_config()->set_app_config_data(std::string(80, 'x'));
  config.mutable_app_config()->set_seq(254);
  config.set_channel_map(3);
  config.mutable_keys()->set_cipher(std::string(16, 'c'));
  config.mutable_keys()->set_authentication(std::string(16, 'a'));
  config.mutable_current_ac_range()->set_min_ms(4000);
  config.mutable_current_ac_range()->set_max_ms(4000);
  config.set_sink_state(pb::OFF);
  ASSERT_EQ(sink.SetConfig(config), pb::OK);

  const pb::SinkReadConfig read = sink.Config();
  EXPECT_EQ(read.node_role().SerializeAsString(), config.node_role().SerializeAsString());
  EXPECT_EQ(read.node_address(), 99U);
  EXPECT_EQ(read.network_address(), 0xABCDEFU);
  EXPECT_EQ(read.network_channel(), 40U);
  EXPECT_EQ(read.app_config().SerializeAsString(), config.app_config().SerializeAsString());
  EXPECT_EQ(read.channel_map(), 3U);
  EXPECT_TRUE(read.are_keys_set());
  EXPECT_EQ(read.current_ac_range().min_ms(), 4000U);
  EXPECT_EQ(read.sink_state(), pb::OFF);
  EXPECT_FALSE(sink.running());
}

TEST(SinkModel, LeavesWhatTheConfigDoesNotName) {
  SinkModel sink(Settings());
  const std::string before = sink.Config().SerializeAsString();
  ASSERT_EQ(sink.SetConfig(NewConfig()), pb::OK);
  EXPECT_EQ(sink.Config().SerializeAsString(), before);
}

struct BadConfig {
  const char* name;
  void (*change)(pb::SinkNewConfig*);
  pb::ErrorCode code;
};

class SinkModelRefuses : public testing::TestWithParam<BadConfig> {};

TEST_P(SinkModelRefuses, AndChangesNothing) {
  SinkModel sink(Settings());
  const std::string before = sink.Config().SerializeAsString();
  pb::SinkNewConfig config = NewConfig();
  config.set_sink_state(pb::OFF);  // Fine by itself.
  GetParam().change(&config);
  EXPECT_EQ(sink.SetConfig(config), GetParam().code);
  EXPECT_EQ(sink.Config().SerializeAsString(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Config, SinkModelRefuses,
    testing::Values(
        BadConfig{"AutoroleSink",
                  [](pb::SinkNewConfig* c) {
                    c->mutable_node_role()->set_role(pb::NodeRole::SINK);
                    c->mutable_node_role()->add_flags(pb::NodeRole::AUTOROLE);
                  },
                  pb::INVALID_ROLE},
        BadConfig{"NodeAddressZero", [](pb::SinkNewConfig* c) { c->set_node_address(0); },
                  pb::INVALID_NETWORK_ADDRESS},
        BadConfig{"NodeAddressMulticast",
                  [](pb::SinkNewConfig* c) { c->set_node_address(0x80000000); },
                  pb::INVALID_NETWORK_ADDRESS},
        BadConfig{"NodeAddressLastMulticast",
                  [](pb::SinkNewConfig* c) { c->set_node_address(0x80FFFFFF); },
                  pb::INVALID_NETWORK_ADDRESS},
        BadConfig{"NodeAddressAnySink",
                  [](pb::SinkNewConfig* c) { c->set_node_address(0xFFFFFFFE); },
                  pb::INVALID_NETWORK_ADDRESS},
        BadConfig{"NetworkAddressZero", [](pb::SinkNewConfig* c) { c->set_network_address(0); },
                  pb::INVALID_NETWORK_ADDRESS},
        BadConfig{"NetworkAddressOver24Bits",
                  [](pb::SinkNewConfig* c) { c->set_network_address(0x1000000); },
                  pb::INVALID_NETWORK_ADDRESS},
        BadConfig{"ChannelBelow", [](pb::SinkNewConfig* c) { c->set_network_channel(0); },
                  pb::INVALID_NETWORK_CHANNEL},
        BadConfig{"ChannelAbove", [](pb::SinkNewConfig* c) { c->set_network_channel(41); },
                  pb::INVALID_NETWORK_CHANNEL},
        BadConfig{"ChannelMapEmpty", [](pb::SinkNewConfig* c) { c->set_channel_map(0); },
                  pb::INVALID_CHANNEL_MAP},
        BadConfig{"ShortKeys",
                  [](pb::SinkNewConfig* c) {
                    c->mutable_keys()->set_cipher("short");
                    c->mutable_keys()->set_authentication(std::string(16, 'a'));
                  },
                  pb::INVALID_NETWORK_KEYS},
        BadConfig{"ShortManagementKeys",
                  [](pb::SinkNewConfig* c) {
                    c->mutable_management_keys()->set_cipher(std::string(16, 'a'));
                    c->mutable_management_keys()->set_authentication("");
                    c->mutable_management_keys()->set_sequence(1);
                  },
                  pb::INVALID_NETWORK_KEYS},
        BadConfig{"AccessCycleReversed",
                  [](pb::SinkNewConfig* c) {
                    c->mutable_current_ac_range()->set_min_ms(8000);
                    c->mutable_current_ac_range()->set_max_ms(2000);
                  },
                  pb::INVALID_AC_RANGE},
        BadConfig{"AccessCycleOutsideLimits",
                  [](pb::SinkNewConfig* c) {
                    c->mutable_current_ac_range()->set_min_ms(1000);
                    c->mutable_current_ac_range()->set_max_ms(2000);
                  },
                  pb::INVALID_AC_RANGE},
        BadConfig{"DiagnosticInterval",
                  [](pb::SinkNewConfig* c) {
                    c->mutable_app_config()->set_diag_interval_s(61);
                    c->mutable_app_config()->set_app_config_data("");
                    c->mutable_app_config()->set_seq(1);
                  },
                  pb::INVALID_DIAG_INTERVAL},
        BadConfig{"AppConfigTooLong",
                  [](pb::SinkNewConfig* c) {
                    c->mutable_app_config()->set_diag_interval_s(60);
                    c->mutable_app_config()->set_app_config_data(std::string(81, 'x'));
                    c->mutable_app_config()->set_seq(1);
                  },
                  pb::INVALID_APP_CONFIG},
        BadConfig{"AppConfigSequence",
                  [](pb::SinkNewConfig* c) {
                    c->mutable_app_config()->set_diag_interval_s(60);
                    c->mutable_app_config()->set_app_config_data("");
                    c->mutable_app_config()->set_seq(255);
                  },
                  pb::INVALID_SEQUENCE_NUMBER}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(SinkModel, KeysOfAllOnesTakeTheKeysAway) {
  SinkModel sink(Settings());
  pb::SinkNewConfig config = NewConfig();
  config.mutable_keys()->set_cipher(std::string(16, 'c'));
  config.mutable_keys()->set_authentication(std::string(16, 'a'));
  ASSERT_EQ(sink.SetConfig(config), pb::OK);
  config.mutable_keys()->set_cipher(std::string(16, '\xFF'));
  config.mutable_keys()->set_authentication(std::string(16, '\xFF'));
  ASSERT_EQ(sink.SetConfig(config), pb::OK);
  EXPECT_FALSE(sink.Config().are_keys_set());
}

TEST(SinkModel, WithoutKeyManagementSecurityKeysAreNotSeen) {
  SinkSettings settings = Settings();
  settings.key_management = false;
  SinkModel sink(settings);
  pb::SinkNewConfig config = NewConfig();
  config.mutable_network_keys()->set_cipher("short");
  config.mutable_network_keys()->set_authentication("short");
  config.mutable_network_keys()->set_sequence(1);
  EXPECT_EQ(sink.SetConfig(config), pb::OK);
  EXPECT_FALSE(sink.Config().are_keys_set());
}

TEST(SinkModel, TakesPacketsAtTheLimits) {
  const SinkModel sink(Settings());
  pb::SendPacketReq packet = Packet();
  packet.set_source_endpoint(255);
  packet.set_destination_endpoint(255);
  packet.set_qos(1);
  packet.set_payload(std::string(1500, 'x'));
  packet.set_hop_limit(15);
  EXPECT_EQ(sink.CheckPacket(packet), pb::OK);
}

TEST(SinkModel, RefusesPacketsBeyondTheLimits) {
  const SinkModel sink(Settings());
  const auto code = [&](auto change) {
    pb::SendPacketReq packet = Packet();
    change(&packet);
    return sink.CheckPacket(packet);
  };
  EXPECT_EQ(code([](auto* p) { p->set_destination_address(0); }), pb::INVALID_DEST_ADDRESS);
  EXPECT_EQ(code([](auto* p) { p->set_destination_address(0xFFFFFFFE); }),
            pb::INVALID_DEST_ADDRESS);
  EXPECT_EQ(code([](auto* p) { p->set_source_endpoint(256); }), pb::INVALID_SRC_ENDPOINT);
  EXPECT_EQ(code([](auto* p) { p->set_destination_endpoint(256); }), pb::INVALID_DEST_ENDPOINT);
  EXPECT_EQ(code([](auto* p) { p->set_qos(2); }), pb::INVALID_QOS);
  EXPECT_EQ(code([](auto* p) { p->set_payload(""); }), pb::INVALID_DATA_PAYLOAD);
  EXPECT_EQ(code([](auto* p) { p->set_payload(std::string(1501, 'x')); }),
            pb::INVALID_DATA_PAYLOAD);
  EXPECT_EQ(code([](auto* p) { p->set_hop_limit(16); }), pb::INVALID_MAX_HOP_COUNT);
}

TEST(SinkModel, AStoppedSinkSendsNothing) {
  SinkModel sink(Settings());
  pb::SinkNewConfig config = NewConfig();
  config.set_sink_state(pb::OFF);
  ASSERT_EQ(sink.SetConfig(config), pb::OK);
  EXPECT_EQ(sink.CheckPacket(Packet()), pb::INVALID_SINK_STATE);
}

TEST(SinkModel, KeepsConfigurationData) {
  SinkModel sink(Settings());
  pb::ConfigurationDataItem item;
  item.set_endpoint(65535);
  item.set_payload("data");
  EXPECT_EQ(sink.SetConfigurationData(item), pb::OK);
  ASSERT_EQ(sink.Config().configuration_data_content_size(), 1);
  pb::ConfigurationDataItem read;
  EXPECT_EQ(sink.GetConfigurationData(65535, &read), pb::OK);
  EXPECT_EQ(read.payload(), "data");

  item.set_payload("");
  EXPECT_EQ(sink.SetConfigurationData(item), pb::OK);
  EXPECT_EQ(sink.Config().configuration_data_content_size(), 0);
  EXPECT_EQ(sink.GetConfigurationData(65535, &read), pb::INVALID_PARAM);
}

TEST(SinkModel, TakesUnicastAddressesAboveMulticast) {
  SinkModel sink(Settings());
  pb::SinkNewConfig config;
  config.set_sink_id("sink0");
  for (const uint32_t address : {0x7FFFFFFFU, 0x81000000U, 0xFFFFFFFDU}) {
    config.set_node_address(address);
    EXPECT_EQ(sink.SetConfig(config), pb::OK);
    EXPECT_EQ(sink.node_address(), address);
  }
}

TEST(SinkModel, RefusesConfigurationDataOutOfRange) {
  SinkModel sink(Settings());
  pb::ConfigurationDataItem item;
  item.set_endpoint(65536);
  item.set_payload("data");
  EXPECT_EQ(sink.SetConfigurationData(item), pb::INVALID_PARAM);
  EXPECT_EQ(sink.GetConfigurationData(65536, &item), pb::INVALID_PARAM);
  item.set_endpoint(1);
  item.set_payload(std::string(SinkModel::kMaxConfigurationItem + 1, 'x'));
  EXPECT_EQ(sink.SetConfigurationData(item), pb::INVALID_DATA_PAYLOAD);
}

TEST(SinkModel, ConfigurationDataIsBounded) {
  SinkModel sink(Settings());
  pb::ConfigurationDataItem item;
  item.set_payload("x");
  for (size_t i = 0; i < SinkModel::kMaxConfigurationItems; ++i) {
    item.set_endpoint(static_cast<uint32_t>(i));
    ASSERT_EQ(sink.SetConfigurationData(item), pb::OK);
  }
  item.set_endpoint(60000);
  EXPECT_EQ(sink.SetConfigurationData(item), pb::SINK_OUT_OF_MEMORY);
  item.set_endpoint(0);
  EXPECT_EQ(sink.SetConfigurationData(item), pb::OK);
}

}  // namespace
}  // namespace wirepas_grpc::sim
