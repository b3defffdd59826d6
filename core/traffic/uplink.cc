// SPDX-License-Identifier: Apache-2.0
#include "core/traffic/uplink.h"

#include <utility>

#include "core/gateway_api/codec.h"
#include "core/gateway_api/epoch_time.h"
#include "core/gateway_api/payload_limits.h"
#include "core/traffic/packet_id.h"

namespace wirepas_grpc::core {
namespace {

namespace gw = ::wirepas::proto::gateway_api;

bool Matches(const Topic& topic, const gw::PacketReceivedEvent& event) {
  return event.header().gw_id() == topic.gateway_id &&
         (!event.header().has_sink_id() || event.header().sink_id() == topic.sink_id) &&
         event.source_endpoint() == topic.source_endpoint &&
         event.destination_endpoint() == topic.destination_endpoint &&
         (!event.has_network_address() || !topic.network_address.has_value() ||
          event.network_address() == *topic.network_address);
}

bool InRange(const gw::PacketReceivedEvent& event) {
  return event.source_endpoint() <= 255 && event.destination_endpoint() <= 255 &&
         event.rx_time_ms_epoch() <= kMaxEpochMs && event.network_address() <= kMaxNetworkAddress;
}

}  // namespace

size_t Uplink::MemorySize() const {
  // The encoded form repeats ids and payload; 96 bytes are its numbers.
  return sizeof(Uplink) + 2 * (gateway_id.size() + sink_id.size() + payload.size()) + 96;
}

std::unique_ptr<Uplink> MakeUplink(const Topic& topic, gw::PacketReceivedEvent* event,
                                   DropReason* reason) {
  if (!InRange(*event)) {
    *reason = DropReason::kMalformedPayload;
    return nullptr;
  }
  if (!Matches(topic, *event)) {
    *reason = DropReason::kMismatch;
    return nullptr;
  }
  auto uplink = std::make_unique<Uplink>();
  uplink->gateway_id = std::string(topic.gateway_id);
  uplink->sink_id = std::string(topic.sink_id);
  uplink->network_address = topic.network_address;
  uplink->source_address = event->source_address();
  uplink->destination_address = event->destination_address();
  uplink->source_endpoint = static_cast<uint8_t>(event->source_endpoint());
  uplink->destination_endpoint = static_cast<uint8_t>(event->destination_endpoint());
  uplink->qos = event->qos();
  uplink->payload_hidden = !event->has_payload();
  uplink->payload_size =
      event->has_payload() ? static_cast<uint32_t>(event->payload().size()) : event->payload_size();
  uplink->payload = std::move(*event->mutable_payload());
  if (event->has_hop_count()) uplink->hop_count = event->hop_count();
  uplink->travel_time = absl::Milliseconds(event->travel_time_ms());
  uplink->receive_time = absl::FromUnixMillis(static_cast<int64_t>(event->rx_time_ms_epoch()));
  uplink->publish_time = TimeOfEpochMs(event->header().time_ms_epoch());
  uplink->event_id = event->header().event_id();
  *reason = DropReason::kNone;
  return uplink;
}

std::unique_ptr<Uplink> DecodeUplink(const Topic& parsed, absl::string_view topic,
                                     absl::string_view payload, gw::GenericMessage* scratch,
                                     DropReason* reason) {
  if (payload.size() > MaxPayloadSize(parsed)) {
    *reason = DropReason::kOversized;
    return nullptr;
  }
  scratch->Clear();
  *reason = Decode(payload, scratch);
  if (*reason != DropReason::kNone) return nullptr;
  if (!scratch->wirepas().has_packet_received_event()) {
    *reason = DropReason::kUnexpectedContent;
    return nullptr;
  }
  std::unique_ptr<Uplink> uplink =
      MakeUplink(parsed, scratch->mutable_wirepas()->mutable_packet_received_event(), reason);
  if (uplink != nullptr) uplink->packet_id = PacketId(topic, payload);
  return uplink;
}

std::unique_ptr<Uplink> DecodeUplink(absl::string_view topic, absl::string_view payload,
                                     gw::GenericMessage* scratch, DropReason* reason) {
  const absl::StatusOr<Topic> parsed = ParseTopic(topic);
  if (parsed.ok() && parsed->type == Topic::Type::kUplink) {
    return DecodeUplink(*parsed, topic, payload, scratch, reason);
  }
  *reason = DropReason::kMalformedTopic;
  return nullptr;
}

}  // namespace wirepas_grpc::core
