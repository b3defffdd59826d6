// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_GATEWAY_API_DROP_COUNTERS_H_
#define WIREPAS_GRPC_CORE_GATEWAY_API_DROP_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/base/instant.h"
#include "core/base/log_limiter.h"

namespace wirepas_grpc::core {

// Why a message from the broker was not used.
enum class DropReason {
  kNone,
  kMalformedTopic,      // wrong depth, empty or invalid level, number out of range
  kUnknownTopic,        // of a kind this service does not know
  kOversized,           // larger than what belongs on its topic can be: see MaxPayloadSize()
  kMalformedPayload,    // not a message of the contract, or a value out of range
  kUnexpectedContent,   // a message, but not the one that belongs on this topic
  kMismatch,            // payload and topic name different gateways, sinks, networks or endpoints
  kUnsupportedVersion,  // a status in another version of the message definitions
  kDuplicate,           // an event that came before (normal at QoS 1)
  kRetained,            // kept by the broker, and no status: nobody knows how old it is
  kCount,               // not a reason: how many there are
};

// "malformed_topic", ...: a label for metrics and logs.
absl::string_view DropReasonName(DropReason reason);

// Counts dropped messages by kind, and logs each kind at a bounded rate.
// Thread-safe.
class DropCounters {
 public:
  // `topic` may be anything; the log shows its printable start, and `payload_size`, the
  // payload's bytes.
  void Count(DropReason reason, absl::string_view topic, size_t payload_size, Instant now);

  uint64_t count(DropReason reason) const {
    return counts_[static_cast<size_t>(reason)].load(std::memory_order_relaxed);
  }

 private:
  static constexpr size_t kReasons = static_cast<size_t>(DropReason::kCount);
  std::array<std::atomic<uint64_t>, kReasons> counts_ = {};
  std::array<LogLimiter, kReasons> limiters_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_GATEWAY_API_DROP_COUNTERS_H_
