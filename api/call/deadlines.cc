// SPDX-License-Identifier: Apache-2.0
#include "api/call/deadlines.h"

#include <algorithm>
#include <chrono>

namespace wirepas_grpc::api {
namespace {

constexpr absl::Duration kMargin = absl::Milliseconds(50);
constexpr int kMarginFraction = 10;

// A deadline further away is as good as none to whoever sets it, and timers need
// numbers to count with.
constexpr absl::Duration kLongest = absl::Hours(24 * 30);

}  // namespace

absl::Duration LimitWithin(absl::Duration remaining) {
  remaining = std::clamp(remaining, absl::ZeroDuration(), kLongest);
  return remaining - std::min(kMargin, remaining / kMarginFraction);
}

std::optional<absl::Duration> ClientLimit(const grpc::CallbackServerContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return std::nullopt;
  // gRPC has just made it of a monotonic one by this clock. absl::Now() may follow a step of
  // the wall clock a little later.
  return LimitWithin(absl::FromChrono(deadline - std::chrono::system_clock::now()));
}

absl::Duration LimitOr(const grpc::CallbackServerContext& context, absl::Duration default_limit) {
  return ClientLimit(context).value_or(default_limit);
}

absl::Duration LimitAtMost(const grpc::CallbackServerContext& context, absl::Duration limit) {
  return std::min(limit, ClientLimit(context).value_or(limit));
}

}  // namespace wirepas_grpc::api
