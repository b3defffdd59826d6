// SPDX-License-Identifier: Apache-2.0
// An MQTT broker that has uplinks without end and does nothing else: the limit of those
// that are measured with it is their own.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <memory>
#include <variant>

#include "tests/bench/flood_client.h"
#include "tests/bench/flood_load.h"
#include "tests/simulator/event_loop.h"
#include "tests/support/tcp_listener.h"

namespace wirepas_grpc::bench {
namespace {

struct Options {
  FloodPlan plan;
  uint64_t packets = 100'000;
  uint32_t window = 5'000;
};

// Scripts wait for lines on stdout.
void Say(const char* format, auto... arguments) {
  std::printf(format, arguments...);
  std::fflush(stdout);
}

class FloodBroker {
 public:
  FloodBroker(sim::EventLoop* loop, const Options& options)
      : loop_(loop), options_(options), load_(options.plan) {
    loop_->Watch(listener_.fd(), EPOLLIN, [this](uint32_t) { Accept(); });
  }

  // 0: it cannot listen.
  int port() const { return listener_.port(); }

  void StartRound() {
    for (const auto& client : clients_) client->StartRound(options_.packets);
  }

  size_t message_size() const { return load_.packets().front().message_size(); }

 private:
  void Accept() {
    const int fd = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const auto place = clients_.emplace(clients_.end());
    FloodClient::Callbacks callbacks;
    callbacks.subscribed = [place] { Say("subscribed: %s\n", (*place)->client_id().c_str()); };
    callbacks.round_ended = [place] {
      Say("{\"client\": \"%s\", \"packets\": %llu, \"seconds\": %.6f}\n",
          (*place)->client_id().c_str(), static_cast<unsigned long long>((*place)->acknowledged()),
          absl::ToDoubleSeconds((*place)->round_duration()));
    };
    callbacks.closed = [this, place] {
      loop_->RunBeforeWait([this, place] { clients_.erase(place); });
    };
    *place = std::make_unique<FloodClient>(loop_, &load_, fd, options_.window, callbacks);
  }

  sim::EventLoop* const loop_;
  const Options options_;
  const FloodLoad load_;
  TcpListener listener_;
  std::list<std::unique_ptr<FloodClient>> clients_;
};

int OpenSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

int Run(const Options& options) {
  sim::EventLoop loop;
  FloodBroker broker(&loop, options);
  const int signals = OpenSignals();
  loop.Watch(signals, EPOLLIN, [&](uint32_t) {
    signalfd_siginfo info{};
    if (read(signals, &info, sizeof(info)) != sizeof(info)) return;
    info.ssi_signo == SIGUSR1 ? broker.StartRound() : loop.Stop();
  });
  if (broker.port() == 0) {
    std::perror("listen");
    return 1;
  }
  Say("listening on 127.0.0.1:%d, messages of %zu bytes\n", broker.port(), broker.message_size());
  loop.Run();
  return 0;
}

std::variant<Options, int> ParseOptions(int argc, char** argv) {
  Options options;
  CLI::App app("An MQTT broker that sends uplinks as fast as its clients take them.");
  app.footer(
      "On SIGUSR1 every client that has subscribed to uplinks is sent --packets of those that\n"
      "match its filters. Lines on stdout: \"listening on 127.0.0.1:PORT\"; \"subscribed: "
      "CLIENT\"\n"
      "when one subscribes to uplinks; a JSON object when one has acknowledged all of a round.");
  const auto positive = CLI::PositiveNumber;
  app.add_option("--packets", options.packets, "Packets a round and client")
      ->capture_default_str()
      ->check(positive);
  app.add_option("--window", options.window, "Most packets sent and not yet acknowledged")
      ->capture_default_str()
      ->check(CLI::Range(1, 60'000));
  app.add_option("--gateways", options.plan.gateways, "Gateways")
      ->capture_default_str()
      ->check(positive);
  app.add_option("--gateway_id_prefix", options.plan.gateway_id_prefix,
                 "Gateways are called this and a number from 0 up")
      ->capture_default_str();
  app.add_option("--sinks", options.plan.sinks, "Sinks per gateway")
      ->capture_default_str()
      ->check(positive);
  app.add_option("--nodes", options.plan.nodes, "Nodes per sink")
      ->capture_default_str()
      ->check(positive);
  app.add_option("--endpoints", options.plan.endpoints,
                 "Endpoints that packets go to and come from, in turns")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(0, 255));
  app.add_option("--payload_size", options.plan.payload_size, "Bytes of payload in a message")
      ->capture_default_str()
      ->check(CLI::Range(16, 1500));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  return options;
}

}  // namespace
}  // namespace wirepas_grpc::bench

int main(int argc, char** argv) {
  const auto options = wirepas_grpc::bench::ParseOptions(argc, argv);
  if (const int* exit_code = std::get_if<int>(&options)) return *exit_code;
  return wirepas_grpc::bench::Run(std::get<wirepas_grpc::bench::Options>(options));
}
