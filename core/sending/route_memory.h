// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SENDING_ROUTE_MEMORY_H_
#define WIREPAS_GRPC_CORE_SENDING_ROUTE_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/instant.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/network/message_sender.h"
#include "core/sending/network_sinks.h"

namespace wirepas_grpc::core {

// Which sinks a message by network went through, by the request id that its caller chose, so that
// a repetition goes through the same: those that took it know its id. Remembered as long as
// MessageSender remembers ids, and bounded in the same way, by the sinks of all routes: the oldest
// that nobody uses goes first. A route through which nothing had an effect is forgotten when its
// last use ends: a repetition finds another. Thread-safe.
class RouteMemory : public std::enable_shared_from_this<RouteMemory> {
 public:
  static constexpr absl::Duration kRemembered = MessageSender::kRemembered;

  // The scheduler outlives this.
  explicit RouteMemory(Scheduler* scheduler, size_t max_sinks = MessageSender::kMaxRemembered)
      : scheduler_(scheduler), max_sinks_(max_sinks) {}

  // Somebody sends through a route, until the destruction.
  class Use {
   public:
    // Of one that is not remembered.
    explicit Use(Route route) : route_(std::move(route)) {}
    Use(Use&& other) noexcept = default;
    Use& operator=(Use&& other) = delete;
    ~Use();

    const Route& route() const { return route_; }  // null: none is remembered
    // A sink took the message, or may have.
    void NoteEffect() { had_effect_ = true; }

   private:
    friend class RouteMemory;
    Use(std::shared_ptr<RouteMemory> memory, RequestId id, Route route)
        : memory_(std::move(memory)), id_(id), route_(std::move(route)) {}

    std::shared_ptr<RouteMemory> memory_;  // null: not remembered
    RequestId id_ = 0;
    Route route_;
    bool had_effect_ = false;
  };

  // The route of the id's first use. `fingerprint`: of what is sent. INVALID_ARGUMENT: it was
  // something else.
  absl::StatusOr<Use> Find(RequestId id, size_t fingerprint);
  // Remembers this one, unless there is one by now, which is given then.
  absl::StatusOr<Use> Remember(RequestId id, size_t fingerprint, Route route);

  bool Contains(RequestId id);
  // How many sinks all routes have.
  size_t sinks() const;

 private:
  struct Entry {
    size_t fingerprint = 0;
    Route route;
    Instant expires;
    size_t uses = 0;
    bool had_effect = false;
  };

  absl::StatusOr<Use> FindLocked(RequestId id, size_t fingerprint)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetLocked(RequestId id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetExpiredLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(RequestId id, bool had_effect);

  Scheduler* const scheduler_;
  const size_t max_sinks_;
  mutable Mutex mutex_;
  absl::flat_hash_map<RequestId, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  // Those that nobody uses, the oldest first.
  std::set<std::pair<Instant, RequestId>> idle_ ABSL_GUARDED_BY(mutex_);
  size_t sinks_ ABSL_GUARDED_BY(mutex_) = 0;
};

// INVALID_ARGUMENT: the id was used for something else.
absl::Status RequestIdUsed(RequestId id);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SENDING_ROUTE_MEMORY_H_
