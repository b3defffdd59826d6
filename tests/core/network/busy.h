// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_NETWORK_BUSY_H_
#define WIREPAS_GRPC_TESTS_CORE_NETWORK_BUSY_H_

#include <memory>

#include "core/base/executor.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {

// Holds an executor of one thread as long as this lives: what is posted meanwhile runs later.
class Busy {
 public:
  explicit Busy(Executor* executor) {
    executor->Post([held = held_] { held->Take(); });
  }
  ~Busy() { held_->Put(true); }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::shared_ptr<Inbox<bool>> held_ = std::make_shared<Inbox<bool>>();
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_NETWORK_BUSY_H_
