// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_GAP_COUNTERS_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_GAP_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/base/instant.h"
#include "core/base/log_limiter.h"
#include "core/traffic/gap.h"

namespace wirepas_grpc::core {

// All reasons, for who counts them.
inline constexpr std::array<GapReason, 6> kGapReasons = {
    GapReason::kSlowReader,         GapReason::kCursorExpired, GapReason::kServiceRestarted,
    GapReason::kBrokerDisconnected, GapReason::kNotSubscribed, GapReason::kStorageLoss};
static_assert(kGapReasons.size() == static_cast<size_t>(GapReason::kLast) + 1);

// "slow_subscriber", ...: a label for metrics and logs.
absl::string_view GapReasonName(GapReason reason);

// Counts the gaps that subscribers were told of, by reason, and logs each at a bounded
// rate. Thread-safe.
class GapCounters {
 public:
  void Count(const Gap& gap, Instant now);

  uint64_t count(GapReason reason) const {
    return counts_[static_cast<size_t>(reason)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<uint64_t>, kGapReasons.size()> counts_ = {};
  std::array<LogLimiter, kGapReasons.size()> limiters_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_GAP_COUNTERS_H_
