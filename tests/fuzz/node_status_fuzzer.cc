// SPDX-License-Identifier: Apache-2.0
//
// What nodes report of their scratchpads, and the rows that are kept of it: what is read
// is within the bytes, and comes through a row unchanged. An input is tried as the
// payload of a packet and as a row.
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "core/nodes/sink_names.h"
#include "core/otap/node_report.h"
#include "core/otap/node_status.h"
#include "tests/fuzz/fuzzer.h"

namespace {

namespace core = wirepas_grpc::core;

void CheckRow(const core::NodeStatus& status, core::SinkNames* sinks) {
  std::string row;
  status.Encode(&row);
  const std::optional<core::NodeStatus> again = core::NodeStatus::Decode(row, sinks);
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(again->receive_time() == status.receive_time());
  FUZZ_CHECK(again->sink() == status.sink());
  FUZZ_CHECK(again->report().version == status.report().version);
  std::string row_again;
  again->Encode(&row_again);
  FUZZ_CHECK(row_again == row);
}

void CheckReport(absl::string_view payload) {
  core::NodeReport report;
  size_t size = 0;
  if (core::DecodeNodeReport(payload, &report, &size) != core::ReportProblem::kNone) return;
  FUZZ_CHECK(size >= core::kReportHead && size <= core::kMaxReport && size <= payload.size());
  FUZZ_CHECK(report.version >= 1 && report.version <= 3);
  FUZZ_CHECK(report.application.has_value() == (report.version >= 2));
  FUZZ_CHECK(report.target.has_value() == (report.version == 3));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckReport(bytes);

  core::SinkNames sinks;
  core::Uplink uplink;
  uplink.gateway_id = "gw";
  uplink.sink_id = "sink0";
  uplink.payload = std::string(bytes);
  core::ReportProblem problem;
  const auto reported = core::NodeStatus::FromUplink(1, uplink, &sinks, &problem);
  if (reported.has_value()) CheckRow(*reported, &sinks);

  const auto kept = core::NodeStatus::Decode(bytes, &sinks);
  if (kept.has_value()) CheckRow(*kept, &sinks);
  return 0;
}
