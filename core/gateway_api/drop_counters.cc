// SPDX-License-Identifier: Apache-2.0
#include "core/gateway_api/drop_counters.h"

#include <string>

#include "core/gateway_api/ids.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {

absl::string_view DropReasonName(DropReason reason) {
  switch (reason) {
    case DropReason::kNone:
    case DropReason::kCount:
      break;
    case DropReason::kMalformedTopic:
      return "malformed_topic";
    case DropReason::kUnknownTopic:
      return "unknown_topic";
    case DropReason::kOversized:
      return "oversized";
    case DropReason::kMalformedPayload:
      return "malformed_payload";
    case DropReason::kUnexpectedContent:
      return "unexpected_content";
    case DropReason::kMismatch:
      return "mismatch";
    case DropReason::kUnsupportedVersion:
      return "unsupported_version";
    case DropReason::kDuplicate:
      return "duplicate";
    case DropReason::kRetained:
      return "retained";
  }
  return "none";
}

void DropCounters::Count(DropReason reason, absl::string_view topic, size_t payload_size,
                         Instant now) {
  const size_t index = static_cast<size_t>(reason);
  counts_[index].fetch_add(1, std::memory_order_relaxed);
  if (reason == DropReason::kDuplicate) return;  // part of QoS 1, not worth a line
  uint64_t suppressed;
  if (!limiters_[index].Allow(now, &suppressed)) return;
  const absl::string_view name = DropReasonName(reason);
  spdlog::warn(
      "dropped a message from the broker: {} on topic '{}', {} bytes ({} more since the last line)",
      std::string(name), Printable(topic), payload_size, suppressed);
}

}  // namespace wirepas_grpc::core
