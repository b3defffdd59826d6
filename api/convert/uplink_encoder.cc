// SPDX-License-Identifier: Apache-2.0
#include "api/convert/uplink_encoder.h"

#include <cstdint>
#include <cstring>

#include "api/convert/gap.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::api {
namespace {

using mesh::SubscribeUplinkResponse;
using Field = mesh::Uplink;

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2 };

size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

// The two passes over a packet: the first counts what the second writes.
struct Counter {
  size_t size = 0;
  void Varint(uint64_t value) { size += VarintSize(value); }
  void Fixed64(uint64_t) { size += sizeof(uint64_t); }
  void Bytes(const std::string& bytes) { size += bytes.size(); }
};

struct Writer {
  char* position;
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) *position++ = static_cast<char>(value | 0x80);
    *position++ = static_cast<char>(value);
  }
  void Fixed64(uint64_t value) {  // little-endian
    for (size_t i = 0; i < sizeof value; ++i) *position++ = static_cast<char>(value >> (8 * i));
  }
  void Bytes(const std::string& bytes) {
    std::memcpy(position, bytes.data(), bytes.size());
    position += bytes.size();
  }
};

template <typename Out>
void PutTag(int field, WireType type, Out* out) {
  out->Varint(static_cast<uint32_t>(field) << 3 | type);
}

template <typename Out>
void PutNumber(int field, uint64_t value, Out* out) {
  PutTag(field, kVarint, out);
  out->Varint(value);
}

// Proto3: a field without presence is not on the wire when it has its default.
template <typename Out>
void PutUnlessZero(int field, uint64_t value, Out* out) {
  if (value != 0) PutNumber(field, value, out);
}

template <typename Out>
void PutBytes(int field, const std::string& bytes, Out* out) {
  PutTag(field, kLengthDelimited, out);
  out->Varint(bytes.size());
  out->Bytes(bytes);
}

// Duration and Timestamp: 1 int64 seconds, 2 int32 nanos. Neither is negative here. `per_second`:
// how many of the unit a second has.
template <typename Out>
void PutTime(int field, int64_t value, int64_t per_second, Out* out) {
  const uint64_t seconds = value / per_second;
  const uint64_t nanos = value % per_second * (1000000000 / per_second);
  Counter length;
  PutUnlessZero(1, seconds, &length);
  PutUnlessZero(2, nanos, &length);
  PutTag(field, kLengthDelimited, out);
  out->Varint(length.size);
  PutUnlessZero(1, seconds, out);
  PutUnlessZero(2, nanos, out);
}

template <typename Out>
void PutMilliseconds(int field, int64_t value, Out* out) {
  PutTime(field, value, 1000, out);
}

template <typename Out>
void PutUplink(const core::Uplink& uplink, int64_t arrival_us, Out* out) {
  PutBytes(Field::kGatewayIdFieldNumber, uplink.gateway_id, out);
  PutBytes(Field::kSinkIdFieldNumber, uplink.sink_id, out);
  if (uplink.network_address) {
    PutNumber(Field::kNetworkAddressFieldNumber, *uplink.network_address, out);
  }
  PutUnlessZero(Field::kSourceAddressFieldNumber, uplink.source_address, out);
  PutUnlessZero(Field::kDestinationAddressFieldNumber, uplink.destination_address, out);
  PutUnlessZero(Field::kSourceEndpointFieldNumber, uplink.source_endpoint, out);
  PutUnlessZero(Field::kDestinationEndpointFieldNumber, uplink.destination_endpoint, out);
  PutUnlessZero(Field::kQosFieldNumber, uplink.qos, out);
  if (!uplink.payload_hidden) PutBytes(Field::kPayloadFieldNumber, uplink.payload, out);
  PutUnlessZero(Field::kPayloadSizeFieldNumber, uplink.payload_size, out);
  if (uplink.hop_count) PutNumber(Field::kHopCountFieldNumber, *uplink.hop_count, out);
  PutMilliseconds(Field::kTravelTimeFieldNumber, absl::ToInt64Milliseconds(uplink.travel_time),
                  out);
  PutMilliseconds(Field::kReceiveTimeFieldNumber, absl::ToUnixMillis(uplink.receive_time), out);
  PutUnlessZero(Field::kEventIdFieldNumber, uplink.event_id, out);
  if (uplink.packet_id != 0) {
    PutTag(Field::kPacketIdFieldNumber, kFixed64, out);
    out->Fixed64(uplink.packet_id);
  }
  if (uplink.publish_time != absl::InfinitePast()) {
    PutMilliseconds(Field::kPublishTimeFieldNumber, absl::ToUnixMillis(uplink.publish_time), out);
  }
  PutTime(Field::kArrivalTimeFieldNumber, arrival_us, 1000000, out);
}

}  // namespace

std::string EncodeUplink(const core::Uplink& uplink, absl::Time arrival_time) {
  const int64_t arrival_us = absl::ToUnixMicros(arrival_time);
  Counter length;
  PutUplink(uplink, arrival_us, &length);
  Counter all = length;
  PutTag(SubscribeUplinkResponse::kUplinksFieldNumber, kLengthDelimited, &all);
  all.Varint(length.size);

  std::string bytes(all.size, '\0');
  Writer writer{bytes.data()};
  PutTag(SubscribeUplinkResponse::kUplinksFieldNumber, kLengthDelimited, &writer);
  writer.Varint(length.size);
  PutUplink(uplink, arrival_us, &writer);
  return bytes;
}

const std::string& EncodedUplink(const core::Uplink& uplink, const core::ArrivalTimes& times,
                                 std::string* scratch) {
  const core::EncodedOnce::Form& form = uplink.encoded.Get([&] {
    return core::EncodedOnce::Form{EncodeUplink(uplink, times.Of(uplink.moment)), times.version()};
  });
  if (form.version == times.version()) return form.bytes;
  return *scratch = EncodeUplink(uplink, times.Of(uplink.moment));
}

std::string EncodeCursorAndGap(const std::string& cursor, const std::optional<core::Gap>& gap) {
  SubscribeUplinkResponse rest;
  rest.set_cursor(cursor);
  if (gap.has_value()) *rest.mutable_gap() = ToProto(*gap);
  return rest.SerializeAsString();
}

}  // namespace wirepas_grpc::api
