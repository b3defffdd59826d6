// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_OTAP_NODE_STATUS_H_
#define WIREPAS_GRPC_CORE_OTAP_NODE_STATUS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/nodes/sink_names.h"
#include "core/otap/node_report.h"
#include "core/traffic/uplink.h"

namespace wirepas_grpc::core {

// The last report of a node and how it came. Kept small: the report as it was on the
// wire, and milliseconds. Which one is the last is told by the order in which they came
// here: the times are those of gateways, whose clocks may be wrong.
class NodeStatus {
 public:
  // With a reason when the packet holds no report. `sequence` is its number in the uplink
  // log.
  static std::optional<NodeStatus> FromUplink(uint64_t sequence, const Uplink& uplink,
                                              SinkNames* sinks, ReportProblem* problem);

  // 0: it came in another log, before all of this one.
  uint64_t sequence() const { return sequence_; }
  // Its number is of another log.
  void ForgetSequence() { sequence_ = 0; }
  const SinkNamePtr& sink() const { return sink_; }
  // By the gateway's clock.
  absl::Time receive_time() const { return absl::FromUnixMillis(receive_ms_); }
  // The same less the time that it travelled.
  absl::Time send_time() const { return receive_time() - absl::Milliseconds(travel_ms_); }
  NodeReport report() const;

  // How it lies on disk: a version, 2, the number, the times, the sink, the report. `out`
  // is replaced.
  void Encode(std::string* out) const;
  // Nothing when the bytes are not of this form, nor of version 1, which has no number.
  static std::optional<NodeStatus> Decode(absl::string_view bytes, SinkNames* sinks);

  NodeStatus() = default;

 private:
  absl::string_view bytes() const { return {report_.data(), size_}; }
  // False: there is no report at the start of `payload`.
  bool TakeReport(absl::string_view payload, ReportProblem* problem);

  SinkNamePtr sink_;
  uint64_t sequence_ = 0;
  int64_t receive_ms_ = 0;
  uint32_t travel_ms_ = 0;
  uint8_t size_ = 0;
  std::array<char, kMaxReport> report_ = {};
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_OTAP_NODE_STATUS_H_
