// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_MEMORY_TRIMMER_H_
#define WIREPAS_GRPC_SERVICE_MEMORY_TRIMMER_H_

#include <cstddef>
#include <thread>

#include "absl/time/time.h"
#include "core/base/monotonic_cond_var.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::service {

// Whether it is worth it to give memory back to the system, and whether it is time.
class TrimSchedule {
 public:
  // So much must be free that was not given back before, and a tenth of what the process has;
  // more than kMuch does not wait for kInterval to have passed since the last time.
  static constexpr size_t kWorth = 32 << 20;
  static constexpr size_t kMuch = 64 << 20;
  static constexpr absl::Duration kInterval = absl::Minutes(1);

  // `free`: all that the allocator keeps free, also what was given back.
  bool Due(size_t free, size_t resident, absl::Duration since_last);
  // What was free after it has been given back.
  void Done(size_t free) { given_back_ = free; }

 private:
  size_t given_back_ = 0;  // less if some of it is in use again
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
