// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_WANT_GUARD_H_
#define WIREPAS_GRPC_SERVICE_WANT_GUARD_H_

#include <csignal>

namespace wirepas_grpc::service {

// The process ends with kExitRunTimeFailure and a line on standard error when there is no
// memory or no thread for it, instead of a signal. From here on for exceptions of ours;
// other causes than these go on ending as they do.
void EndInOrderForWant();

// As long as it lives, the same for libraries that call abort() then, as gRPC does. For the
// start only: later a core dump tells more. One at a time.
class StartGuard {
 public:
  StartGuard();
  ~StartGuard();
  StartGuard(const StartGuard&) = delete;
  StartGuard& operator=(const StartGuard&) = delete;

 private:
  struct sigaction before_ = {};
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_WANT_GUARD_H_
