// SPDX-License-Identifier: Apache-2.0
#include "core/otap/node_status.h"

#include <algorithm>
#include <limits>

#include "core/nodes/record_bytes.h"

namespace wirepas_grpc::core {
namespace {

constexpr uint8_t kVersion = 2;
constexpr uint8_t kVersionWithoutSequence = 1;

}  // namespace

std::optional<NodeStatus> NodeStatus::FromUplink(uint64_t sequence, const Uplink& uplink,
                                                 SinkNames* sinks, ReportProblem* problem) {
  NodeStatus status;
  status.sequence_ = sequence;
  if (uplink.payload_hidden) {
    *problem = ReportProblem::kHidden;
    return std::nullopt;
  }
  if (!status.TakeReport(uplink.payload, problem)) return std::nullopt;
  status.receive_ms_ = absl::ToUnixMillis(uplink.receive_time);
  status.travel_ms_ = static_cast<uint32_t>(std::clamp<int64_t>(
      absl::ToInt64Milliseconds(uplink.travel_time), 0, std::numeric_limits<uint32_t>::max()));
  status.sink_ = sinks->Get(uplink.gateway_id, uplink.sink_id);
  return status;
}

bool NodeStatus::TakeReport(absl::string_view payload, ReportProblem* problem) {
  NodeReport report;
  size_t size;
  *problem = DecodeNodeReport(payload, &report, &size);
  if (*problem != ReportProblem::kNone) return false;
  size_ = static_cast<uint8_t>(size);
  std::copy_n(payload.begin(), size, report_.begin());
  return true;
}

NodeReport NodeStatus::report() const {
  NodeReport report;
  size_t size;
  DecodeNodeReport(bytes(), &report, &size);
  return report;
}

void NodeStatus::Encode(std::string* out) const {
  out->clear();
  RecordWriter writer(out);
  writer.Number(kVersion);
  writer.Number(sequence_);
  writer.Number(receive_ms_);
  writer.Number(travel_ms_);
  writer.Text(sink_->gateway_id);
  writer.Text(sink_->sink_id);
  writer.Text(bytes());
}

std::optional<NodeStatus> NodeStatus::Decode(absl::string_view bytes, SinkNames* sinks) {
  RecordReader reader(bytes);
  const auto version = reader.Number<uint8_t>();
  if (version != kVersion && version != kVersionWithoutSequence) return std::nullopt;
  NodeStatus status;
  if (version == kVersion) status.sequence_ = reader.Number<uint64_t>();
  status.receive_ms_ = reader.Number<int64_t>();
  status.travel_ms_ = reader.Number<uint32_t>();
  const absl::string_view gateway_id = reader.Text();
  const absl::string_view sink_id = reader.Text();
  const absl::string_view report = reader.Text();
  ReportProblem problem;
  if (!reader.ok() || !reader.rest().empty() || !status.TakeReport(report, &problem)) {
    return std::nullopt;
  }
  status.sink_ = sinks->Get(gateway_id, sink_id);
  return status;
}

}  // namespace wirepas_grpc::core
