// SPDX-License-Identifier: Apache-2.0
#include "service/want_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>

#include "service/options.h"

namespace wirepas_grpc::service {
namespace {

// What a start needs at one go, about: a thread's stack and more.
constexpr size_t kProbeBytes = 32 << 20;

std::terminate_handler other_ends = nullptr;

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
    } catch (const std::system_error& error) {  // what std::thread throws
      const bool want = error.code() == std::errc::resource_unavailable_try_again ||
                        error.code() == std::errc::not_enough_memory;
      if (want) EndWith("the service ends: the system has no memory or no thread left for it\n");
    } catch (...) {
    }
  }
  if (other_ends != nullptr) other_ends();  // which tells what was thrown
  std::abort();
}

// Whether there is no memory to be had.
bool NoMemory() {
  void* const probe =
      mmap(nullptr, kProbeBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe == MAP_FAILED) return true;
  munmap(probe, kProbeBytes);
  return false;
}

void OnAbort(int number) {
  if (NoMemory()) EndWith("the service cannot start: there is not enough memory\n");
  signal(number, SIG_DFL);
  raise(number);
}

}  // namespace

void EndInOrderForWant() { other_ends = std::set_terminate(OnTerminate); }

StartGuard::StartGuard() {
  struct sigaction action = {};
  action.sa_handler = OnAbort;
  sigaction(SIGABRT, &action, &before_);
}

StartGuard::~StartGuard() { sigaction(SIGABRT, &before_, nullptr); }

}  // namespace wirepas_grpc::service
