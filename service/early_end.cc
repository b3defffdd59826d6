// SPDX-License-Identifier: Apache-2.0
//
// A SIGTERM that comes before main() has begun ends the process with 0, as a later one does:
// there is nothing yet to end in order. Libraries take some 20 ms to initialize themselves,
// and this runs before them. It cannot be earlier: until the dynamic linker has loaded the
// program, a few milliseconds, nothing of it runs, and the signal does what the system has for
// it, which is to end the process.
#include <unistd.h>

#include <csignal>

namespace wirepas_grpc::service {
namespace {

void End(int) { _exit(0); }

void EndOnSigterm() {
  struct sigaction action = {};
  action.sa_handler = End;
  sigaction(SIGTERM, &action, nullptr);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WIREPAS_GRPC_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WIREPAS_GRPC_SANITIZED 1
#endif
#endif

#ifdef WIREPAS_GRPC_SANITIZED
// Not before the sanitizer itself.
[[gnu::constructor]] void OnLoad() { EndOnSigterm(); }
#else
[[gnu::section(".preinit_array"), gnu::used]] void (*const kOnLoad)() = EndOnSigterm;
#endif

}  // namespace
}  // namespace wirepas_grpc::service
