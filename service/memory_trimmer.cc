// SPDX-License-Identifier: Apache-2.0
#include "service/memory_trimmer.h"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "core/base/instant.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

constexpr absl::Duration kTrimLook = absl::Seconds(5);
// Other threads go first.
constexpr int kNice = 10;

// In all arenas, also what was given back.
size_t FreeBytes() { return mallinfo2().fordblks; }

size_t ResidentBytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long size = 0;
  unsigned long resident = 0;
  const int found = std::fscanf(file, "%lu %lu", &size, &resident);
  (void)std::fclose(file);
  return found == 2 ? resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

bool TrimSchedule::Due(size_t free, size_t resident, absl::Duration since_last) {
  given_back_ = std::min(given_back_, free);
  const size_t worth = free - given_back_;
  if (worth < std::max(kWorth, resident / 10)) return false;
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
    const size_t free = FreeBytes();
    const core::Instant begin = core::Instant::Now();
    if (!schedule.Due(free, ResidentBytes(), begin - last)) continue;
    malloc_trim(0);
    schedule.Done(FreeBytes());
    last = core::Instant::Now();
    spdlog::debug("gave back memory: {} MiB were free, in {}", free >> 20,
                  absl::FormatDuration(last - begin));
  }
}

}  // namespace wirepas_grpc::service
