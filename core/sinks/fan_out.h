// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SINKS_FAN_OUT_H_
#define WIREPAS_GRPC_CORE_SINKS_FAN_OUT_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "core/base/executor.h"
#include "core/base/mutex.h"
#include "core/base/scheduler.h"
#include "core/directory/sink_scope.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::core {

// Does something with each of many sinks: some at a time, in their order. Lives as long
// as one of its callbacks is due. Thread-safe.
class SinkFanOut : public std::enable_shared_from_this<SinkFanOut> {
 public:
  using Ptr = std::shared_ptr<SinkFanOut>;
  using Cancel = absl::AnyInvocable<void()>;

  struct Options {
    size_t max_concurrent = 1000;
    absl::Duration delay = absl::ZeroDuration();  // the least between two that are begun with
    bool stop_at_first_failure = false;           // begin none after a failure
    // Asked before each: false, and none is begun with any more. From any thread; null: always.
    std::function<bool()> may_begin = nullptr;
  };

  // All run on the executor, each perhaps on several threads at once.
  struct Work {
    // Begins with the sink of that index. `done` is to be called once, on the executor
    // and not from within. Returns what ends the work early, upon which `done` comes
    // too; to be called at any time, from any thread. Not called for sinks that cannot
    // be asked: their status is their result.
    std::function<Cancel(size_t index, RequestDone done)> begin;
    // The result of a sink with which was begun; once for each of these.
    std::function<void(size_t index, const RequestOutcome& outcome)> result;
    // The last: no result comes any more. Sinks without one were not begun with.
    std::function<void()> end;
  };

  // `sinks` and what the work refers to outlive the end. May be called on any thread;
  // begins on the executor.
  static Ptr Start(Executor* executor, Scheduler* scheduler,
                   std::shared_ptr<const std::vector<ScopedSink>> sinks, const Options& options,
                   Work work);

  // Begins with no further sink, and ends early what is under way. Any number of times.
  void Stop();

 private:
  SinkFanOut(Executor* executor, Scheduler* scheduler,
             std::shared_ptr<const std::vector<ScopedSink>> sinks, const Options& options,
             Work work)
      : executor_(executor),
        scheduler_(scheduler),
        sinks_(std::move(sinks)),
        options_(options),
        work_(std::move(work)) {}

  void PostPump();
  void Pump();
  // The next to begin with, if it is time; sets a timer if it will be.
  std::optional<size_t> TakeNext();
  void Begin(size_t index);
  void OnDone(size_t index, const RequestOutcome& outcome);
  bool NothingLeftLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Executor* const executor_;
  Scheduler* const scheduler_;
  const std::shared_ptr<const std::vector<ScopedSink>> sinks_;
  const Options options_;
  const Work work_;

  Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  // Those under way, and how to end them; null before their beginning has returned.
  std::map<size_t, Cancel> running_ ABSL_GUARDED_BY(mutex_);
  bool begins_none_ ABSL_GUARDED_BY(mutex_) = false;  // any more
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  TimerId timer_ ABSL_GUARDED_BY(mutex_) = 0;  // 0: none waits
  bool delayed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SINKS_FAN_OUT_H_
