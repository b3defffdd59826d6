// SPDX-License-Identifier: Apache-2.0
#include "api/convert/sink.h"

#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void ExpectInvalid(const mesh::SinkConfigUpdate& update, const std::string& field) {
  const auto parsed = ParseUpdate(update);
  ASSERT_FALSE(parsed.ok()) << field;
  EXPECT_TRUE(absl::IsInvalidArgument(parsed.status()));
  EXPECT_EQ(core::FieldOf(parsed.status()), field);
  EXPECT_THAT(std::string(parsed.status().message()), StartsWith(field + ":"));
}

TEST(ConvertSink, UnsetStaysUnset) {
  gw::SinkReadConfig config;
  config.set_sink_id("sink1");
  const mesh::Sink sink = ToProto("gw", config);
  EXPECT_EQ(sink.gateway_id(), "gw");
  EXPECT_EQ(sink.sink_id(), "sink1");
  EXPECT_TRUE(sink.has_config());
  EXPECT_EQ(sink.config().ByteSizeLong(), 0u);
}

TEST(ConvertSink, TellsAll) {
  gw::SinkReadConfig config;
  config.set_sink_id("sink1");
  config.mutable_node_role()->set_role(gw::NodeRole::SINK);
  config.mutable_node_role()->add_flags(gw::NodeRole::LOW_LATENCY);
  config.set_node_address(1);
  config.set_network_address(0xabcdef);
  config.set_network_channel(3);
  config.mutable_app_config()->set_diag_interval_s(60);
  config.mutable_app_config()->set_app_config_data("data");
  config.mutable_app_config()->set_seq(9);
  config.set_channel_map(0);
  config.set_are_keys_set(false);
  config.mutable_current_ac_range()->set_min_ms(2000);
  config.mutable_current_ac_range()->set_max_ms(8500);
  config.mutable_ac_limits()->set_max_ms(8000);
  config.set_max_mtu(102);
  config.mutable_channel_limits()->set_min_channel(1);
  config.mutable_channel_limits()->set_max_channel(40);
  config.set_hw_magic(6);
  config.set_stack_profile(1);
  config.set_app_config_max_size(80);
  config.mutable_firmware_version()->set_major(5);
  config.mutable_firmware_version()->set_dev(4);
  config.set_sink_state(gw::OFF);
  config.set_stored_type(gw::BLANK);
  const mesh::SinkConfig sink = ToProto("gw", config).config();
  EXPECT_EQ(sink.node_role().base_role(), mesh::BASE_ROLE_SINK);
  EXPECT_TRUE(sink.node_role().low_latency());
  EXPECT_TRUE(sink.node_role().has_autorole());
  EXPECT_FALSE(sink.node_role().autorole());
  EXPECT_EQ(sink.node_address(), 1u);
  EXPECT_EQ(sink.network_address(), 0xabcdefu);
  EXPECT_EQ(sink.network_channel(), 3u);
  EXPECT_EQ(sink.app_config().diagnostics_interval().seconds(), 60);
  EXPECT_EQ(sink.app_config().data(), "data");
  EXPECT_EQ(sink.app_config().sequence(), 9u);
  EXPECT_TRUE(sink.has_channel_map());
  EXPECT_TRUE(sink.has_keys_set());
  EXPECT_EQ(sink.access_cycle_range().minimum().seconds(), 2);
  EXPECT_EQ(sink.access_cycle_range().maximum().nanos(), 500000000);
  EXPECT_EQ(sink.access_cycle_limits().maximum().seconds(), 8);
  EXPECT_EQ(sink.max_mtu(), 102u);
  EXPECT_EQ(sink.channel_limits().maximum(), 40u);
  EXPECT_EQ(sink.hardware_magic(), 6u);
  EXPECT_EQ(sink.stack_profile(), 1u);
  EXPECT_EQ(sink.app_config_max_size(), 80u);
  EXPECT_EQ(sink.firmware_version().major(), 5u);
  EXPECT_EQ(sink.firmware_version().development(), 4u);
  EXPECT_TRUE(sink.has_sink_on());
  EXPECT_FALSE(sink.sink_on());
  EXPECT_EQ(sink.scratchpad_status().stored_type(), mesh::SCRATCHPAD_TYPE_BLANK);
}

TEST(ConvertSink, ItemsComeByEndpoint) {
  gw::SinkReadConfig config;
  config.set_sink_id("sink1");
  for (uint32_t endpoint : {300, 5}) {
    gw::ConfigurationDataItem* item = config.add_configuration_data_content();
    item->set_endpoint(endpoint);
    item->set_payload("p");
  }
  const mesh::SinkConfig sink = ToProto("gw", config).config();
  ASSERT_EQ(sink.configuration_data_items_size(), 2);
  EXPECT_EQ(sink.configuration_data_items(0).endpoint(), 5u);
  EXPECT_EQ(sink.configuration_data_items(1).endpoint(), 300u);
}

TEST(ConvertSink, ANetworkBeyond32BitsIsNone) {
  gw::SinkReadConfig config;
  config.set_sink_id("sink1");
  config.set_network_address(uint64_t{1} << 32);
  EXPECT_FALSE(NetworkOf(config).has_value());
  EXPECT_FALSE(ToProto("gw", config).config().has_network_address());
}

TEST(ParseUpdate, SaysOnlyWhatChanges) {
  mesh::SinkConfigUpdate update;
  update.set_network_channel(0);
  const auto parsed = ParseUpdate(update);
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->whole.has_network_channel());
  EXPECT_FALSE(parsed->whole.has_sink_state());
  EXPECT_FALSE(parsed->node_role.has_value());
  EXPECT_FALSE(parsed->app_config.has_value());
  EXPECT_FALSE(parsed->access_cycle_range.has_value());
  EXPECT_FALSE(parsed->NeedsTold());
}

TEST(ParseUpdate, HandsAllOn) {
  mesh::SinkConfigUpdate update;
  update.mutable_node_role()->set_base_role(mesh::BASE_ROLE_ROUTER);
  update.mutable_node_role()->set_low_latency(false);
  update.mutable_node_role()->set_autorole(true);
  update.set_node_address(0x7fffffff);
  update.set_network_address(0xffffff);
  update.mutable_app_config()->mutable_diagnostics_interval()->set_seconds(30);
  update.mutable_app_config()->set_data("x");
  update.mutable_app_config()->set_sequence(2);
  update.set_channel_map(0xffffffff);
  update.mutable_access_cycle_range()->mutable_minimum()->set_seconds(2);
  update.mutable_access_cycle_range()->mutable_maximum()->set_seconds(2);
  update.set_sink_on(false);
  update.mutable_management_keys()->set_cipher_key(std::string(16, 'c'));
  update.mutable_management_keys()->set_authentication_key(std::string(16, 'a'));
  update.mutable_management_keys()->set_sequence(4);
  const auto parsed = ParseUpdate(update);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_FALSE(parsed->NeedsTold());
  const auto config = core::MakeWhole(*parsed, *core::SinkId::Parse("sink1"), {});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->sink_id(), "sink1");
  EXPECT_EQ(config->node_role().role(), gw::NodeRole::ROUTER);
  ASSERT_EQ(config->node_role().flags_size(), 1);
  EXPECT_EQ(config->node_role().flags(0), gw::NodeRole::AUTOROLE);
  EXPECT_EQ(config->node_address(), 0x7fffffffu);
  EXPECT_EQ(config->network_address(), 0xffffffu);
  EXPECT_EQ(config->app_config().diag_interval_s(), 30u);
  EXPECT_EQ(config->app_config().app_config_data(), "x");
  EXPECT_EQ(config->app_config().seq(), 2u);
  EXPECT_EQ(config->channel_map(), 0xffffffffu);
  EXPECT_EQ(config->current_ac_range().min_ms(), 2000u);
  EXPECT_EQ(config->current_ac_range().max_ms(), 2000u);
  EXPECT_EQ(config->sink_state(), gw::OFF);
  EXPECT_EQ(config->management_keys().cipher(), std::string(16, 'c'));
  EXPECT_EQ(config->management_keys().sequence(), 4u);
  EXPECT_TRUE(config->IsInitialized());
}

TEST(ParseUpdate, PartsAreWhatIsSetOfThem) {
  mesh::SinkConfigUpdate update;
  update.mutable_node_role()->set_low_latency(false);
  update.mutable_app_config()->set_data("");
  update.mutable_access_cycle_range()->mutable_maximum()->set_seconds(4);
  const auto parsed = ParseUpdate(update);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_FALSE(parsed->node_role->role.has_value());
  EXPECT_EQ(parsed->node_role->low_latency, false);
  EXPECT_FALSE(parsed->node_role->autorole.has_value());
  EXPECT_EQ(parsed->app_config->data, "");
  EXPECT_FALSE(parsed->app_config->interval_seconds.has_value());
  EXPECT_FALSE(parsed->app_config->sequence.has_value());
  EXPECT_FALSE(parsed->access_cycle_range->min_ms.has_value());
  EXPECT_EQ(parsed->access_cycle_range->max_ms, 4000u);
  EXPECT_TRUE(parsed->NeedsTold());
  EXPECT_EQ(parsed->CountChanges(), 3u);
}

TEST(ParseUpdate, MulticastGroupsAreNoNodesAddresses) {
  mesh::SinkConfigUpdate update;
  for (const uint32_t address : {1u, 0x7fffffffu, 0x81000000u, 0xfffffffdu}) {
    update.set_node_address(address);
    const auto parsed = ParseUpdate(update);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->whole.node_address(), address);
  }
  for (const uint32_t address : {0u, 0x80000000u, 0x80ffffffu, 0xfffffffeu, 0xffffffffu}) {
    update.set_node_address(address);
    ExpectInvalid(update, "update.node_address");
  }
}

TEST(ParseUpdate, AnUpdateOfNothingIsRefused) { ExpectInvalid({}, "update"); }

TEST(ParseUpdate, NamesTheFieldThatIsWrong) {
  mesh::SinkConfigUpdate update;
  update.mutable_node_role()->set_base_role(mesh::BASE_ROLE_UNSPECIFIED);
  ExpectInvalid(update, "update.node_role.base_role");
  update.mutable_node_role()->set_base_role(static_cast<mesh::BaseRole>(9));
  ExpectInvalid(update, "update.node_role.base_role");
  update.Clear();
  update.set_node_address(0x80000000);
  ExpectInvalid(update, "update.node_address");
  update.set_node_address(0);
  ExpectInvalid(update, "update.node_address");
  update.Clear();
  update.set_network_address(0x1000000);
  ExpectInvalid(update, "update.network_address");
  update.Clear();
  update.mutable_app_config()->mutable_diagnostics_interval()->set_nanos(1);
  ExpectInvalid(update, "update.app_config.diagnostics_interval");
}

TEST(ParseUpdate, APartOfNothingIsRefused) {
  mesh::SinkConfigUpdate update;
  update.set_network_channel(3);
  update.mutable_node_role();
  ExpectInvalid(update, "update.node_role");
  update.clear_node_role();
  update.mutable_app_config();
  ExpectInvalid(update, "update.app_config");
  update.clear_app_config();
  update.mutable_access_cycle_range();
  ExpectInvalid(update, "update.access_cycle_range");
}

TEST(ParseUpdate, AnAccessCycleRangeHasItsEndsInOrder) {
  mesh::SinkConfigUpdate update;
  auto* range = update.mutable_access_cycle_range();
  range->mutable_minimum()->set_seconds(4);
  range->mutable_maximum()->set_seconds(2);
  ExpectInvalid(update, "update.access_cycle_range.minimum");
  range->mutable_maximum()->set_seconds(4294968);
  ExpectInvalid(update, "update.access_cycle_range.maximum");
  range->mutable_maximum()->set_seconds(8);
  range->mutable_minimum()->set_nanos(1);
  ExpectInvalid(update, "update.access_cycle_range.minimum");
}

TEST(ParseUpdate, KeysHave16BytesAndAreNeverQuoted) {
  mesh::SinkConfigUpdate update;
  update.mutable_keys()->set_cipher_key("secret");
  update.mutable_keys()->set_authentication_key(std::string(16, 'a'));
  ExpectInvalid(update, "update.keys.cipher_key");
  EXPECT_THAT(std::string(ParseUpdate(update).status().message()), Not(HasSubstr("secret")));
  update.Clear();
  update.mutable_network_keys()->set_cipher_key(std::string(16, 'c'));
  ExpectInvalid(update, "update.network_keys.authentication_key");
  update.mutable_network_keys()->set_authentication_key(std::string(16, 'a'));
  ExpectInvalid(update, "update.network_keys.sequence");
  update.mutable_network_keys()->set_sequence(0);
  EXPECT_TRUE(ParseUpdate(update).ok());
}

TEST(ParseItem, EndpointsAreBounded) {
  mesh::ConfigurationDataItem item;
  item.set_endpoint(65535);
  item.set_payload("data");
  const auto parsed = ParseItem(item);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->endpoint(), 65535u);
  EXPECT_EQ(parsed->payload(), "data");
  item.clear_payload();
  EXPECT_TRUE(ParseItem(item)->IsInitialized()) << "an empty payload is sent";
  item.set_endpoint(65536);
  EXPECT_EQ(core::FieldOf(ParseItem(item).status()), "item.endpoint");
}

TEST(ParseUpdate, BothKindsOfNetworkKeysAreRefused) {
  mesh::SinkConfigUpdate update;
  update.mutable_keys();
  update.mutable_network_keys();
  ExpectInvalid(update, "update.keys");
}

}  // namespace
}  // namespace wirepas_grpc::api
