// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SINKS_HOLDS_H_
#define WIREPAS_GRPC_CORE_SINKS_HOLDS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/directory/sink_scope.h"

namespace wirepas_grpc::core {

// On which sinks a change is under way. Two at a time would undo each other: what a change leaves
// as it is it takes from what the sink told before. Thread-safe.
class SinkHolds {
 public:
  // Keeps other changes away from sinks as long as it lives. May outlive the SinkHolds.
  class Hold;
  using HoldPtr = std::shared_ptr<Hold>;

  // `scheduler` outlives it.
  explicit SinkHolds(Scheduler* scheduler) : scheduler_(scheduler) {}

  // All of them or none. ABORTED, kSinkInUse: one of them is held; the message and the facts name
  // it. After `limit`, others can have the sinks although this one lives: who waits long for an
  // answer does not keep them away.
  absl::StatusOr<HoldPtr> Take(const std::vector<SinkPath>& sinks,
                               absl::Duration limit = absl::InfiniteDuration());

 private:
  struct Entry {
    uint64_t holder;
    Instant end;
  };
  struct Held {
    Mutex mutex;
    std::map<SinkPath, Entry> sinks ABSL_GUARDED_BY(mutex);
    uint64_t next_holder ABSL_GUARDED_BY(mutex) = 1;
  };

  Scheduler* const scheduler_;
  const std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

class SinkHolds::Hold {
 public:
  Hold(std::shared_ptr<Held> held, uint64_t holder, std::vector<SinkPath> sinks)
      : held_(std::move(held)), holder_(holder), sinks_(std::move(sinks)) {}
  ~Hold();
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  const std::shared_ptr<Held> held_;
  const uint64_t holder_;
  const std::vector<SinkPath> sinks_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SINKS_HOLDS_H_
