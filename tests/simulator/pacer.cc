// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/pacer.h"

#include <algorithm>

namespace wirepas_grpc::sim {

void Pacer::Start(double rate, absl::Time now) {
  rate_ = rate;
  start_ = now;
  sent_ = 0;
}

uint64_t Pacer::Due(absl::Time now) {
  if (rate_ <= 0) return 0;
  const auto owed = static_cast<uint64_t>(absl::ToDoubleSeconds(now - start_) * rate_);
  const uint64_t due = owed > sent_ ? owed - sent_ : 0;
  const auto most = std::max<uint64_t>(1, static_cast<uint64_t>(rate_ / 2));
  if (due > most) sent_ = owed - most;
  return std::min(due, most);
}

absl::Time Pacer::Next() const {
  if (rate_ <= 0) return absl::InfiniteFuture();
  return start_ + absl::Seconds((static_cast<double>(sent_) + 1) / rate_);
}

}  // namespace wirepas_grpc::sim
