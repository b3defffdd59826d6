// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_OTAP_NODE_REPORT_H_
#define WIREPAS_GRPC_CORE_OTAP_NODE_REPORT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace wirepas_grpc::core {

// The endpoints that nodes send their reports between.
inline constexpr uint8_t kReportSourceEndpoint = 240;
inline constexpr uint8_t kReportDestinationEndpoint = 255;

// A node's answer to the question for its scratchpad status, as the remote API of the
// mesh has it. Numbers that this service does not know are kept as they came.
struct NodeReport {
  struct Scratchpad {
    uint32_t length = 0;
    uint16_t crc = 0;
    uint8_t sequence = 0;
  };
  struct Firmware {
    Scratchpad scratchpad;  // that it came from
    uint32_t area_id = 0;
    std::array<uint8_t, 4> version = {};
  };
  struct Target {
    uint8_t action = 0;
    uint8_t sequence = 0;
    uint16_t crc = 0;
    absl::Duration delay;
    absl::Duration remaining_delay;
  };

  int version = 0;  // 1: all up to `stack`; 2: `application` too; 3: `target` too
  Scratchpad stored;
  uint8_t stored_type = 0;
  uint8_t stored_state = 0;
  Firmware stack;
  std::optional<Firmware> application;
  std::optional<Target> target;
};

// Why a packet between these endpoints is not a report.
enum class ReportProblem {
  kNone,
  kNoNetwork,  // the gateway does not know of which network the node is
  kHidden,         // the gateway's operator hides the payload
  kOtherAnswer,    // an answer to another question
  kTruncated,      // shorter than it says, or than its head
  kUnknownLength,  // of no version that is known
  kCount,          // not a problem: how many there are
};

// "hidden", ...: a label for metrics.
absl::string_view ReportProblemName(ReportProblem problem);

// The head, a type and a length, and the longest report.
inline constexpr size_t kReportHead = 2;
inline constexpr size_t kMaxReport = kReportHead + 47;

// Reads a report at the start of a payload; what follows it belongs to other answers
// that share the packet, and is passed over. `size` is how many bytes it has. A pure
// function of the bytes, whatever they are.
ReportProblem DecodeNodeReport(absl::string_view payload, NodeReport* report, size_t* size);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_OTAP_NODE_REPORT_H_
