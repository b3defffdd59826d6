// SPDX-License-Identifier: Apache-2.0
// What the flood broker sends: packets encoded once, to be copied and numbered.
#ifndef WIREPAS_GRPC_TESTS_BENCH_FLOOD_LOAD_H_
#define WIREPAS_GRPC_TESTS_BENCH_FLOOD_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wirepas_grpc::bench {

struct FloodPlan {
  uint32_t gateways = 10;
  uint32_t sinks = 2;                     // of each gateway
  uint32_t nodes = 5;                     // of each sink
  std::vector<uint32_t> endpoints = {1};  // source and destination alike
  size_t payload_size = 32;
  std::string gateway_id_prefix = "sim-gw-";
};

// A PUBLISH packet of QoS 1 that carries an uplink.
class FloodPacket {
 public:
  FloodPacket(std::string topic, const std::string& payload, size_t event_id_in_payload);

  const std::string& topic() const { return topic_; }
  size_t message_size() const { return message_size_; }

  // Appends the packet, with its numbers, to `out`. The event id is one of FloodLoad::EventId().
  void AppendTo(uint16_t packet_id, uint64_t event_id, std::string* out) const;

 private:
  std::string topic_;
  size_t message_size_;
  std::string bytes_;
  size_t packet_id_at_;
  size_t event_id_at_;
};

// Immutable after construction.
class FloodLoad {
 public:
  struct Status {
    std::string topic;
    std::string payload;
  };

  explicit FloodLoad(const FloodPlan& plan);

  // Consecutive ones come from different gateways.
  const std::vector<FloodPacket>& packets() const { return packets_; }
  // The retained status of each gateway, with its sinks.
  const std::vector<Status>& statuses() const { return statuses_; }

  // The id of the event with this number: never the same twice, also not in the next
  // process but for bad luck, and always of the same length on the wire.
  uint64_t EventId(uint64_t number) const { return first_event_id_ + number; }

 private:
  const uint64_t first_event_id_;
  std::vector<FloodPacket> packets_;
  std::vector<Status> statuses_;
};

}  // namespace wirepas_grpc::bench

#endif  // WIREPAS_GRPC_TESTS_BENCH_FLOOD_LOAD_H_
