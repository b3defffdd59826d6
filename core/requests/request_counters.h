// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_REQUESTS_REQUEST_COUNTERS_H_
#define WIREPAS_GRPC_CORE_REQUESTS_REQUEST_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/duration_histogram.h"
#include "core/gateway_api/topics.h"

namespace wirepas_grpc::core {

// How a request to a gateway ended.
enum class RequestEnd {
  kAnswered,    // the gateway did what it was asked
  kRefused,     // it answered with an error
  kUnanswered,  // it was sent, and no answer came in time
  kLost,        // it was sent, and the connection to the broker ended, or the service, before that
  kCancelled,   // nobody waited for it any more
  kNotSent,     // it never went out
  kCount
};
absl::string_view RequestEndName(RequestEnd end);

// Thread-safe, without a lock.
class RequestCounters {
 public:
  // `gateway_time`: from sending to the answer, if one came.
  void Count(RequestKind kind, RequestEnd end, absl::Duration gateway_time) {
    Kind& of_kind = kinds_[static_cast<size_t>(kind)];
    of_kind.ends[static_cast<size_t>(end)].fetch_add(1, std::memory_order_relaxed);
    if (end == RequestEnd::kAnswered || end == RequestEnd::kRefused) {
      of_kind.answers.Observe(gateway_time);
    }
  }

  uint64_t count(RequestKind kind, RequestEnd end) const {
    return kinds_[static_cast<size_t>(kind)].ends[static_cast<size_t>(end)];
  }
  // From sending to the answer.
  const DurationHistogram& answers(RequestKind kind) const {
    return kinds_[static_cast<size_t>(kind)].answers;
  }

 private:
  struct Kind {
    std::array<std::atomic<uint64_t>, static_cast<size_t>(RequestEnd::kCount)> ends = {};
    DurationHistogram answers;
  };

  std::array<Kind, kRequestKinds> kinds_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_REQUESTS_REQUEST_COUNTERS_H_
