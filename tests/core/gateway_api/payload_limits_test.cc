// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/payload_limits.h"

#include <string>

#include "core/gateway_api/codec.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::core {
namespace {

size_t LimitOf(const std::string& topic) {
  const absl::StatusOr<Topic> parsed = ParseTopic(topic);
  EXPECT_TRUE(parsed.ok()) << topic;
  return parsed.ok() ? MaxPayloadSize(*parsed) : 0;
}

TEST(PayloadLimitsTest, EachKindOfMessageHasItsOwn) {
  EXPECT_EQ(LimitOf("gw-event/status/g"), kMaxSinkListPayload);
  EXPECT_EQ(LimitOf("gw-response/get_configs/g"), kMaxSinkListPayload);
  EXPECT_EQ(LimitOf("gw-event/received_data/g/s/7/1/2"), kMaxPacketPayload);
  EXPECT_EQ(LimitOf("gw-request/send_data/g/s"), kMaxPacketPayload);
  for (const char* kind :
       {"send_data", "otap_status", "otap_load_scratchpad", "otap_process_scratchpad",
        "otap_set_target_scratchpad", "set_configuration_data_item"}) {
    EXPECT_EQ(LimitOf(std::string("gw-response/") + kind + "/g/s"), kMaxShortAnswerPayload) << kind;
  }
  for (const char* kind : {"set_config", "get_configuration_data_item"}) {
    EXPECT_EQ(LimitOf(std::string("gw-response/") + kind + "/g/s"), kMaxAnswerPayload) << kind;
  }
  EXPECT_EQ(LimitOf("gw-response/get_gw_info/g"), kMaxAnswerPayload);
}

// A full packet with the longest ids.
TEST(PayloadLimitsTest, ThereIsRoomForAnyPacket) {
  gw::WirepasMessage message;
  gw::PacketReceivedEvent* event = message.mutable_packet_received_event();
  event->mutable_header()->set_gw_id(std::string(kMaxIdLength, 'g'));
  event->mutable_header()->set_sink_id(std::string(kMaxIdLength, 's'));
  event->mutable_header()->set_event_id(~uint64_t{0});
  event->mutable_header()->set_time_ms_epoch(~uint64_t{0});
  event->set_source_address(~uint32_t{0});
  event->set_destination_address(~uint32_t{0});
  event->set_source_endpoint(255);
  event->set_destination_endpoint(255);
  event->set_travel_time_ms(~uint32_t{0});
  event->set_rx_time_ms_epoch(~uint64_t{0});
  event->set_qos(1);
  event->set_payload(std::string(1500, 'x'));
  EXPECT_LT(4 * Encode(message).size(), kMaxPacketPayload);
}

// The longest answer of the short kind, whose numbers are as large as can be.
TEST(PayloadLimitsTest, ThereIsRoomForAnyScratchpadStatus) {
  gw::WirepasMessage message;
  gw::GetScratchpadStatusResp* answer = message.mutable_get_scratchpad_status_resp();
  answer->mutable_header()->set_req_id(~uint64_t{0});
  answer->mutable_header()->set_gw_id(std::string(kMaxIdLength, 'g'));
  answer->mutable_header()->set_sink_id(std::string(kMaxIdLength, 's'));
  answer->mutable_header()->set_res(gw::OK);
  answer->mutable_header()->set_time_ms_epoch(~uint64_t{0});
  for (gw::ScratchpadInfo* info :
       {answer->mutable_stored_scratchpad(), answer->mutable_processed_scratchpad()}) {
    info->set_len(~uint32_t{0});
    info->set_crc(~uint32_t{0});
    info->set_seq(~uint32_t{0});
  }
  answer->set_firmware_area_id(~uint32_t{0});
  answer->mutable_target_and_action()->set_action(gw::NO_OTAP);
  answer->mutable_target_and_action()->set_target_crc(~uint32_t{0});
  answer->mutable_target_and_action()->set_target_sequence(~uint32_t{0});
  EXPECT_LT(4 * Encode(message).size(), kMaxShortAnswerPayload);
}

}  // namespace
}  // namespace wirepas_grpc::core
