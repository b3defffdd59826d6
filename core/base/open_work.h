// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_OPEN_WORK_H_
#define WIREPAS_GRPC_CORE_BASE_OPEN_WORK_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "core/base/monotonic_cond_var.h"
#include "core/base/mutex.h"

namespace wirepas_grpc::core {

// Counts what is under way and has somebody who waits for it, so that an end can wait for
// that. Thread-safe.
class OpenWork {
 public:
  // Work, as long as it lives. May outlive the count.
  class Entry;
  using EntryPtr = std::unique_ptr<Entry>;

  OpenWork();
  OpenWork(const OpenWork&) = delete;
  OpenWork& operator=(const OpenWork&) = delete;

  EntryPtr Begin();

  // Waits until nothing is under way, for `limit` at most. False: something still is.
  bool AwaitNone(absl::Duration limit);

 private:
  struct State {
    Mutex mutex;
    MonotonicCondVar none;
    size_t count ABSL_GUARDED_BY(mutex) = 0;
  };

  const std::shared_ptr<State> state_;
};

class OpenWork::Entry {
 public:
  explicit Entry(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~Entry();
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_OPEN_WORK_H_
