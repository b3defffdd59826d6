// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/mqtt_packet.h"

namespace wirepas_grpc::sim {
namespace {

constexpr uint8_t kReservedFlags = 0x02;  // Of PUBREL and SUBSCRIBE.

void AppendUint16(unsigned value, std::string* out) {
  out->push_back(static_cast<char>(value >> 8));
  out->push_back(static_cast<char>(value));
}

void AppendString(std::string_view text, std::string* out) {
  AppendUint16(static_cast<unsigned>(text.size()), out);
  out->append(text);
}

void AppendFixedHeader(PacketType type, uint8_t flags, size_t remaining, std::string* out) {
  out->push_back(static_cast<char>((static_cast<uint8_t>(type) << 4) | flags));
  do {
    const auto digit = static_cast<uint8_t>(remaining % 128);
    remaining /= 128;
    out->push_back(static_cast<char>(remaining > 0 ? digit | 0x80 : digit));
  } while (remaining > 0);
}

void AppendBody(PacketType type, uint8_t flags, std::string_view body, std::string* out) {
  AppendFixedHeader(type, flags, body.size(), out);
  out->append(body);
}

uint16_t ReadUint16(std::string_view in) {
  return static_cast<uint16_t>((static_cast<uint8_t>(in[0]) << 8) | static_cast<uint8_t>(in[1]));
}

}  // namespace

void AppendConnect(const ConnectPacket& connect, std::string* out) {
  constexpr uint8_t kCleanSession = 0x02;
  uint8_t flags = kCleanSession;
  if (!connect.username.empty()) flags |= 0x80;
  if (!connect.password.empty()) flags |= 0x40;
  if (connect.will.has_value()) {
    flags = static_cast<uint8_t>(flags | 0x04 | (connect.will->qos << 3) |
                                 (connect.will->retain ? 0x20 : 0));
  }
  std::string body;
  AppendString("MQTT", &body);
  body.push_back(4);  // Protocol level of 3.1.1.
  body.push_back(static_cast<char>(flags));
  AppendUint16(static_cast<unsigned>(absl::ToInt64Seconds(connect.keep_alive)), &body);
  AppendString(connect.client_id, &body);
  if (connect.will.has_value()) {
    AppendString(connect.will->topic, &body);
    AppendString(connect.will->payload, &body);
  }
  if (!connect.username.empty()) AppendString(connect.username, &body);
  if (!connect.password.empty()) AppendString(connect.password, &body);
  AppendBody(PacketType::kConnect, 0, body, out);
}

void AppendSubscribe(uint16_t packet_id, const std::vector<std::string>& filters, int qos,
                     std::string* out) {
  std::string body;
  AppendUint16(packet_id, &body);
  for (const std::string& filter : filters) {
    AppendString(filter, &body);
    body.push_back(static_cast<char>(qos));
  }
  AppendBody(PacketType::kSubscribe, kReservedFlags, body, out);
}

void AppendAcknowledgement(PacketType type, uint16_t packet_id, std::string* out) {
  AppendFixedHeader(type, type == PacketType::kPubrel ? kReservedFlags : 0, 2, out);
  AppendUint16(packet_id, out);
}

void AppendBare(PacketType type, std::string* out) { AppendFixedHeader(type, 0, 0, out); }

void AppendPublishHead(std::string_view topic, size_t payload_size, int qos, bool retain,
                       uint16_t packet_id, std::string* out) {
  const size_t id_size = qos > 0 ? 2 : 0;
  AppendFixedHeader(PacketType::kPublish, static_cast<uint8_t>((qos << 1) | (retain ? 1 : 0)),
                    2 + topic.size() + id_size + payload_size, out);
  AppendString(topic, out);
  if (qos > 0) AppendUint16(packet_id, out);
}

ParseResult ParsePacket(std::string_view in, size_t max_size, Packet* packet) {
  size_t remaining = 0;
  size_t head = 1;
  for (unsigned shift = 0;; shift += 7) {
    if (shift > 21) return ParseResult::kBroken;
    if (in.size() <= head) return ParseResult::kNeedMore;
    const auto digit = static_cast<uint8_t>(in[head++]);
    remaining |= static_cast<size_t>(digit & 0x7F) << shift;
    if ((digit & 0x80) == 0) break;
  }
  if (remaining > max_size) return ParseResult::kBroken;
  if (in.size() < head + remaining) return ParseResult::kNeedMore;
  packet->type = static_cast<PacketType>(static_cast<uint8_t>(in[0]) >> 4);
  packet->flags = static_cast<uint8_t>(in[0]) & 0x0F;
  packet->body = in.substr(head, remaining);
  packet->size = head + remaining;
  return ParseResult::kPacket;
}

std::optional<PublishPacket> ParsePublish(const Packet& packet) {
  PublishPacket publish;
  publish.qos = (packet.flags >> 1) & 0x03;
  publish.retain = (packet.flags & 0x01) != 0;
  std::string_view body = packet.body;
  if (publish.qos > 2 || body.size() < 2) return std::nullopt;
  const size_t topic_size = ReadUint16(body);
  body.remove_prefix(2);
  if (body.size() < topic_size) return std::nullopt;
  publish.topic = body.substr(0, topic_size);
  body.remove_prefix(topic_size);
  if (publish.qos > 0) {
    if (body.size() < 2) return std::nullopt;
    publish.packet_id = ReadUint16(body);
    body.remove_prefix(2);
  }
  publish.payload = body;
  return publish;
}

std::optional<uint16_t> ParsePacketId(const Packet& packet) {
  if (packet.body.size() < 2) return std::nullopt;
  return ReadUint16(packet.body);
}

const char* ConnackReason(uint8_t code) {
  switch (code) {
    case 1:
      return "protocol version refused";
    case 2:
      return "client id refused";
    case 3:
      return "broker unavailable";
    case 4:
      return "bad user name or password";
    case 5:
      return "not authorised";
    default:
      return "refused";
  }
}

}  // namespace wirepas_grpc::sim
