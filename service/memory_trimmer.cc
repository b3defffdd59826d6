// SPDX-License-Identifier: Apache-2.0
#include "service/memory_trimmer.h"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "core/base/instant.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

constexpr absl::Duration kTrimLook = absl::Seconds(5);
// Other threads go first.
constexpr int kNice = 10;

MemoryUse Measure() {
  const struct mallinfo2 heap = mallinfo2();
  MemoryUse use;
  use.in_use = static_cast<int64_t>(heap.uordblks + heap.hblkhd);
  use.free = static_cast<int64_t>(heap.fordblks);
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return use;
  int64_t size = 0;
  int64_t resident = 0;
  int64_t of_files = 0;
  const int found =
      std::fscanf(file, "%" SCNd64 " %" SCNd64 " %" SCNd64, &size, &resident, &of_files);
  (void)std::fclose(file);
  if (found == 3) use.resident = (resident - of_files) * sysconf(_SC_PAGESIZE);
  return use;
}

}  // namespace

bool TrimSchedule::Due(const MemoryUse& use, absl::Duration since_last) {
  rest_ = std::min(rest_, Idle(use));
  const int64_t worth = std::min(Idle(use) - rest_, use.free);
  if (worth < std::max(kWorth, use.resident / 10)) return false;
  return worth >= kMuch || since_last >= kInterval;
}

MemoryTrimmer::MemoryTrimmer() : thread_([this] { Run(); }) {}

MemoryTrimmer::~MemoryTrimmer() {
  {
    core::MutexLock lock(&mutex_);
    stop_ = true;
    stopped_.Signal();
  }
  thread_.join();
}

bool MemoryTrimmer::Wait() {
  core::MutexLock lock(&mutex_);
  if (!stop_) stopped_.WaitWithTimeout(&mutex_, kTrimLook);
  return !stop_;
}

void MemoryTrimmer::Run() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
  TrimSchedule schedule;
  core::Instant last = core::Instant::InfinitePast();
  while (Wait()) {
    const MemoryUse use = Measure();
    const core::Instant begin = core::Instant::Now();
    if (!schedule.Due(use, begin - last)) continue;
    malloc_trim(0);
    schedule.Done(Measure());
    last = core::Instant::Now();
    spdlog::debug("gave back memory: {} MiB were free, in {}", use.free >> 20,
                  absl::FormatDuration(last - begin));
  }
}

}  // namespace wirepas_grpc::service
