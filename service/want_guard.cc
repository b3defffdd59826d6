// SPDX-License-Identifier: Apache-2.0
#include "service/want_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <new>
#include <system_error>

#include "service/logging.h"
#include "service/options.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

// What a start needs at one go, about: a thread's stack and more.
constexpr size_t kProbeBytes = 32 << 20;

std::terminate_handler other_ends = nullptr;

// A line of the log, without any memory: there may be none. `message` has no character that JSON
// escapes.
void WriteLine(const char* message) {
  char line[256];
  if (!LogsJson()) {
    std::snprintf(line, sizeof(line), "%s\n", message);
  } else {
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    tm utc = {};
    gmtime_r(&now.tv_sec, &utc);
    char time[32];
    std::strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &utc);
    std::snprintf(line, sizeof(line),
                  "{\"time\":\"%s.%06ldZ\",\"level\":\"critical\",\"message\":\"%s\"}\n", time,
                  now.tv_nsec / 1000, message);
  }
  if (write(STDERR_FILENO, line, std::strlen(line)) < 0) return;
}

[[noreturn]] void EndWith(const char* message) {
  WriteLine(message);
  _exit(kExitRunTimeFailure);
}

[[noreturn]] void OnTerminate() {
  if (std::current_exception() != nullptr) {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      EndWith("the service ends: there is not enough memory");
    } catch (const std::system_error& error) {  // what std::thread throws
      const bool want = error.code() == std::errc::resource_unavailable_try_again ||
                        error.code() == std::errc::not_enough_memory;
      if (want) EndWith("the service ends: the system has no memory or no thread left for it");
    } catch (const std::exception& error) {
      if (LogsJson()) spdlog::critical("the service ends by an exception: {}", error.what());
    } catch (...) {
      if (LogsJson()) WriteLine("the service ends by an exception");
    }
  } else if (LogsJson()) {
    WriteLine("the service ends by itself");
  }
  // Which tells what was thrown, as text.
  if (other_ends != nullptr && !LogsJson()) other_ends();
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
  if (NoMemory()) EndWith("the service cannot start: there is not enough memory");
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
