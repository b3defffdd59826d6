// SPDX-License-Identifier: Apache-2.0
// wirepas-gateway-sim: simulates Wirepas gateways at an MQTT broker.
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>
#include <variant>

#include "spdlog/sinks/stdout_color_sinks.h"
#include "spdlog/spdlog.h"
#include "tests/simulator/options.h"
#include "tests/simulator/simulator.h"

namespace {

using wirepas_grpc::sim::EventLoop;
using wirepas_grpc::sim::Options;
using wirepas_grpc::sim::Simulator;

// Thousands of gateways need as many sockets.
void AllowManyFiles() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// SIGINT and SIGTERM as a readable file descriptor.
int OpenSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

// Tests and scripts wait for lines on stdout.
void Say(const char* format, auto... arguments) {
  std::printf(format, arguments...);
  std::fflush(stdout);
}

int Run(const Options& options) {
  EventLoop loop;
  Simulator* running = nullptr;
  Simulator::Callbacks callbacks;
  callbacks.ready = [&] { Say("ready: %u gateways\n", options.gateways); };
  callbacks.count_sent = [&] {
    Say("sent: %llu uplinks\n",
        static_cast<unsigned long long>(running->generator().acknowledged()));
  };
  Simulator simulator(&loop, options, callbacks);
  running = &simulator;

  const int signals = OpenSignals();
  bool shutting_down = false;
  loop.Watch(signals, EPOLLIN, [&](uint32_t) {
    signalfd_siginfo info{};
    if (read(signals, &info, sizeof(info)) != sizeof(info)) return;
    if (shutting_down) return loop.Stop();  // Asked for twice: at once.
    shutting_down = true;
    simulator.ShutDown([&] { loop.Stop(); });
  });
  simulator.Start();
  loop.Run();
  spdlog::info("{} uplinks sent, {} acknowledged", simulator.generator().sent(),
               simulator.generator().acknowledged());
  loop.Unwatch(signals);
  close(signals);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = wirepas_grpc::sim::ParseOptions(argc, argv);
  if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
  const Options& options = std::get<Options>(parsed);
  spdlog::set_default_logger(spdlog::stderr_color_mt("wirepas-gateway-sim"));
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  AllowManyFiles();
  return Run(options);
}
