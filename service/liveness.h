// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_LIVENESS_H_
#define WIREPAS_GRPC_SERVICE_LIVENESS_H_

#include <atomic>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "core/base/heartbeat.h"
#include "core/base/instant.h"
#include "core/base/monotonic_cond_var.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::service {

// Whether the process works at all, whatever its broker and its clients do: whether the threads
// that nothing goes on without come round. If one does not, only a restart helps. It takes no
// lock that those threads take, and its own thread waits for none of them.
//
// Get() is thread-safe.
class Liveness {
 public:
  struct Part {
    std::string name;
    // For how long a thread of it has not come round, and what wakes those without work; see
    // Heartbeat. Both are called every
    // Heartbeat::kInterval, neither waits.
    std::function<absl::Duration()> silence;
    std::function<void()> wake_idle;  // may be null
    absl::Duration limit = kLimit;
  };
  // What runs on the executor or the scheduler must be short.
  static constexpr absl::Duration kLimit = absl::Seconds(10);
  // A disk may take its time, and with one those two write a few bytes to it now and then.
  static constexpr absl::Duration kDiskLimit = absl::Minutes(1);

  // `changed` is called on the thread of this with the verdict, at first and at each change; it
  // must not wait.
  Liveness(std::vector<Part> parts, std::function<void(bool alive)> changed);
  ~Liveness();
  Liveness(const Liveness&) = delete;
  Liveness& operator=(const Liveness&) = delete;

  struct Verdict {
    std::string name;
    bool alive = true;
  };
  // Of each part, and of this itself.
  std::vector<Verdict> Get() const;
  // All of them.
  bool alive() const;

 private:
  struct Watched {
    explicit Watched(Part part_in) : part(std::move(part_in)) {}
    const Part part;
    std::atomic<bool> alive = true;
  };

  void Run();
  bool Look(core::Instant now);
  bool SelfAlive() const { return heartbeat_.silence() <= kLimit; }

  const std::function<void(bool)> changed_;
  std::list<Watched> watched_;
  core::Heartbeat heartbeat_;
  // What happened before is not held against anybody: the whole process stood still.
  core::Instant since_;
  core::Mutex mutex_;
  core::MonotonicCondVar stopped_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_LIVENESS_H_
