// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_MEMORY_TRIMMER_H_
#define WIREPAS_GRPC_SERVICE_MEMORY_TRIMMER_H_

#include <cstdint>
#include <thread>

#include "absl/time/time.h"
#include "core/base/monotonic_cond_var.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::service {

// Bytes of the process.
struct MemoryUse {
  int64_t in_use = 0;    // of the allocator's, handed out
  int64_t free = 0;      // kept by the allocator, also what was given back
  int64_t resident = 0;  // there, but for files
};

// Whether it is worth it to give memory back to the system, and whether it is time.
class TrimSchedule {
 public:
  // So much must be free that was not given back before, and a tenth of what the process has;
  // more than kMuch does not wait for kInterval to have passed since the last time.
  static constexpr int64_t kWorth = 32 << 20;
  static constexpr int64_t kMuch = 64 << 20;
  static constexpr absl::Duration kInterval = absl::Minutes(1);

  bool Due(const MemoryUse& use, absl::Duration since_last);
  // After memory has been given back.
  void Done(const MemoryUse& use) { rest_ = Idle(use); }

 private:
  static int64_t Idle(const MemoryUse& use) { return use.resident - use.in_use; }

  // What is not in use and cannot be given back. What was given back and is in use and free again
  // by the next look shows only in what is resident.
  int64_t rest_ = 0;
};

// Gives memory back to the system. The allocator keeps what was freed: a burst that has ended
// would be there for ever. On a thread of its own, since it takes locks of the allocator for
// long.
class MemoryTrimmer {
 public:
  MemoryTrimmer();
  ~MemoryTrimmer();
  MemoryTrimmer(const MemoryTrimmer&) = delete;
  MemoryTrimmer& operator=(const MemoryTrimmer&) = delete;

 private:
  void Run();
  // False: the object goes.
  bool Wait();

  core::Mutex mutex_;
  core::MonotonicCondVar stopped_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_MEMORY_TRIMMER_H_
