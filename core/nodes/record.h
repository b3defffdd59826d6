// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NODES_RECORD_H_
#define WIREPAS_GRPC_CORE_NODES_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/nodes/sink_names.h"
#include "core/traffic/uplink.h"

namespace wirepas_grpc::core {

// What is known of a node from its uplinks. Kept small: times are milliseconds since
// 1970, by the gateways' clocks, as these tell them. Which packet was the first, and which
// the last, is told by the order in which they came here: a gateway's clock may be wrong. One
// that was ahead at the first packet is put right by later ones, see Count().
struct NodeRecord {
  // The most pairs of endpoints that are kept, those seen first.
  static constexpr size_t kMaxEndpoints = 64;
  // How many sinks that heard the node are kept besides the last.
  static constexpr size_t kEarlierSinks = 3;

  struct Endpoints {
    uint8_t source = 0;
    uint8_t destination = 0;
    uint64_t packets = 0;
  };

  uint64_t sequence = 0;         // in the uplink log, of the packet that was counted last
  int64_t first_arrival_ms = 0;  // when the first packet came here, by this service's clock
  int64_t first_seen_ms = 0;
  int64_t last_seen_ms = 0;
  uint64_t packets = 0;
  uint64_t hop_packets = 0;  // those whose gateway tells the hops
  uint64_t hop_sum = 0;      // of them
  uint64_t travel_ms_sum = 0;
  uint32_t last_hop_count = 0;
  uint32_t last_travel_ms = 0;
  bool last_hop_known = false;
  bool stored = false;  // for the registry: there may be a row on disk
  SinkNamePtr last_sink;
  // Other sinks that heard it before, each once, the latest first, by the order in which the
  // packets came here; null behind them.
  std::array<SinkNamePtr, kEarlierSinks> earlier_sinks;
  std::vector<Endpoints> endpoints;  // sorted by source, then destination

  // Counts a packet, which is the last one now. One that was received before what counts as
  // the first does so instead, unless that would be before the first one came here: then its
  // own time is what is wrong, or it was late. `now`: by this service's clock.
  void Count(uint64_t packet_sequence, const Uplink& uplink, absl::Time now, SinkNames* sinks);

  absl::Time first_seen() const { return absl::FromUnixMillis(first_seen_ms); }
  absl::Time last_seen() const { return absl::FromUnixMillis(last_seen_ms); }
  std::optional<double> mean_hop_count() const;
  absl::Duration mean_travel_time() const;

 private:
  void CountEndpoints(uint8_t source, uint8_t destination);
  void CountSink(const std::string& gateway_id, const std::string& sink_id, SinkNames* sinks);
};

// How a record lies on disk: a version, 3, the numbers, the last sink, the number of earlier ones
// and these, the endpoints. `out` is replaced.
void EncodeNodeRecord(const NodeRecord& record, std::string* out);
// Nothing when the bytes are not of this form, or of the versions 2, which had no earlier sinks, or
// 1, which had no first arrival either.
std::optional<NodeRecord> DecodeNodeRecord(absl::string_view bytes, SinkNames* sinks);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NODES_RECORD_H_
