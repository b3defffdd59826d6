// SPDX-License-Identifier: Apache-2.0
// One simulated sink: its configuration, scratchpads and configuration data.
// Pure state; what changes in it, is judged and is reported as a real sink does.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_SINK_MODEL_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_SINK_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "gateway_api/configuration_data.pb.h"
#include "gateway_api/error.pb.h"
#include "gateway_api/send_packet.pb.h"
#include "gateway_api/sink_config.pb.h"
#include "tests/simulator/profile.h"
#include "tests/simulator/scratchpad_store.h"

namespace wirepas_grpc::sim {

// How a sink starts, and what it can do.
struct SinkSettings {
  std::string sink_id;
  Profile profile = Profile::kPolite;  // Of the gateway that it belongs to.
  uint32_t node_address = 1;
  uint32_t network_address = 0x123456;
  uint32_t network_channel = 5;
  uint32_t app_config_max_size = 80;               // Bytes.
  bool pads_app_config = false;                    // Reports it filled up with zeros.
  bool has_app_config = true;                      // False: none until it is given one.
  std::optional<uint32_t> max_scratchpad_request;  // Bytes; unset: no limit.
  bool scratchpad_chunks = true;
  bool key_management = true;
};

// Not thread-safe.
class SinkModel {
 public:
  static constexpr size_t kMaxPayload = 1500;
  static constexpr size_t kMaxConfigurationItem = 1500;
  static constexpr size_t kMaxConfigurationItems = 64;

  explicit SinkModel(const SinkSettings& settings);

  const std::string& sink_id() const { return config_.sink_id(); }
  uint32_t node_address() const { return config_.node_address(); }
  uint32_t network_address() const { return static_cast<uint32_t>(config_.network_address()); }
  // Whether the stack runs: a stopped sink neither sends nor receives.
  bool running() const { return config_.sink_state() == pb::ON; }
  const ScratchpadStore& scratchpads() const { return scratchpads_; }

  // Everything the sink reports of itself.
  pb::SinkReadConfig Config() const;

  // Polite: checks every field first and changes nothing when one is refused. Others:
  // changes what is not refused.
  pb::ErrorCode SetConfig(const pb::SinkNewConfig& config);

  // Whether the sink would take the packet.
  pb::ErrorCode CheckPacket(const pb::SendPacketReq& packet) const;

  pb::ErrorCode UploadScratchpad(const pb::UploadScratchpadReq& request);
  pb::ErrorCode ProcessScratchpad();
  pb::ErrorCode SetTarget(const pb::TargetScratchpadAndAction& target);
  // Fills all but the header.
  void FillScratchpadStatus(pb::GetScratchpadStatusResp* response) const;

  pb::ErrorCode SetConfigurationData(const pb::ConfigurationDataItem& item);
  // INVALID_PARAM: the item was never set, or was cleared.
  pb::ErrorCode GetConfigurationData(uint32_t endpoint, pb::ConfigurationDataItem* item) const;

 private:
  pb::ErrorCode CheckConfig(const pb::SinkNewConfig& config) const;
  pb::ErrorCode SetConfigInPart(const pb::SinkNewConfig& config);
  // The target as the gateway tells of it.
  pb::TargetScratchpadAndAction ReportedTarget() const;

  const Profile profile_;
  pb::SinkReadConfig config_;  // Without scratchpads and configuration data.
  const bool key_management_;
  const bool pads_app_config_;
  ScratchpadStore scratchpads_;
  std::map<uint32_t, std::string> configuration_data_;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_SINK_MODEL_H_
