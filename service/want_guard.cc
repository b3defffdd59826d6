// SPDX-License-Identifier: Apache-2.0
#include "service/want_guard.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>

#include "service/options.h"

namespace wirepas_grpc::service {
namespace {

// Takes no memory: there may be none.
[[noreturn]] void EndWith(const char* line) {
  if (write(STDERR_FILENO, line, std::strlen(line)) < 0) _exit(kExitRunTimeFailure);
  _exit(kExitRunTimeFailure);
}

[[noreturn]] void OnTerminate() {
  if (std::current_exception() != nullptr) {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      EndWith("the service ends: there is not enough memory\n");
    } catch (const std::system_error&) {  // what std::thread throws
      EndWith("the service ends: the system has no memory or no thread left for it\n");
    } catch (...) {
    }
  }
  std::abort();
}

void OnAbort(int) {
  EndWith("the service cannot start: the system has no memory or no thread left for it, perhaps\n");
}

}  // namespace

void EndInOrderForWant() { std::set_terminate(OnTerminate); }

StartGuard::StartGuard() {
  struct sigaction action = {};
  action.sa_handler = OnAbort;
  sigaction(SIGABRT, &action, &before_);
}

StartGuard::~StartGuard() { sigaction(SIGABRT, &before_, nullptr); }

}  // namespace wirepas_grpc::service
