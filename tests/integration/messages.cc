// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/messages.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::integration {
namespace {

uint64_t LittleEndian(const std::string& bytes, size_t at) {
  uint64_t value = 0;
  for (size_t i = 8; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[at + i - 1]);
  return value;
}

}  // namespace

mesh::SendMessageRequest SendRequest(const std::string& gateway_id, const std::string& sink_id,
                                     const std::string& payload) {
  auto request = To<mesh::SendMessageRequest>(gateway_id, sink_id);
  request.mutable_message()->set_destination_address(0xFFFFFFFF);
  request.mutable_message()->set_source_endpoint(10);
  request.mutable_message()->set_destination_endpoint(20);
  request.mutable_message()->set_payload(payload);
  return request;
}

std::string Encoded(const gw::WirepasMessage& message) {
  gw::GenericMessage generic;
  *generic.mutable_wirepas() = message;
  return generic.SerializeAsString();
}

gw::WirepasMessage Decoded(const std::string& payload) {
  gw::GenericMessage generic;
  EXPECT_TRUE(generic.ParseFromString(payload)) << "not a GenericMessage";
  return generic.wirepas();
}

std::string SendDataTopic(const std::string& gateway_id, const std::string& sink_id) {
  return absl::StrCat("gw-request/send_data/", gateway_id, "/", sink_id);
}

gw::WirepasMessage SendData(uint64_t request_id, const std::string& sink_id,
                            const std::string& payload) {
  gw::WirepasMessage message;
  gw::SendPacketReq* request = message.mutable_send_packet_req();
  request->mutable_header()->set_req_id(request_id);
  request->mutable_header()->set_sink_id(sink_id);
  request->set_destination_address(0x1234);
  request->set_source_endpoint(30);
  request->set_destination_endpoint(40);
  request->set_qos(1);
  request->set_payload(payload);
  return message;
}

std::string StatusTopic(const std::string& gateway_id) {
  return absl::StrCat("gw-event/status/", gateway_id);
}

gw::WirepasMessage OnlineStatus(const std::string& gateway_id, const std::string& sink_id) {
  gw::WirepasMessage message;
  gw::StatusEvent* status = message.mutable_status_event();
  status->mutable_header()->set_gw_id(gateway_id);
  status->mutable_header()->set_event_id(1);
  status->set_version(1);
  status->set_state(gw::ON);
  gw::SinkReadConfig* config = status->add_configs();
  config->set_sink_id(sink_id);
  config->set_network_address(kNetwork);
  return message;
}

std::string UplinkTopic(const std::string& gateway_id, const std::string& sink_id, uint32_t network,
                        uint32_t source_endpoint, uint32_t destination_endpoint) {
  return absl::StrCat("gw-event/received_data/", gateway_id, "/", sink_id, "/", network, "/",
                      source_endpoint, "/", destination_endpoint);
}

gw::WirepasMessage UplinkEvent(const std::string& gateway_id, const std::string& sink_id,
                               uint64_t event_id, uint32_t network) {
  gw::WirepasMessage message;
  gw::PacketReceivedEvent* event = message.mutable_packet_received_event();
  event->mutable_header()->set_gw_id(gateway_id);
  event->mutable_header()->set_sink_id(sink_id);
  event->mutable_header()->set_event_id(event_id);
  event->set_source_address(77);
  event->set_destination_address(1);
  event->set_source_endpoint(1);
  event->set_destination_endpoint(1);
  event->set_travel_time_ms(123);
  event->set_rx_time_ms_epoch(static_cast<uint64_t>(absl::ToUnixMillis(absl::Now())));
  event->set_qos(0);
  event->set_payload("by hand");
  event->set_payload_size(7);
  event->set_network_address(network);
  return message;
}

MqttPeer::Predicate OnTopic(const std::string& topic) {
  return [topic](const MqttPeer::Message& message) { return message.topic == topic; };
}

uint64_t SequenceOf(const mesh::Uplink& uplink) {
  if (uplink.payload().size() < 8) {
    ADD_FAILURE() << "not of the simulator: " << uplink.ShortDebugString();
    return 0;
  }
  return LittleEndian(uplink.payload(), 0);
}

absl::Time SentAt(const mesh::Uplink& uplink) {
  if (uplink.payload().size() < 16) return absl::InfinitePast();
  return absl::FromUnixMicros(static_cast<int64_t>(LittleEndian(uplink.payload(), 8)));
}

}  // namespace wirepas_grpc::integration
