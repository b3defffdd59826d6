// SPDX-License-Identifier: Apache-2.0
// The packets of MQTT 3.1.1 that a client sends and receives, as bytes.
//
// The simulator has a client of its own: it must load a broker from one thread
// at a small cost per packet, hold thousands of connections, and break its
// connection as a gateway does that loses power. Client libraries do none of it.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_MQTT_PACKET_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_MQTT_PACKET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace wirepas_grpc::sim {

enum class PacketType : uint8_t {
  kConnect = 1,
  kConnack = 2,
  kPublish = 3,
  kPuback = 4,
  kPubrec = 5,
  kPubrel = 6,
  kPubcomp = 7,
  kSubscribe = 8,
  kSuback = 9,
  kUnsubscribe = 10,
  kUnsuback = 11,
  kPingreq = 12,
  kPingresp = 13,
  kDisconnect = 14,
};

// What the broker publishes when the connection breaks.
struct Will {
  std::string topic;
  std::string payload;
  int qos = 2;
  bool retain = true;
};

struct ConnectPacket {
  std::string client_id;
  std::string username;  // Empty: none.
  std::string password;
  absl::Duration keep_alive = absl::Seconds(30);
  std::optional<Will> will;
};

// Each appends one packet to `out`.
void AppendConnect(const ConnectPacket& connect, std::string* out);
void AppendSubscribe(uint16_t packet_id, const std::vector<std::string>& filters, int qos,
                     std::string* out);
// PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK.
void AppendAcknowledgement(PacketType type, uint16_t packet_id, std::string* out);
// PINGREQ, PINGRESP or DISCONNECT.
void AppendBare(PacketType type, std::string* out);
// All of a PUBLISH but its `payload_size` bytes of payload, which must follow.
void AppendPublishHead(std::string_view topic, size_t payload_size, int qos, bool retain,
                       uint16_t packet_id, std::string* out);

struct Packet {
  PacketType type = PacketType::kPingresp;
  uint8_t flags = 0;
  std::string_view body;
  size_t size = 0;  // Of the whole packet.
};

enum class ParseResult { kPacket, kNeedMore, kBroken };

// Looks at the first packet of `in`, which `packet` then points into.
ParseResult ParsePacket(std::string_view in, size_t max_size, Packet* packet);

struct PublishPacket {
  std::string_view topic;
  std::string_view payload;
  int qos = 0;
  bool retain = false;
  uint16_t packet_id = 0;
};

// Unset when the body is broken.
std::optional<PublishPacket> ParsePublish(const Packet& packet);
// Of a packet that starts with its id.
std::optional<uint16_t> ParsePacketId(const Packet& packet);

// Why a broker refuses a connection: the return code of a CONNACK, MQTT 3.1.1 section 3.2.2.3.
const char* ConnackReason(uint8_t code);

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_MQTT_PACKET_H_
