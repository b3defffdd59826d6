// SPDX-License-Identifier: Apache-2.0
#include "core/uplink_log/gap_counters.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {

absl::string_view GapReasonName(GapReason reason) {
  switch (reason) {
    case GapReason::kSlowReader:
      return "slow_subscriber";
    case GapReason::kCursorExpired:
      return "cursor_expired";
    case GapReason::kServiceRestarted:
      return "service_restarted";
    case GapReason::kBrokerDisconnected:
      return "broker_disconnected";
    case GapReason::kNotSubscribed:
      return "not_subscribed";
    case GapReason::kStorageLoss:
      return "storage_loss";
  }
  return "unknown";
}

void GapCounters::Count(const Gap& gap, Instant now) {
  const size_t index = static_cast<size_t>(gap.reason);
  counts_[index].fetch_add(1, std::memory_order_relaxed);
  uint64_t suppressed;
  if (!limiters_[index].Allow(now, &suppressed)) return;
  spdlog::warn("a subscriber misses {} packets: {} ({} more since the last line)",
               gap.lost.has_value() ? absl::StrCat(*gap.lost) : "some",
               std::string(GapReasonName(gap.reason)), suppressed);
}

}  // namespace wirepas_grpc::core
