// SPDX-License-Identifier: Apache-2.0
#include "tests/core/gateway_api/samples.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;

void FillInfo(uint32_t len, uint32_t crc, uint32_t seq, gw::ScratchpadInfo* info) {
  info->set_len(len);
  info->set_crc(crc);
  info->set_seq(seq);
}

void FillFullConfig(gw::SinkReadConfig* config) {
  config->set_sink_id("sink0");
  config->mutable_node_role()->set_role(gw::NodeRole::SINK);
  config->mutable_node_role()->add_flags(gw::NodeRole::LOW_LATENCY);
  config->mutable_node_role()->add_flags(gw::NodeRole::AUTOROLE);
  config->set_node_address(0x00ABCDEF);
  config->set_network_address(0x00FFFFFE);
  config->set_network_channel(11);
  config->mutable_app_config()->set_diag_interval_s(600);
  config->mutable_app_config()->set_app_config_data(std::string("\x00\xF6\x7E\xFF", 4));
  config->mutable_app_config()->set_seq(254);
  config->set_channel_map(0x80000001);
  config->set_are_keys_set(true);
  config->mutable_current_ac_range()->set_min_ms(2000);
  config->mutable_current_ac_range()->set_max_ms(8000);
  config->mutable_ac_limits()->set_min_ms(1000);
  config->mutable_ac_limits()->set_max_ms(16000);
  config->set_max_mtu(102);
  config->mutable_channel_limits()->set_min_channel(1);
  config->mutable_channel_limits()->set_max_channel(27);
  config->set_hw_magic(5);
  config->set_stack_profile(3);
  config->set_app_config_max_size(80);
  config->mutable_firmware_version()->set_major(5);
  config->mutable_firmware_version()->set_minor(4);
  config->mutable_firmware_version()->set_maint(3);
  config->mutable_firmware_version()->set_dev(210);
  config->set_sink_state(gw::ON);
  FillInfo(250000, 0xFFFF, 254, config->mutable_stored_scratchpad());
  config->set_stored_status(gw::NEW);
  config->set_stored_type(gw::PROCESS);
  FillInfo(240000, 1, 1, config->mutable_processed_scratchpad());
  config->set_firmware_area_id(0x81020304);
  gw::TargetScratchpadAndAction* target = config->mutable_target_and_action();
  target->set_action(gw::PROPAGATE_AND_PROCESS_WITH_DELAY);
  target->set_target_sequence(254);
  target->set_target_crc(0xFFFF);
  target->set_delay(gw::SIX_HOURS);
  gw::ConfigurationDataItem* item = config->add_configuration_data_content();
  item->set_endpoint(65535);
  item->set_payload(std::string("\x01\x00\x02", 3));
  item = config->add_configuration_data_content();
  item->set_endpoint(0);
  item->set_payload("");
}

void FillSmallConfig(gw::SinkReadConfig* config) {
  config->set_sink_id("sink1");
  config->mutable_node_role()->set_role(gw::NodeRole::ROUTER);
  config->set_are_keys_set(false);
  config->set_sink_state(gw::OFF);
  config->set_stored_status(gw::ERROR);
  config->set_stored_type(gw::BLANK);
}

void FillNewConfig(gw::SinkNewConfig* config) {
  config->set_sink_id("sink0");
  config->mutable_node_role()->set_role(gw::NodeRole::NON_ROUTER);
  config->mutable_node_role()->add_flags(gw::NodeRole::LOW_LATENCY);
  config->set_node_address(1);
  config->set_network_address(0x00000001);
  config->set_network_channel(40);
  config->mutable_app_config()->set_diag_interval_s(0);
  config->mutable_app_config()->set_app_config_data("");
  config->mutable_app_config()->set_seq(0);
  config->set_channel_map(7);
  config->mutable_keys()->set_cipher(std::string(16, '\xFF'));
  config->mutable_keys()->set_authentication(std::string(16, '\x00'));
  config->mutable_current_ac_range()->set_min_ms(500);
  config->mutable_current_ac_range()->set_max_ms(500);
  config->set_sink_state(gw::OFF);
  config->mutable_network_keys()->set_cipher("0123456789abcdef");
  config->mutable_network_keys()->set_authentication("fedcba9876543210");
  config->mutable_network_keys()->set_sequence(1);
  config->mutable_management_keys()->set_cipher("ABCDEFGHIJKLMNOP");
  config->mutable_management_keys()->set_authentication("PONMLKJIHGFEDCBA");
  config->mutable_management_keys()->set_sequence(0xFFFFFFFF);
}

}  // namespace wirepas_grpc::core
