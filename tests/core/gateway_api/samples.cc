// SPDX-License-Identifier: Apache-2.0
#include "tests/core/gateway_api/samples.h"

#include <utility>

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

constexpr uint64_t kRequestId = 0xFEDCBA9876543210;
constexpr uint64_t kTimeMs = 1'700'000'000'123;

class SampleList {
 public:
  gw::WirepasMessage* Add(std::string name) {
    samples_.push_back({std::move(name), {}});
    return &samples_.back().message;
  }
  std::vector<Sample> Take() { return std::move(samples_); }

 private:
  std::vector<Sample> samples_;
};

template <typename Request>
Request* WithHeader(Request* request, bool to_sink = true) {
  request->mutable_header()->set_req_id(kRequestId);
  if (to_sink) request->mutable_header()->set_sink_id("sink0");
  request->mutable_header()->set_time_ms_epoch(kTimeMs);
  return request;
}

template <typename Response>
Response* WithAnswer(Response* response, gw::ErrorCode code, bool from_sink = true) {
  response->mutable_header()->set_req_id(kRequestId);
  response->mutable_header()->set_gw_id("gateway 1");
  if (from_sink) response->mutable_header()->set_sink_id("sink0");
  response->mutable_header()->set_res(code);
  response->mutable_header()->set_time_ms_epoch(kTimeMs);
  return response;
}

void AddEvents(SampleList* list) {
  gw::StatusEvent* status = list->Add("status_online")->mutable_status_event();
  status->mutable_header()->set_gw_id("gateway 1");
  status->mutable_header()->set_sink_id("sink0");
  status->mutable_header()->set_event_id(0xFFFFFFFFFFFFFFFF);
  status->mutable_header()->set_time_ms_epoch(kTimeMs);
  status->set_version(1);
  status->set_state(gw::ON);
  FillFullConfig(status->add_configs());
  FillSmallConfig(status->add_configs());
  status->set_gw_model("model\xC3\xA9");
  status->set_gw_version("1.4.0");
  status->set_max_scratchpad_size(1024);
  status->add_gw_features(gw::SCRATCHPAD_CHUNK_V1);
  status->add_gw_features(gw::CONFIGURATION_DATA_V1);
  status->add_gw_features(gw::SINK_KEY_MANAGEMENT_V1);

  status = list->Add("status_offline")->mutable_status_event();
  status->mutable_header()->set_gw_id("gateway 1");
  status->mutable_header()->set_event_id(1);
  status->set_version(1);
  status->set_state(gw::OFF);

  gw::PacketReceivedEvent* packet = list->Add("uplink")->mutable_packet_received_event();
  packet->mutable_header()->set_gw_id("gateway 1");
  packet->mutable_header()->set_sink_id("sink0");
  packet->mutable_header()->set_event_id(2);
  packet->mutable_header()->set_time_ms_epoch(kTimeMs);
  packet->set_source_address(0x7FFFFFFF);
  packet->set_destination_address(0xFFFFFFFE);
  packet->set_source_endpoint(255);
  packet->set_destination_endpoint(240);
  packet->set_travel_time_ms(0xFFFFFFFF);
  packet->set_rx_time_ms_epoch(kTimeMs);
  packet->set_qos(1);
  packet->set_payload(std::string("\x00\xFFpayload", 9));
  packet->set_payload_size(9);
  packet->set_hop_count(15);
  packet->set_network_address(0x00FFFFFE);

  packet = list->Add("uplink_with_hidden_payload")->mutable_packet_received_event();
  packet->mutable_header()->set_gw_id("gateway 1");
  packet->mutable_header()->set_sink_id("sink0");
  packet->mutable_header()->set_event_id(3);
  packet->set_source_address(1);
  packet->set_destination_address(2);
  packet->set_source_endpoint(0);
  packet->set_destination_endpoint(0);
  packet->set_travel_time_ms(0);
  packet->set_rx_time_ms_epoch(0);
  packet->set_qos(0);
  packet->set_payload_size(1500);
}

void AddConfigs(SampleList* list) {
  WithHeader(list->Add("get_configs_req")->mutable_get_configs_req(), /*to_sink=*/false);
  auto* configs = WithAnswer(list->Add("get_configs_resp")->mutable_get_configs_resp(), gw::OK,
                             /*from_sink=*/false);
  FillFullConfig(configs->add_configs());
  FillSmallConfig(configs->add_configs());
  FillNewConfig(
      WithHeader(list->Add("set_config_req")->mutable_set_config_req())->mutable_config());
  FillFullConfig(WithAnswer(list->Add("set_config_resp")->mutable_set_config_resp(), gw::OK)
                     ->mutable_config());
  // An unknown sink: its id alone.
  WithAnswer(list->Add("set_config_resp_unknown_sink")->mutable_set_config_resp(),
             gw::INVALID_SINK_ID)
      ->mutable_config()
      ->set_sink_id("sink0");
  WithHeader(list->Add("get_gateway_info_req")->mutable_get_gateway_info_req(),
             /*to_sink=*/false);
  auto* info = WithAnswer(list->Add("get_gateway_info_resp")->mutable_get_gateway_info_resp(),
                          gw::OK, /*from_sink=*/false)
                   ->mutable_info();
  info->set_current_time_s_epoch(1'700'000'000);
  info->set_gw_model("model");
  info->set_gw_version("1.4.0");
  info->set_implemented_api_version(1);
  info->set_max_scratchpad_size(4096);
  info->add_gw_features(gw::CONFIGURATION_DATA_V1);
  info->add_gw_features(gw::SCRATCHPAD_CHUNK_V1);
}

void AddSendPacket(SampleList* list) {
  auto* request = WithHeader(list->Add("send_packet_req")->mutable_send_packet_req());
  request->set_destination_address(0xFFFFFFFF);
  request->set_source_endpoint(1);
  request->set_destination_endpoint(255);
  request->set_qos(1);
  request->set_payload(std::string("\x00\x19", 2));
  request->set_initial_delay_ms(60000);
  request->set_is_unack_csma_ca(true);
  request->set_hop_limit(15);
  WithAnswer(list->Add("send_packet_resp")->mutable_send_packet_resp(), gw::SINK_OUT_OF_MEMORY);
}

void AddScratchpadStatus(SampleList* list) {
  WithHeader(list->Add("get_scratchpad_status_req")->mutable_get_scratchpad_status_req());
  auto* status = WithAnswer(
      list->Add("get_scratchpad_status_resp")->mutable_get_scratchpad_status_resp(), gw::OK);
  FillInfo(1000, 0x1234, 10, status->mutable_stored_scratchpad());
  status->set_stored_status(gw::SUCCESS);
  status->set_stored_type(gw::PRESENT);
  FillInfo(2000, 0x4321, 9, status->mutable_processed_scratchpad());
  status->set_firmware_area_id(0x01020304);
  status->mutable_target_and_action()->set_action(gw::PROPAGATE_ONLY);
  status->mutable_target_and_action()->set_target_sequence(1);
  status->mutable_target_and_action()->set_target_crc(0);
}

void AddScratchpads(SampleList* list) {
  AddScratchpadStatus(list);
  auto* upload = WithHeader(list->Add("upload_scratchpad_req")->mutable_upload_scratchpad_req());
  upload->set_seq(254);
  upload->set_scratchpad(std::string("\x53\x43\x00\xFF", 4));
  upload->mutable_chunk_info()->set_scratchpad_total_size(100000);
  upload->mutable_chunk_info()->set_start_offset(99996);
  WithHeader(list->Add("upload_scratchpad_req_clear")->mutable_upload_scratchpad_req())->set_seq(0);
  WithAnswer(list->Add("upload_scratchpad_resp")->mutable_upload_scratchpad_resp(),
             gw::INVALID_SCRATCHPAD_CHUNK_SIZE);
  WithHeader(list->Add("process_scratchpad_req")->mutable_process_scratchpad_req());
  WithAnswer(list->Add("process_scratchpad_resp")->mutable_process_scratchpad_resp(),
             gw::NO_SCRATCHPAD_PRESENT);
  auto* target = WithHeader(list->Add("set_scratchpad_target_and_action_req")
                                ->mutable_set_scratchpad_target_and_action_req())
                     ->mutable_target_and_action();
  target->set_action(gw::PROPAGATE_AND_PROCESS_WITH_DELAY);
  target->set_target_sequence(200);
  target->set_target_crc(0xABCD);
  target->set_raw(0x5E);
  WithHeader(list->Add("set_scratchpad_target_and_action_req_no_otap")
                 ->mutable_set_scratchpad_target_and_action_req())
      ->mutable_target_and_action()
      ->set_action(gw::NO_OTAP);
  WithAnswer(list->Add("set_scratchpad_target_and_action_resp")
                 ->mutable_set_scratchpad_target_and_action_resp(),
             gw::ACCESS_DENIED);
}

void AddConfigurationData(SampleList* list) {
  auto* set =
      WithHeader(
          list->Add("set_configuration_data_item_req")->mutable_set_configuration_data_item_req())
          ->mutable_configuration_data_item();
  set->set_endpoint(65535);
  set->set_payload(std::string("\xFF\x00", 2));
  WithAnswer(
      list->Add("set_configuration_data_item_resp")->mutable_set_configuration_data_item_resp(),
      gw::SINK_TIMEOUT);
  WithHeader(
      list->Add("get_configuration_data_item_req")->mutable_get_configuration_data_item_req())
      ->set_endpoint(256);
  auto* item =
      WithAnswer(
          list->Add("get_configuration_data_item_resp")->mutable_get_configuration_data_item_resp(),
          gw::OK)
          ->mutable_configuration_data_item();
  item->set_endpoint(256);
  item->set_payload("data");
  WithAnswer(list->Add("get_configuration_data_item_resp_failed")
                 ->mutable_get_configuration_data_item_resp(),
             gw::INVALID_PARAM);
}

}  // namespace

std::vector<Sample> Samples() {
  SampleList list;
  AddEvents(&list);
  AddConfigs(&list);
  AddSendPacket(&list);
  AddScratchpads(&list);
  AddConfigurationData(&list);
  return list.Take();
}

}  // namespace wirepas_grpc::core
