// SPDX-License-Identifier: Apache-2.0
#include "core/base/open_work.h"

#include "core/base/instant.h"

namespace wirepas_grpc::core {

OpenWork::OpenWork() : state_(std::make_shared<State>()) {}

OpenWork::EntryPtr OpenWork::Begin() {
  MutexLock lock(&state_->mutex);
  ++state_->count;
  return std::make_unique<Entry>(state_);
}

bool OpenWork::AwaitNone(absl::Duration limit) {
  const Instant end = Instant::Now() + limit;
  MutexLock lock(&state_->mutex);
  while (state_->count > 0) {
    const absl::Duration left = end - Instant::Now();
    if (left <= absl::ZeroDuration()) return false;
    state_->none.WaitWithTimeout(&state_->mutex, left);
  }
  return true;
}

OpenWork::Entry::~Entry() {
  MutexLock lock(&state_->mutex);
  if (--state_->count == 0) state_->none.SignalAll();
}

}  // namespace wirepas_grpc::core
