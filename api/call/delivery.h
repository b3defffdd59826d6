// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_DELIVERY_H_
#define WIREPAS_GRPC_API_CALL_DELIVERY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "core/base/duration_histogram.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::api {

// How the subscribers of uplinks keep up, all together. Thread-safe.
class Delivery {
 public:
  Delivery() = default;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // One subscriber, counted while it lives.
  class Reader;
  using ReaderPtr = std::unique_ptr<Reader>;
  ReaderPtr Add();

  size_t readers() const;
  // The lowest number of an entry of the log that some reader has not read yet. Nothing: there is
  // no reader that has a place in the log.
  std::optional<uint64_t> slowest() const;

  // From the arrival of a packet to its response being given to gRPC: of the oldest packet of each
  // response, of readers who have caught up once, unless it was read from the disk.
  core::DurationHistogram& delay() { return delay_; }
  const core::DurationHistogram& delay() const { return delay_; }

 private:
  core::DurationHistogram delay_;
  mutable core::Mutex mutex_;
  absl::flat_hash_set<const Reader*> readers_ ABSL_GUARDED_BY(mutex_);
};

class Delivery::Reader {
 public:
  explicit Reader(Delivery* delivery) : delivery_(delivery) {}
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Where it reads on; 0: it has no place yet.
  void MoveTo(uint64_t next) { next_.store(next, std::memory_order_relaxed); }

 private:
  friend class Delivery;
  Delivery* const delivery_;
  std::atomic<uint64_t> next_ = 0;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_DELIVERY_H_
