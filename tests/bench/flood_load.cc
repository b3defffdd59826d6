// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/flood_load.h"

#include <cstdlib>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/simulator/gateway_model.h"
#include "tests/simulator/mqtt_packet.h"
#include "tests/simulator/uplink_source.h"

namespace wirepas_grpc::bench {
namespace {

constexpr int kQos = 1;
constexpr size_t kPacketIdSize = 2;
// Event ids lie between 2^56 and 2^63, which take this many bytes as a varint.
constexpr size_t kEventIdSize = 9;

void WriteEventId(uint64_t event_id, char* out) {
  for (size_t i = 0; i < kEventIdSize; ++i) {
    const bool last = i + 1 == kEventIdSize;
    out[i] = static_cast<char>((event_id >> (7 * i) & 0x7F) | (last ? 0 : 0x80));
  }
}

uint64_t RandomFirstEventId() {
  std::random_device device;
  return (uint64_t{1} << 62) + (uint64_t{device()} << 24);
}

sim::GatewaySettings MakeGateway(const FloodPlan& plan, uint32_t number) {
  sim::GatewaySettings gateway;
  gateway.gateway_id = absl::StrCat(plan.gateway_id_prefix, number);
  gateway.model = "flood";
  for (uint32_t i = 0; i < plan.sinks; ++i) {
    sim::SinkSettings sink;
    sink.sink_id = absl::StrCat("sink", i);
    sink.node_address = 1 + number * plan.sinks + i;
    gateway.sinks.push_back(std::move(sink));
  }
  return gateway;
}

FloodPacket MakePacket(uint64_t event_id, sim::UplinkSource* source,
                       wirepas::proto::gateway_api::GenericMessage* scratch) {
  const std::string topic = source->Fill(event_id, event_id, absl::Now(), scratch);
  const std::string payload = scratch->SerializeAsString();
  std::string encoded_id(kEventIdSize, '\0');
  WriteEventId(event_id, encoded_id.data());
  const size_t at = payload.find(encoded_id);
  if (at == std::string::npos) std::abort();  // the plan of the ids does not hold
  return FloodPacket(topic, payload, at);
}

}  // namespace

FloodPacket::FloodPacket(std::string topic, const std::string& payload, size_t event_id_in_payload)
    : topic_(std::move(topic)), message_size_(payload.size()) {
  constexpr uint16_t kNoId = 0;
  sim::AppendPublishHead(topic_, payload.size(), kQos, /*retain=*/false, kNoId, &bytes_);
  packet_id_at_ = bytes_.size() - kPacketIdSize;
  event_id_at_ = bytes_.size() + event_id_in_payload;
  bytes_ += payload;
}

void FloodPacket::AppendTo(uint16_t packet_id, uint64_t event_id, std::string* out) const {
  const size_t start = out->size();
  out->append(bytes_);
  char* const packet = out->data() + start;
  packet[packet_id_at_] = static_cast<char>(packet_id >> 8);
  packet[packet_id_at_ + 1] = static_cast<char>(packet_id);
  WriteEventId(event_id, packet + event_id_at_);
}

FloodLoad::FloodLoad(const FloodPlan& plan) : first_event_id_(RandomFirstEventId()) {
  sim::UplinkPlan uplinks;
  uplinks.nodes = plan.nodes;
  uplinks.payload_size = plan.payload_size;
  uplinks.endpoints.clear();
  for (const uint32_t endpoint : plan.endpoints) uplinks.endpoints.push_back({endpoint, endpoint});

  constexpr uint32_t kFirstNode = 1'000'000;
  std::vector<sim::UplinkSource> sources;
  for (uint32_t i = 0; i < plan.gateways; ++i) {
    sim::GatewayModel gateway(MakeGateway(plan, i), first_event_id_);
    const sim::Outgoing status = gateway.Status(/*online=*/true, absl::Now());
    statuses_.push_back({status.topic, status.message.SerializeAsString()});
    for (uint32_t k = 0; k < plan.sinks; ++k) {
      const auto node = static_cast<uint32_t>(kFirstNode + sources.size() * plan.nodes);
      sources.emplace_back(&uplinks, gateway.id(), node);
      sources.back().Follow(gateway.sink(k));
    }
  }
  wirepas::proto::gateway_api::GenericMessage scratch;
  for (size_t turn = 0; turn < plan.nodes * plan.endpoints.size(); ++turn) {
    for (sim::UplinkSource& source : sources) {
      packets_.push_back(MakePacket(first_event_id_, &source, &scratch));
    }
  }
}

}  // namespace wirepas_grpc::bench
