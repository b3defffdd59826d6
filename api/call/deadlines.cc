// SPDX-License-Identifier: Apache-2.0
#include "api/call/deadlines.h"

#include <algorithm>

#include "grpc/support/time.h"

namespace wirepas_grpc::api {
namespace {

constexpr absl::Duration kMargin = absl::Milliseconds(50);
constexpr int kMarginFraction = 10;

// A deadline further away is as good as none to whoever sets it, and timers need
// numbers to count with.
constexpr absl::Duration kLongest = absl::Hours(24 * 30);

// By one and the same clock: the wall clock may be set between the looks at it.
absl::Duration RemainingUntil(gpr_timespec deadline) {
  const gpr_timespec left = gpr_time_sub(gpr_convert_clock_type(deadline, GPR_CLOCK_MONOTONIC),
                                         gpr_now(GPR_CLOCK_MONOTONIC));
  return absl::Seconds(left.tv_sec) + absl::Nanoseconds(left.tv_nsec);
}

}  // namespace

absl::Duration LimitWithin(absl::Duration remaining) {
  remaining = std::clamp(remaining, absl::ZeroDuration(), kLongest);
  return remaining - std::min(kMargin, remaining / kMarginFraction);
}

std::optional<absl::Duration> ClientLimit(const grpc::CallbackServerContext& context) {
  const gpr_timespec deadline = context.raw_deadline();
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) return std::nullopt;
  return LimitWithin(RemainingUntil(deadline));
}

absl::Duration LimitOr(const grpc::CallbackServerContext& context, absl::Duration default_limit) {
  return ClientLimit(context).value_or(default_limit);
}

absl::Duration LimitAtMost(const grpc::CallbackServerContext& context, absl::Duration limit) {
  return std::min(limit, ClientLimit(context).value_or(limit));
}

}  // namespace wirepas_grpc::api
