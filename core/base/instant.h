// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_INSTANT_H_
#define WIREPAS_GRPC_CORE_BASE_INSTANT_H_

#include <chrono>
#include <utility>

#include "absl/time/time.h"

namespace wirepas_grpc::core {

// A moment of the monotonic clock: what ages, limits and deadlines within a run are
// measured by. The wall clock (absl::Time) may jump and is for people and for what
// outlives the run; the two do not mix. A value.
class Instant {
 public:
  Instant() = default;  // the clock's zero, some moment before the process began

  static Instant Now() {
    return Instant(absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()));
  }
  static Instant InfinitePast() { return Instant(-absl::InfiniteDuration()); }
  static Instant InfiniteFuture() { return Instant(absl::InfiniteDuration()); }

  friend absl::Duration operator-(Instant a, Instant b) { return a.since_zero_ - b.since_zero_; }
  friend Instant operator+(Instant a, absl::Duration d) { return Instant(a.since_zero_ + d); }
  friend Instant operator-(Instant a, absl::Duration d) { return Instant(a.since_zero_ - d); }
  Instant& operator+=(absl::Duration d) {
    since_zero_ += d;
    return *this;
  }
  friend bool operator==(Instant a, Instant b) { return a.since_zero_ == b.since_zero_; }
  friend bool operator!=(Instant a, Instant b) { return a.since_zero_ != b.since_zero_; }
  friend bool operator<(Instant a, Instant b) { return a.since_zero_ < b.since_zero_; }
  friend bool operator<=(Instant a, Instant b) { return a.since_zero_ <= b.since_zero_; }
  friend bool operator>(Instant a, Instant b) { return a.since_zero_ > b.since_zero_; }
  friend bool operator>=(Instant a, Instant b) { return a.since_zero_ >= b.since_zero_; }
  template <typename H>
  friend H AbslHashValue(H h, Instant a) {
    return H::combine(std::move(h), a.since_zero_);
  }

 private:
  explicit Instant(absl::Duration since_zero) : since_zero_(since_zero) {}

  absl::Duration since_zero_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_INSTANT_H_
