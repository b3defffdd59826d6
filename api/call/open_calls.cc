// SPDX-License-Identifier: Apache-2.0
#include "api/call/open_calls.h"

#include <cstddef>

#include "core/base/instant.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::api {
namespace {

struct Count {
  core::Mutex mutex;
  core::CondVar none;
  size_t calls ABSL_GUARDED_BY(mutex) = 0;
};

// Never destroyed: gRPC may be done with a call at the very end.
Count& TheCount() {
  static Count* const count = new Count;
  return *count;
}

}  // namespace

void OpenCalls::Add() {
  Count& count = TheCount();
  core::MutexLock lock(&count.mutex);
  ++count.calls;
}

void OpenCalls::Remove() {
  Count& count = TheCount();
  core::MutexLock lock(&count.mutex);
  if (--count.calls == 0) count.none.SignalAll();
}

bool OpenCalls::AwaitNone(absl::Duration limit) {
  const core::Instant end = core::Instant::Now() + limit;
  Count& count = TheCount();
  core::MutexLock lock(&count.mutex);
  while (count.calls > 0) {
    const absl::Duration left = end - core::Instant::Now();
    if (left <= absl::ZeroDuration()) return false;
    count.none.WaitWithTimeout(&count.mutex, left);
  }
  return true;
}

}  // namespace wirepas_grpc::api
