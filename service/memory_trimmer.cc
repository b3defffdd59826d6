// SPDX-License-Identifier: Apache-2.0
#include "service/memory_trimmer.h"

#include <malloc.h>

#include <algorithm>

#include "core/base/instant.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

// In all arenas, also what was given back.
size_t FreeBytes() { return mallinfo2().fordblks; }

}  // namespace

void MemoryTrimmer::Look() {
  const size_t free = FreeBytes();
  given_back_ = std::min(given_back_, free);
  if (free - given_back_ < kWorth) return;
  const core::Instant begin = core::Instant::Now();
  malloc_trim(0);
  given_back_ = FreeBytes();
  spdlog::debug("gave back memory: {} MiB were free, in {}", free >> 20,
                absl::FormatDuration(core::Instant::Now() - begin));
}

}  // namespace wirepas_grpc::service
