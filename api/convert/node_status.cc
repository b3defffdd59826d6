// SPDX-License-Identifier: Apache-2.0
#include "api/convert/node_status.h"

#include "absl/strings/str_cat.h"
#include "api/call/validate.h"
#include "api/convert/time.h"

namespace wirepas_grpc::api {
namespace {

mesh::NodeScratchpadType TypeOf(uint8_t code) {
  switch (code) {
    case 0:
      return mesh::NODE_SCRATCHPAD_TYPE_BLANK;
    case 1:
      return mesh::NODE_SCRATCHPAD_TYPE_PRESENT;
    case 2:
      return mesh::NODE_SCRATCHPAD_TYPE_PROCESS;
    default:
      return mesh::NODE_SCRATCHPAD_TYPE_UNSPECIFIED;
  }
}

// The codes 0 to 9 are those of the API less one.
static_assert(mesh::NODE_SCRATCHPAD_STATE_SUCCESS == 1);
static_assert(mesh::NODE_SCRATCHPAD_STATE_AUTHENTICATION_ERROR == 5);
static_assert(mesh::NODE_SCRATCHPAD_STATE_FLASH_DRIVER_ERROR == 9);

mesh::NodeScratchpadState StateOf(uint8_t code) {
  constexpr uint8_t kFlashDriverError = 8;
  constexpr uint8_t kNew = 255;
  if (code == kNew) return mesh::NODE_SCRATCHPAD_STATE_NEW;
  if (code > kFlashDriverError) return mesh::NODE_SCRATCHPAD_STATE_UNSPECIFIED;
  return static_cast<mesh::NodeScratchpadState>(code + 1);
}

// Likewise.
static_assert(mesh::SCRATCHPAD_ACTION_NO_OTAP == 1);
static_assert(mesh::SCRATCHPAD_ACTION_LEGACY_OTAP == 5);

mesh::ScratchpadAction ActionOf(uint8_t code) {
  constexpr uint8_t kLegacy = 4;
  if (code > kLegacy) return mesh::SCRATCHPAD_ACTION_UNSPECIFIED;
  return static_cast<mesh::ScratchpadAction>(code + 1);
}

mesh::ScratchpadInfo InfoOf(const core::NodeReport::Scratchpad& scratchpad) {
  mesh::ScratchpadInfo proto;
  proto.set_length(scratchpad.length);
  proto.set_crc(scratchpad.crc);
  proto.set_sequence(scratchpad.sequence);
  return proto;
}

mesh::NodeFirmware FirmwareOf(const core::NodeReport::Firmware& firmware) {
  mesh::NodeFirmware proto;
  *proto.mutable_scratchpad() = InfoOf(firmware.scratchpad);
  proto.set_area_id(firmware.area_id);
  proto.mutable_version()->set_major(firmware.version[0]);
  proto.mutable_version()->set_minor(firmware.version[1]);
  proto.mutable_version()->set_maintenance(firmware.version[2]);
  proto.mutable_version()->set_development(firmware.version[3]);
  return proto;
}

mesh::NodeTarget TargetOf(const core::NodeReport::Target& target) {
  mesh::NodeTarget proto;
  proto.set_action(ActionOf(target.action));
  proto.set_sequence(target.sequence);
  proto.set_crc(target.crc);
  *proto.mutable_delay() = ToDuration(target.delay);
  *proto.mutable_remaining_delay() = ToDuration(target.remaining_delay);
  return proto;
}

}  // namespace

mesh::NodeStatus ToProto(const core::NodeWithStatus& node) {
  mesh::NodeStatus proto;
  proto.set_network_address(core::NetworkOfNode(node.key));
  proto.set_node_address(core::AddressOfNode(node.key));
  proto.mutable_sink()->set_gateway_id(node.status.sink()->gateway_id);
  proto.mutable_sink()->set_sink_id(node.status.sink()->sink_id);
  *proto.mutable_receive_time() = ToTimestamp(node.status.receive_time());
  *proto.mutable_send_time() = ToTimestamp(node.status.send_time());
  const core::NodeReport report = node.status.report();
  proto.set_report_version(static_cast<uint32_t>(report.version));
  *proto.mutable_stored() = InfoOf(report.stored);
  proto.set_stored_type(TypeOf(report.stored_type));
  proto.set_stored_state(StateOf(report.stored_state));
  proto.set_stored_state_code(report.stored_state);
  *proto.mutable_stack() = FirmwareOf(report.stack);
  if (report.application.has_value()) {
    *proto.mutable_application() = FirmwareOf(*report.application);
  }
  if (report.target.has_value()) *proto.mutable_target() = TargetOf(*report.target);
  return proto;
}

absl::StatusOr<core::NodeStatusFilter> ToFilter(const mesh::NodeStatusFilter& filter) {
  FilterSize size;
  absl::Status status =
      size.AddNumbers("filter.network_addresses", filter.network_addresses_size());
  status.Update(size.AddNumbers("filter.node_addresses", filter.node_addresses_size()));
  for (int i = 0; i < filter.network_addresses_size(); ++i) {
    status.Update(CheckAtMost(absl::StrCat("filter.network_addresses[", i, "]"),
                              filter.network_addresses(i), kMaxNetworkAddress));
  }
  if (!status.ok()) return status;
  core::NodeStatusFilter result;
  result.network_addresses.insert(filter.network_addresses().begin(),
                                  filter.network_addresses().end());
  result.node_addresses.insert(filter.node_addresses().begin(), filter.node_addresses().end());
  return result;
}

}  // namespace wirepas_grpc::api
