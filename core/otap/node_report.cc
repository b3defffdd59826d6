// SPDX-License-Identifier: Apache-2.0
#include "core/otap/node_report.h"

#include "core/nodes/record_bytes.h"

namespace wirepas_grpc::core {
namespace {

constexpr uint8_t kStatusAnswer = 0x99;

// The lengths of the versions, without the head.
constexpr size_t kLengths[] = {24, 39, 47};

// 0: none has this length.
int VersionOf(size_t length) {
  for (int version = 1; version <= 3; ++version) {
    if (kLengths[version - 1] == length) return version;
  }
  return 0;
}

NodeReport::Scratchpad ReadScratchpad(RecordReader* reader) {
  NodeReport::Scratchpad scratchpad;
  scratchpad.length = reader->Number<uint32_t>();
  scratchpad.crc = reader->Number<uint16_t>();
  scratchpad.sequence = reader->Number<uint8_t>();
  return scratchpad;
}

NodeReport::Firmware ReadFirmware(RecordReader* reader) {
  NodeReport::Firmware firmware;
  firmware.scratchpad = ReadScratchpad(reader);
  firmware.area_id = reader->Number<uint32_t>();
  for (uint8_t& part : firmware.version) part = reader->Number<uint8_t>();
  return firmware;
}

NodeReport::Target ReadTarget(RecordReader* reader) {
  NodeReport::Target target;
  target.action = reader->Number<uint8_t>();
  target.sequence = reader->Number<uint8_t>();
  target.crc = reader->Number<uint16_t>();
  target.delay = absl::Minutes(reader->Number<uint16_t>());
  target.remaining_delay = absl::Minutes(reader->Number<uint16_t>());
  return target;
}

}  // namespace

absl::string_view ReportProblemName(ReportProblem problem) {
  switch (problem) {
    case ReportProblem::kNoNetwork:
      return "no_network";
    case ReportProblem::kHidden:
      return "hidden";
    case ReportProblem::kOtherAnswer:
      return "other_answer";
    case ReportProblem::kTruncated:
      return "truncated";
    case ReportProblem::kUnknownLength:
      return "unknown_length";
    case ReportProblem::kNone:
    case ReportProblem::kCount:
      break;
  }
  return "none";
}

ReportProblem DecodeNodeReport(absl::string_view payload, NodeReport* report, size_t* size) {
  *report = NodeReport();
  *size = 0;
  RecordReader reader(payload);
  const auto type = reader.Number<uint8_t>();
  if (!reader.ok()) return ReportProblem::kTruncated;
  if (type != kStatusAnswer) return ReportProblem::kOtherAnswer;
  const size_t length = reader.Number<uint8_t>();
  if (!reader.ok()) return ReportProblem::kTruncated;
  const int version = VersionOf(length);
  if (version == 0) return ReportProblem::kUnknownLength;
  if (reader.rest().size() < length) return ReportProblem::kTruncated;
  report->version = version;
  report->stored = ReadScratchpad(&reader);
  report->stored_type = reader.Number<uint8_t>();
  report->stored_state = reader.Number<uint8_t>();
  report->stack = ReadFirmware(&reader);
  if (version >= 2) report->application = ReadFirmware(&reader);
  if (version >= 3) report->target = ReadTarget(&reader);
  *size = kReportHead + length;
  return ReportProblem::kNone;
}

}  // namespace wirepas_grpc::core
