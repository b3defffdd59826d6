// SPDX-License-Identifier: Apache-2.0
// The packets that the nodes behind one simulated sink send.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_UPLINK_SOURCE_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_UPLINK_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gateway_api/generic_message.pb.h"
#include "tests/simulator/sink_model.h"

namespace wirepas_grpc::sim {

struct EndpointPair {
  uint32_t source = 1;
  uint32_t destination = 1;
};

// What all sinks of a simulator have in common.
struct UplinkPlan {
  // Bytes at the start of every generated payload: the sequence number (8 bytes,
  // little-endian, from 0 up for each gateway) and the time of sending (8 bytes,
  // little-endian, microseconds since the Unix epoch).
  static constexpr size_t kStampSize = 16;

  uint32_t nodes = 10;
  size_t payload_size = 32;  // At least kStampSize.
  std::vector<EndpointPair> endpoints = {EndpointPair{}};
  std::vector<uint32_t> hidden_endpoints;  // Source endpoints without payload.
  bool names_network = true;               // Whether packets carry the network address.
  bool leaves_out_no_hops = false;         // Whether packets without a hop carry no count of them.
};

// One packet in every detail. Unset means what a node would have.
struct RawUplink {
  std::optional<uint32_t> source_address;
  std::optional<uint32_t> destination_address;
  uint32_t source_endpoint = 1;
  uint32_t destination_endpoint = 1;
  uint32_t qos = 0;
  std::string payload;
  bool hidden = false;
  bool names_network = true;
  uint32_t hop_count = 1;
  uint32_t travel_time_ms = 10;
  std::optional<uint64_t> event_id;
};

// Not thread-safe.
class UplinkSource {
 public:
  // `plan` outlives this. Nodes have the addresses from `first_node` up.
  UplinkSource(const UplinkPlan* plan, std::string gateway_id, uint32_t first_node);

  // Takes over the sink's addresses. To be called before the first packet and
  // after every change of the sink's configuration.
  void Follow(const SinkModel& sink);

  // Fills `message` with the next packet of the next node and returns its topic,
  // valid until Follow. `message` may be one that this or another source filled
  // before, and nobody else: fields that never differ are not cleared.
  const std::string& Fill(uint64_t sequence, uint64_t event_id, absl::Time wall_clock,
                          pb::GenericMessage* message);

  // The same for a packet that is given; returns its topic.
  std::string FillRaw(const RawUplink& raw, uint64_t event_id, absl::Time wall_clock,
                      pb::GenericMessage* message) const;

  // Nodes that a packet to `destination_address` reaches.
  std::vector<uint32_t> NodesAt(uint32_t destination_address) const;

  // How long a packet of the node is under way, and over how many hops.
  static absl::Duration TravelTime(uint32_t node);
  static uint32_t HopCount(uint32_t node) { return 1 + node % 5; }

 private:
  std::string Topic(const EndpointPair& endpoints) const;
  bool Hidden(uint32_t source_endpoint) const;

  const UplinkPlan* const plan_;
  const std::string gateway_id_;
  const uint32_t first_node_;
  const std::string filler_;
  std::string sink_id_;
  uint32_t sink_address_ = 0;
  uint32_t network_address_ = 0;
  std::vector<std::string> topics_;  // One per pair of endpoints.
  uint64_t packets_ = 0;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_UPLINK_SOURCE_H_
