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
  for (const char* kind : {"send_data", "set_config", "otap_status", "otap_load_scratchpad",
                           "get_configuration_data_item"}) {
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

}  // namespace
}  // namespace wirepas_grpc::core
