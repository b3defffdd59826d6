// SPDX-License-Identifier: Apache-2.0
//
// Nodes and their statuses: codes, and what the tests of the services do not reach.
#include "api/convert/node.h"

#include "api/convert/node_status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::StartsWith;

// A report of the longest version with these bytes, of which the rest is 0.
mesh::NodeStatus StatusWith(uint8_t type, uint8_t state, uint8_t action) {
  core::Uplink uplink;
  uplink.gateway_id = "gw";
  uplink.sink_id = "sink";
  uplink.payload = std::string("\x99\x2f", 2) + std::string(47, '\0');
  uplink.payload[9] = static_cast<char>(type);
  uplink.payload[10] = static_cast<char>(state);
  uplink.payload[41] = static_cast<char>(action);
  core::SinkNames sinks;
  core::ReportProblem problem;
  const auto status = core::NodeStatus::FromUplink(1, uplink, &sinks, &problem);
  EXPECT_TRUE(status.has_value());
  return status.has_value() ? ToProto(core::NodeWithStatus{0, *status}) : mesh::NodeStatus();
}

TEST(ConvertNodeStatus, EveryTypeHasItsOwnAndOthersNone) {
  const std::vector<mesh::NodeScratchpadType> known = {mesh::NODE_SCRATCHPAD_TYPE_BLANK,
                                                       mesh::NODE_SCRATCHPAD_TYPE_PRESENT,
                                                       mesh::NODE_SCRATCHPAD_TYPE_PROCESS};
  for (int code = 0; code < 256; ++code) {
    const auto at = static_cast<size_t>(code);
    EXPECT_EQ(StatusWith(static_cast<uint8_t>(code), 0, 0).stored_type(),
              at < known.size() ? known[at] : mesh::NODE_SCRATCHPAD_TYPE_UNSPECIFIED)
        << code;
  }
}

TEST(ConvertNodeStatus, EveryStateHasItsOwnAndOthersTheirCode) {
  const std::vector<mesh::NodeScratchpadState> known = {
      mesh::NODE_SCRATCHPAD_STATE_SUCCESS,
      mesh::NODE_SCRATCHPAD_STATE_FLASH_ERROR,
      mesh::NODE_SCRATCHPAD_STATE_INVALID_HEADER,
      mesh::NODE_SCRATCHPAD_STATE_INVALID_CRC,
      mesh::NODE_SCRATCHPAD_STATE_AUTHENTICATION_ERROR,
      mesh::NODE_SCRATCHPAD_STATE_DECOMPRESSION_ERROR,
      mesh::NODE_SCRATCHPAD_STATE_NO_SPACE,
      mesh::NODE_SCRATCHPAD_STATE_INVALID_FILE_HEADER,
      mesh::NODE_SCRATCHPAD_STATE_FLASH_DRIVER_ERROR};
  for (int code = 0; code < 256; ++code) {
    const auto at = static_cast<size_t>(code);
    mesh::NodeScratchpadState wanted = mesh::NODE_SCRATCHPAD_STATE_UNSPECIFIED;
    if (at < known.size()) wanted = known[at];
    if (code == 255) wanted = mesh::NODE_SCRATCHPAD_STATE_NEW;
    const mesh::NodeStatus status = StatusWith(0, static_cast<uint8_t>(code), 0);
    EXPECT_EQ(status.stored_state(), wanted) << code;
    EXPECT_EQ(status.stored_state_code(), static_cast<uint32_t>(code));
  }
}

TEST(ConvertNodeStatus, EveryActionHasItsOwnAndOthersNone) {
  const std::vector<mesh::ScratchpadAction> known = {
      mesh::SCRATCHPAD_ACTION_NO_OTAP, mesh::SCRATCHPAD_ACTION_PROPAGATE_ONLY,
      mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS,
      mesh::SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY,
      mesh::SCRATCHPAD_ACTION_LEGACY_OTAP};
  for (int code = 0; code < 256; ++code) {
    const auto at = static_cast<size_t>(code);
    EXPECT_EQ(StatusWith(0, 0, static_cast<uint8_t>(code)).target().action(),
              at < known.size() ? known[at] : mesh::SCRATCHPAD_ACTION_UNSPECIFIED)
        << code;
  }
}

TEST(ConvertNode, OfANodeForgottenLongAgoOnlyTheAddressesAreKnown) {
  core::NodeChange change;
  change.type = core::NodeChange::Type::kRemoved;
  change.node.key = core::MakeNodeKey(12, 7);
  const mesh::NodeEvent event = ToProto(change);
  EXPECT_EQ(event.type(), mesh::NODE_EVENT_TYPE_REMOVED);
  mesh::Node addresses;
  addresses.set_network_address(12);
  addresses.set_node_address(7);
  EXPECT_EQ(event.node().SerializeAsString(), addresses.SerializeAsString());
}

TEST(ConvertNode, FiltersAreBounded) {
  mesh::NodeFilter filter;
  for (uint32_t network = 0; network < 10000; ++network) filter.add_network_addresses(network);
  for (int i = 0; i < 10000; ++i) filter.add_gateway_ids("gw");
  const auto all = ToFilter(filter);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->network_addresses.size(), 10000u);
  EXPECT_EQ(all->gateway_ids.size(), 1u);
  filter.add_gateway_ids("gw");
  EXPECT_THAT(std::string(ToFilter(filter).status().message()),
              StartsWith("filter.gateway_ids: 10001 values"));
  filter.mutable_gateway_ids()->RemoveLast();
  filter.add_network_addresses(1);
  EXPECT_THAT(std::string(ToFilter(filter).status().message()),
              StartsWith("filter.network_addresses: 10001 values"));
}

TEST(ConvertNode, FiltersNameNodesAndAreBoundedInAll) {
  mesh::NodeFilter filter;
  for (uint32_t node = 0; node < 10000; ++node) filter.add_node_addresses(node);
  ASSERT_TRUE(ToFilter(filter).ok());
  EXPECT_EQ(ToFilter(filter)->node_addresses.size(), 10000u);
  // 40,000 bytes and 240,000 are more than 256 KiB.
  for (int i = 0; i < 1000; ++i) filter.add_gateway_ids(std::string(240, 'g'));
  EXPECT_THAT(std::string(ToFilter(filter).status().message()),
              StartsWith("filter.node_addresses: with it"));
  filter.mutable_gateway_ids()->RemoveLast();
  filter.add_node_addresses(1);
  EXPECT_THAT(std::string(ToFilter(filter).status().message()),
              StartsWith("filter.node_addresses: 10001 values"));
}

TEST(ConvertNode, APageBeginsBehindTheNodeOfItsToken) {
  Page page;
  EXPECT_EQ(*FirstNodeOf(page), 0u);
  page.first = false;
  page.after = core::EncodeNodeKey(core::MakeNodeKey(12, 0xffffffff));
  EXPECT_EQ(*FirstNodeOf(page), core::MakeNodeKey(13, 0));
  for (const std::string& after : {std::string(7, 'x'), std::string(9, 'x')}) {
    page.after = after;
    const auto first = FirstNodeOf(page);
    ASSERT_FALSE(first.ok());
    EXPECT_TRUE(absl::IsInvalidArgument(first.status()));
    EXPECT_THAT(std::string(first.status().message()), StartsWith("page_token:"));
  }
}

}  // namespace
}  // namespace wirepas_grpc::api
