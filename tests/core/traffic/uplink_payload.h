// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_NETWORK_UPLINK_PAYLOAD_H_
#define WIREPAS_GRPC_TESTS_CORE_NETWORK_UPLINK_PAYLOAD_H_

#include <cstdint>
#include <string>

#include "core/gateway_api/codec.h"
#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::core {

// A packet as a gateway publishes it under gw-event/received_data/<gateway>/s/7/1/2.
inline std::string UplinkPayload(uint64_t event_id, const std::string& gateway = "g") {
  wirepas::proto::gateway_api::WirepasMessage message;
  auto* event = message.mutable_packet_received_event();
  event->mutable_header()->set_gw_id(gateway);
  event->mutable_header()->set_sink_id("s");
  event->mutable_header()->set_event_id(event_id);
  event->set_source_address(100);
  event->set_destination_address(1);
  event->set_source_endpoint(1);
  event->set_destination_endpoint(2);
  event->set_travel_time_ms(5);
  event->set_rx_time_ms_epoch(1'700'000'000'000);
  event->set_qos(0);
  event->set_payload("up");
  event->set_network_address(7);
  return Encode(message);
}

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_NETWORK_UPLINK_PAYLOAD_H_
