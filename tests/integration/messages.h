// SPDX-License-Identifier: Apache-2.0
//
// Requests of clients and messages of other backends and gateways, made short.
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_MESSAGES_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_MESSAGES_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "gateway_api/generic_message.pb.h"
#include "tests/integration/mqtt_peer.h"
#include "tests/integration/programs.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::integration {

// The simulator's names.
inline constexpr char kGateway[] = "sim-gw-0";
inline constexpr char kOtherGateway[] = "sim-gw-1";
inline constexpr char kSink[] = "sink0";
inline constexpr char kOtherSink[] = "sink1";
inline constexpr uint32_t kNetwork = 0x123456;

// A request that has only to name whom it is for.
template <typename Request>
Request To(const std::string& gateway_id) {
  Request request;
  if constexpr (requires { request.mutable_sink(); }) {
    request.mutable_sink()->set_gateway_id(gateway_id);
  } else {
    request.set_gateway_id(gateway_id);
  }
  return request;
}
template <typename Request>
Request To(const std::string& gateway_id, const std::string& sink_id) {
  Request request = To<Request>(gateway_id);
  if constexpr (requires { request.mutable_sink(); }) {
    request.mutable_sink()->set_sink_id(sink_id);
  } else {
    request.set_sink_id(sink_id);
  }
  return request;
}

// A message to every node.
mesh::SendMessageRequest SendRequest(const std::string& gateway_id, const std::string& sink_id,
                                     const std::string& payload = "hello");

// ---- on the broker ----

// What gateways and backends publish: the bytes of a GenericMessage.
std::string Encoded(const gw::WirepasMessage& message);
// Fails the test when the payload is none.
gw::WirepasMessage Decoded(const std::string& payload);

// A send_data request as another backend makes it, and where it goes.
std::string SendDataTopic(const std::string& gateway_id, const std::string& sink_id);
gw::WirepasMessage SendData(uint64_t request_id, const std::string& sink_id,
                            const std::string& payload = "hello");

// An ONLINE status of a gateway made by hand, with one sink, and where it goes.
std::string StatusTopic(const std::string& gateway_id);
gw::WirepasMessage OnlineStatus(const std::string& gateway_id, const std::string& sink_id);

// An uplink of a gateway made by hand, and where it goes.
std::string UplinkTopic(const std::string& gateway_id, const std::string& sink_id,
                        uint32_t network = kNetwork, uint32_t source_endpoint = 1,
                        uint32_t destination_endpoint = 1);
gw::WirepasMessage UplinkEvent(const std::string& gateway_id, const std::string& sink_id,
                               uint64_t event_id, uint32_t network = kNetwork);

// For MqttPeer::Take.
MqttPeer::Predicate OnTopic(const std::string& topic);

// The number that the simulator put into the payload of an uplink: from 0 up for
// each gateway.
uint64_t SequenceOf(const mesh::Uplink& uplink);
// When it sent it; before all time when the payload is too short to tell.
absl::Time SentAt(const mesh::Uplink& uplink);

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_MESSAGES_H_
