// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "service/credentials.h"
#include "service/daemon.h"
#include "service/file_limit.h"
#include "service/health_command.h"
#include "service/library_logs.h"
#include "service/logging.h"
#include "service/options.h"
#include "service/service_manager.h"
#include "service/want_guard.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::service {
namespace {

// Blocks them for all threads to come; they are then waited for, so that nothing
// runs in a signal handler.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

// A second Ctrl-C while shutting down ends the process at once. SIGTERM stays
// blocked: some supervisors send it to a process and to its group.
void AllowInterrupt() {
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  pthread_sigmask(SIG_UNBLOCK, &interrupt, nullptr);
}

// gRPC reads from a connection into a buffer that doubles as long as its client is faster than
// it, up to hundreds of MiB; without this experiment, which is on in gRPC 1.51, into one of
// 4 MiB at most. An operator's own choice of that one stands, and of others too.
void BoundReadBuffers() {
  constexpr char kVariable[] = "GRPC_EXPERIMENTS";
  const char* const given = std::getenv(kVariable);
  std::string experiments = given == nullptr ? "" : given;
  if (experiments.find("tcp_read_chunks") != std::string::npos) return;
  if (!experiments.empty()) experiments += ",";
  setenv(kVariable, (experiments + "-tcp_read_chunks").c_str(), /*overwrite=*/1);
}

int Run(const ParsedOptions& parsed, const sigset_t& signals) {
  for (const std::string& warning : parsed.warnings) spdlog::warn("{}", warning);
  RaiseFileLimit();
  BoundReadBuffers();
  ServiceManager manager;
  std::optional<StartGuard> guard(std::in_place);
  Daemon daemon(*parsed.options);
  if (const absl::Status status = daemon.Start(); !status.ok()) {
    spdlog::error("{}", std::string(status.message()));
    manager.Failed(std::string(status.message()));
    return kExitRunTimeFailure;
  }
  guard.reset();
  manager.Ready([&daemon] { return ServiceManager::Report{daemon.alive(), daemon.Status()}; });
  const int signal = WaitForSignal(signals);
  spdlog::info("{}: shutting down", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  manager.Stopping();
  AllowInterrupt();
  daemon.Stop();
  return 0;
}

// What is read at the start only is read here too.
int CheckOnly(const ParsedOptions& parsed) {
  const auto credentials = MakeServerCredentials(*parsed.options);
  if (!credentials.ok()) {
    std::cerr << credentials.status().message() << std::endl;
    return kExitBadOption;
  }
  for (const std::string& warning : parsed.warnings) std::cerr << "warning: " << warning << "\n";
  std::cout << "the options are right" << std::endl;
  return 0;
}

int Main(int argc, char** argv) {
#ifdef NDEBUG
  // Debian's abseil looks for lock cycles also in optimized builds, which takes a lock of
  // the whole process each time another one is taken, here and in gRPC. Debug builds
  // still look.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  EndInOrderForWant();
  if (argc > 1 && std::string_view(argv[1]) == "health")
    return RunHealthCommand(argc - 1, argv + 1);
  const ParsedOptions parsed = ParseOptions(argc, argv);
  std::cout << parsed.output;
  if (!parsed.error.empty()) {
    std::cerr << (parsed.json_error ? JsonLine("error", parsed.error) : parsed.error) << std::endl;
  }
  if (!parsed.options.has_value()) return parsed.exit_code;
  if (parsed.check_only) return CheckOnly(parsed);

  const sigset_t signals = BlockSignals();
  const ServiceOptions& options = *parsed.options;
  if (const absl::Status status = SetUpLogging(options.log_level, options.log_format);
      !status.ok()) {
    std::cerr << status.message() << std::endl;
    return kExitBadOption;
  }
  RouteLibraryLogs();
  return Run(parsed, signals);
}

}  // namespace
}  // namespace wirepas_grpc::service

int main(int argc, char** argv) { return wirepas_grpc::service::Main(argc, argv); }
