// SPDX-License-Identifier: Apache-2.0
#include "core/nodes/record.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "core/nodes/record_bytes.h"

namespace wirepas_grpc::core {
namespace {

constexpr uint8_t kVersion = 3;
constexpr uint8_t kVersionWithoutEarlierSinks = 2;
constexpr uint8_t kVersionWithoutArrival = 1;

bool IsSink(const SinkNamePtr& sink, absl::string_view gateway_id, absl::string_view sink_id) {
  return sink != nullptr && sink->sink_id == sink_id && sink->gateway_id == gateway_id;
}

auto PairOf(const NodeRecord::Endpoints& endpoints) {
  return std::make_tuple(endpoints.source, endpoints.destination);
}

}  // namespace

void NodeRecord::Count(uint64_t packet_sequence, const Uplink& uplink, absl::Time now,
                       SinkNames* sinks) {
  const int64_t time = absl::ToUnixMillis(uplink.receive_time);
  const auto travel_ms = static_cast<uint32_t>(std::clamp<int64_t>(
      absl::ToInt64Milliseconds(uplink.travel_time), 0, std::numeric_limits<uint32_t>::max()));
  sequence = packet_sequence;
  if (packets == 0) {
    first_arrival_ms = absl::ToUnixMillis(now);
    first_seen_ms = time;
  } else if (time < first_seen_ms && time >= first_arrival_ms) {
    first_seen_ms = time;
  }
  last_seen_ms = time;
  last_travel_ms = travel_ms;
  last_hop_known = uplink.hop_count.has_value();
  last_hop_count = uplink.hop_count.value_or(0);
  CountSink(uplink.gateway_id, uplink.sink_id, sinks);
  ++packets;
  travel_ms_sum += travel_ms;
  if (uplink.hop_count.has_value()) {
    ++hop_packets;
    hop_sum += *uplink.hop_count;
  }
  CountEndpoints(uplink.source_endpoint, uplink.destination_endpoint);
}

void NodeRecord::CountSink(const std::string& gateway_id, const std::string& sink_id,
                           SinkNames* sinks) {
  if (IsSink(last_sink, gateway_id, sink_id)) return;
  // It takes the first place, and what stood before its old one moves back by one.
  SinkNamePtr moved = std::exchange(last_sink, nullptr);
  for (SinkNamePtr& place : earlier_sinks) {
    if (moved == nullptr) break;
    moved.swap(place);
    if (!IsSink(moved, gateway_id, sink_id)) continue;
    last_sink = std::move(moved);
    break;
  }
  if (last_sink == nullptr) last_sink = sinks->Get(gateway_id, sink_id);
}

void NodeRecord::CountEndpoints(uint8_t source, uint8_t destination) {
  const Endpoints wanted{source, destination, 1};
  const auto place = std::lower_bound(
      endpoints.begin(), endpoints.end(), wanted,
      [](const Endpoints& a, const Endpoints& b) { return PairOf(a) < PairOf(b); });
  if (place != endpoints.end() && PairOf(*place) == PairOf(wanted)) {
    ++place->packets;
  } else if (endpoints.size() < kMaxEndpoints) {
    endpoints.insert(place, wanted);
  }
}

std::optional<double> NodeRecord::mean_hop_count() const {
  if (hop_packets == 0) return std::nullopt;
  return static_cast<double>(hop_sum) / static_cast<double>(hop_packets);
}

absl::Duration NodeRecord::mean_travel_time() const {
  if (packets == 0) return absl::ZeroDuration();
  return absl::Milliseconds(static_cast<double>(travel_ms_sum) / static_cast<double>(packets));
}

void EncodeNodeRecord(const NodeRecord& record, std::string* out) {
  out->clear();
  RecordWriter writer(out);
  writer.Number(kVersion);
  writer.Number(record.sequence);
  writer.Number(record.first_arrival_ms);
  writer.Number(record.first_seen_ms);
  writer.Number(record.last_seen_ms);
  writer.Number(record.packets);
  writer.Number(record.hop_packets);
  writer.Number(record.hop_sum);
  writer.Number(record.travel_ms_sum);
  writer.Number(record.last_hop_count);
  writer.Number(record.last_travel_ms);
  writer.Number(static_cast<uint8_t>(record.last_hop_known));
  writer.Text(record.last_sink->gateway_id);
  writer.Text(record.last_sink->sink_id);
  const auto end = std::find(record.earlier_sinks.begin(), record.earlier_sinks.end(), nullptr);
  writer.Number(static_cast<uint8_t>(end - record.earlier_sinks.begin()));
  for (auto sink = record.earlier_sinks.begin(); sink != end; ++sink) {
    writer.Text((*sink)->gateway_id);
    writer.Text((*sink)->sink_id);
  }
  writer.Number(static_cast<uint8_t>(record.endpoints.size()));
  for (const NodeRecord::Endpoints& endpoints : record.endpoints) {
    writer.Number(endpoints.source);
    writer.Number(endpoints.destination);
    writer.Number(endpoints.packets);
  }
}

std::optional<NodeRecord> DecodeNodeRecord(absl::string_view bytes, SinkNames* sinks) {
  RecordReader reader(bytes);
  const uint8_t version = reader.Number<uint8_t>();
  if (version < kVersionWithoutArrival || version > kVersion) return std::nullopt;
  NodeRecord record;
  record.sequence = reader.Number<uint64_t>();
  if (version != kVersionWithoutArrival) record.first_arrival_ms = reader.Number<int64_t>();
  record.first_seen_ms = reader.Number<int64_t>();
  // So that it stays as it is.
  if (version == kVersionWithoutArrival) record.first_arrival_ms = record.first_seen_ms;
  record.last_seen_ms = reader.Number<int64_t>();
  record.packets = reader.Number<uint64_t>();
  record.hop_packets = reader.Number<uint64_t>();
  record.hop_sum = reader.Number<uint64_t>();
  record.travel_ms_sum = reader.Number<uint64_t>();
  record.last_hop_count = reader.Number<uint32_t>();
  record.last_travel_ms = reader.Number<uint32_t>();
  record.last_hop_known = reader.Number<uint8_t>() != 0;
  const absl::string_view gateway_id = reader.Text();
  const absl::string_view sink_id = reader.Text();
  const size_t earlier = version > kVersionWithoutEarlierSinks ? reader.Number<uint8_t>() : 0;
  if (earlier > NodeRecord::kEarlierSinks) return std::nullopt;
  for (size_t i = 0; i < earlier; ++i) {
    const absl::string_view earlier_gateway_id = reader.Text();
    record.earlier_sinks[i] = sinks->Get(earlier_gateway_id, reader.Text());
  }
  const size_t pairs = reader.Number<uint8_t>();
  if (!reader.ok() || pairs > NodeRecord::kMaxEndpoints) return std::nullopt;
  record.endpoints.resize(pairs);
  for (NodeRecord::Endpoints& endpoints : record.endpoints) {
    endpoints.source = reader.Number<uint8_t>();
    endpoints.destination = reader.Number<uint8_t>();
    endpoints.packets = reader.Number<uint64_t>();
  }
  if (!reader.ok() || !reader.rest().empty() || record.packets == 0) return std::nullopt;
  record.last_sink = sinks->Get(gateway_id, sink_id);
  return record;
}

}  // namespace wirepas_grpc::core
