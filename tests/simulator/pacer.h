// SPDX-License-Identifier: Apache-2.0
// How many packets are due at a given rate.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_PACER_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_PACER_H_

#include <cstdint>

#include "absl/time/time.h"

namespace wirepas_grpc::sim {

// Exact on the average, whatever the times at which it is asked. Packets that
// could not be sent stay due, up to half a second's worth. Not thread-safe.
class Pacer {
 public:
  // `rate` in packets per second; 0: never any.
  void Start(double rate, absl::Time now);

  double rate() const { return rate_; }

  uint64_t Due(absl::Time now);
  void Sent(uint64_t count) { sent_ += count; }

  // When the next packet is due; InfiniteFuture when none ever is.
  absl::Time Next() const;

 private:
  double rate_ = 0;
  absl::Time start_;
  uint64_t sent_ = 0;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_PACER_H_
