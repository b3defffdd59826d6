// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_NODES_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_NODES_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/nodes/registry.h"
#include "core/traffic/uplink.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {

struct PacketOf {
  uint32_t node = 1;
  int64_t time_ms = 0;
  std::string gateway = "g";
  std::string sink = "s";
  uint32_t network = 7;
  uint8_t source_endpoint = 1;
  std::optional<uint32_t> hops = std::nullopt;
  int64_t travel_ms = 0;
};

inline std::unique_ptr<Uplink> MakePacket(const PacketOf& packet) {
  auto uplink = std::make_unique<Uplink>();
  uplink->gateway_id = packet.gateway;
  uplink->sink_id = packet.sink;
  uplink->network_address = packet.network;
  uplink->source_address = packet.node;
  uplink->source_endpoint = packet.source_endpoint;
  uplink->destination_endpoint = 2;
  uplink->hop_count = packet.hops;
  uplink->travel_time = absl::Milliseconds(packet.travel_ms);
  uplink->receive_time = absl::FromUnixMillis(packet.time_ms);
  return uplink;
}

// A registry of at most three nodes that remembers two forgotten ones.
class NodeFixture : public testing::Test {
 protected:
  ~NodeFixture() override { executor_.Stop(); }

  void Count(const PacketOf& packet) {
    registry_.Count(++sequence_, *MakePacket(packet));
    registry_.WakeWatchers();
  }
  std::vector<uint32_t> Addresses(const NodeFilter& filter = {}) {
    std::vector<uint32_t> addresses;
    for (const Node& node : registry_.List(0, filter, 1000, 1000).nodes) {
      addresses.push_back(AddressOfNode(node.key));
    }
    return addresses;
  }
  // The sinks that heard the node.
  std::vector<std::string> Heard(uint32_t node = 1) {
    std::vector<std::string> sinks;
    for (const SinkNamePtr& sink : registry_.SinksThatHeard(MakeNodeKey(7, node))) {
      sinks.push_back(absl::StrCat(sink->gateway_id, "/", sink->sink_id));
    }
    return sinks;
  }
  NodeRecord Only() {
    const auto page = registry_.List(0, {}, 1000, 1000);
    EXPECT_EQ(page.nodes.size(), 1u);
    return page.nodes.at(0).record;
  }

  FakeScheduler scheduler_;
  Executor executor_{1};
  NodeRegistry registry_{{.max_nodes = 3, .max_removals = 2}, &executor_, &scheduler_};
  uint64_t sequence_ = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_NODES_FIXTURE_H_
