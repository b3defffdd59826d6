// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_DURATION_HISTOGRAM_H_
#define WIREPAS_GRPC_CORE_BASE_DURATION_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "absl/time/time.h"

namespace wirepas_grpc::core {

// How often something took how long. Thread-safe, and nobody waits for anybody.
class DurationHistogram {
 public:
  // Upper bounds, ascending; a duration counts at the first that is not less than it. From what
  // takes no time to the longest that anybody waits for. The same for all, so that they compare.
  static constexpr absl::Duration kBounds[] = {
      absl::Microseconds(250), absl::Milliseconds(1),   absl::Microseconds(2500),
      absl::Milliseconds(5),   absl::Milliseconds(10),  absl::Milliseconds(25),
      absl::Milliseconds(50),  absl::Milliseconds(100), absl::Milliseconds(250),
      absl::Milliseconds(500), absl::Seconds(1),        absl::Milliseconds(2500),
      absl::Seconds(5),        absl::Seconds(10),       absl::Seconds(30),
      absl::Minutes(1),        absl::Minutes(5)};

  DurationHistogram() = default;
  DurationHistogram(const DurationHistogram&) = delete;
  DurationHistogram& operator=(const DurationHistogram&) = delete;

  // What is below zero, as where a clock went back, counts as zero.
  void Observe(absl::Duration duration) {
    duration = std::max(duration, absl::ZeroDuration());
    const auto at = std::lower_bound(std::begin(kBounds), std::end(kBounds), duration);
    counts_[static_cast<size_t>(at - kBounds)].fetch_add(1, std::memory_order_relaxed);
    nanoseconds_.fetch_add(static_cast<uint64_t>(absl::ToInt64Nanoseconds(duration)),
                           std::memory_order_relaxed);
  }

  struct Snapshot {
    // By bound, and one more for what is above the last.
    std::array<uint64_t, std::size(kBounds) + 1> counts;
    double sum_seconds;
  };
  // The counts are of moments that may differ by as much as this takes.
  Snapshot Get() const {
    Snapshot snapshot{{}, static_cast<double>(nanoseconds_.load()) / 1e9};
    for (size_t i = 0; i < snapshot.counts.size(); ++i) snapshot.counts[i] = counts_[i].load();
    return snapshot;
  }

 private:
  std::array<std::atomic<uint64_t>, std::size(kBounds) + 1> counts_ = {};
  std::atomic<uint64_t> nanoseconds_ = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_DURATION_HISTOGRAM_H_
