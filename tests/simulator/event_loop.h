// SPDX-License-Identifier: Apache-2.0
// One thread, its sockets and its timers. Everything in the simulator runs here.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_EVENT_LOOP_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_EVENT_LOOP_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace wirepas_grpc::sim {

// Not thread-safe: callbacks run in Run(), and all calls come from there or from
// before it.
class EventLoop {
 public:
  using TimerId = std::pair<absl::Time, uint64_t>;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Time that never jumps. Its zero means nothing.
  static absl::Time Now();

  // Calls `callback` once, `delay` from now.
  TimerId RunAfter(absl::Duration delay, std::function<void()> callback);
  // Does nothing when the timer has run already.
  void Cancel(const TimerId& timer);

  // Calls `callback` once, before the loop next waits.
  void RunBeforeWait(std::function<void()> callback);

  // Calls `callback` with the epoll events that occur on `fd`, which the caller
  // keeps open until Unwatch.
  void Watch(int fd, uint32_t events, std::function<void(uint32_t)> callback);
  void Rewatch(int fd, uint32_t events);
  void Unwatch(int fd);

  // Returns after Stop, and may then be called again.
  void Run();
  void Stop() { stopped_ = true; }

 private:
  struct Watched {
    // Tells events of this registration from those of an earlier one of the same number.
    uint32_t generation = 0;
    std::function<void(uint32_t)> callback;
  };

  void RunTimers();
  void RunDeferred();
  void WaitForEvents();
  void Dispatch(uint64_t tag, uint32_t events);

  const int epoll_;
  bool stopped_ = false;
  uint64_t next_timer_ = 0;
  uint32_t next_generation_ = 0;
  std::map<TimerId, std::function<void()>> timers_;
  std::vector<std::function<void()>> deferred_;
  absl::flat_hash_map<int, Watched> watched_;
};

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_EVENT_LOOP_H_
